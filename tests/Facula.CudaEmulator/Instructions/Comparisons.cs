using System.Numerics;

namespace Facula.CudaEmulator;

internal interface IComparison
{
    static abstract bool Do<T>(T a, T b) where T : INumber<T>;
}

internal readonly struct CompareIntegers<TOp, T> : IBinary where TOp : struct, IComparison where T : IBinaryInteger<T>
{
    public static ulong Do(ulong a, ulong b) => TOp.Do(Bits.Read<T>(a), Bits.Read<T>(b)) ? 1u : 0;
}

internal readonly struct CompareFloats<TOp, TFormat, T> : IBinary
    where TOp : struct, IComparison where TFormat : struct, IFormat<T> where T : IBinaryFloatingPointIeee754<T>
{
    public static ulong Do(ulong a, ulong b) => TOp.Do(TFormat.Read(a), TFormat.Read(b)) ? 1u : 0;
}

internal readonly struct Equal : IComparison
{
    public static bool Do<T>(T a, T b) where T : INumber<T> => a == b;
}

/// <summary>False where an argument is NaN, unlike C#'s.</summary>
internal readonly struct NotEqual : IComparison
{
    public static bool Do<T>(T a, T b) where T : INumber<T> => a < b || a > b;
}

internal readonly struct Less : IComparison
{
    public static bool Do<T>(T a, T b) where T : INumber<T> => a < b;
}

internal readonly struct LessOrEqual : IComparison
{
    public static bool Do<T>(T a, T b) where T : INumber<T> => a <= b;
}

internal readonly struct Greater : IComparison
{
    public static bool Do<T>(T a, T b) where T : INumber<T> => a > b;
}

internal readonly struct GreaterOrEqual : IComparison
{
    public static bool Do<T>(T a, T b) where T : INumber<T> => a >= b;
}

/// <summary>True as well where an argument is NaN.</summary>
internal readonly struct Unordered<TOp> : IComparison where TOp : struct, IComparison
{
    public static bool Do<T>(T a, T b) where T : INumber<T> => TOp.Do(a, b) || T.IsNaN(a) || T.IsNaN(b);
}

internal readonly struct BothNumbers : IComparison
{
    public static bool Do<T>(T a, T b) where T : INumber<T> => !T.IsNaN(a) && !T.IsNaN(b);
}

internal readonly struct AnyNaN : IComparison
{
    public static bool Do<T>(T a, T b) where T : INumber<T> => T.IsNaN(a) || T.IsNaN(b);
}

/// <summary>testp: i.Code says which property, i.Count the bytes of the type.</summary>
internal static unsafe class TestProperty
{
    public static readonly string[] Names = ["finite", "infinite", "number", "notanumber", "normal", "subnormal"];

    public static void Run(Warp warp, Instruction i, uint mask)
    {
        ulong* a = warp[i.A];
        uint holds = 0;
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            // A subnormal float32 is a normal double.
            bool is32 = i.Count == 4;
            float single = BitConverter.UInt32BitsToSingle((uint)a[lane]);
            double value = is32 ? single : BitConverter.UInt64BitsToDouble(a[lane]);
            bool result = i.Code switch
            {
                0 => double.IsFinite(value),
                1 => double.IsInfinity(value),
                2 => !double.IsNaN(value),
                3 => double.IsNaN(value),
                4 => is32 ? float.IsNormal(single) : double.IsNormal(value),
                _ => is32 ? float.IsSubnormal(single) : double.IsSubnormal(value),
            };
            if (result) holds |= 1u << lane;
        }
        Loops.Store(warp, i.D, holds, mask);
    }
}

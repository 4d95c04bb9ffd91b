using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Facula.Numerics;

/// <summary>A number made of <see cref="Count"/> lanes of the machine type <typeparamref name="T"/>; the kernels' number type.</summary>
internal unsafe interface ISimd<V, T> : IFloat<V, T>
    where V : unmanaged, ISimd<V, T>
    where T : unmanaged, INumber<T>
{
    static abstract int Count { get; }
    static abstract V Create(T value);
    static abstract V Load(T* source);
    void Store(T* destination);

    /// <summary>The first n lanes from memory, the others zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static virtual V LoadPartial(T* source, nint n)
    {
        V lanes = default;
        Unsafe.CopyBlockUnaligned(&lanes, source, (uint)(n * sizeof(T)));
        return lanes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static virtual void StorePartial(V lanes, T* destination, nint n) =>
        Unsafe.CopyBlockUnaligned(destination, &lanes, (uint)(n * sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V INum<V>.ProductError(V a, V b, V product)
    {
        if (Fma.IsSupported || AdvSimd.IsSupported) return V.MultiplyAdd(a, b, -product);
        // Products of halves are exact (Dekker 1971, "A floating-point technique for extending the available precision").
        V split = V.Const(typeof(T) == typeof(float) ? (1 << 12) + 1 : (1 << 27) + 1);
        V highA = a * split, highB = b * split;
        highA -= highA - a;
        highB -= highB - b;
        V lowA = a - highA, lowB = b - highB;
        return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
    }

    // The conversion to float leaves the rest of its register as it was, so it waits for what is there: in a loop, for the iteration before. Unless
    // that rest is said to be zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V IArithmetic<V>.Parameter(double value) => typeof(T) == typeof(float) && Sse2.IsSupported
        ? V.Create(Unsafe.BitCast<float, T>(Sse2.ConvertScalarToVector128Single(Vector128<float>.Zero, Vector128.CreateScalarUnsafe(value)).ToScalar()))
        : V.Const(value);

    // Exact for any quotient, which takes a loop of its own for each lane.
    static V INum<V>.Remainder(V a, V b)
    {
        T* x = (T*)&a, y = (T*)&b;
        for (int i = 0; i < V.Count; i++) x[i] %= y[i];
        return a;
    }

    static V IFloat<V, T>.FarSin(V a) => LaneByLane(a, &Math.Sin);
    static V IFloat<V, T>.FarCos(V a) => LaneByLane(a, &Math.Cos);
    static V IFloat<V, T>.FarTan(V a) => LaneByLane(a, &Math.Tan);

    private static V LaneByLane(V a, delegate*<double, double> function)
    {
        T* x = (T*)&a;
        for (int i = 0; i < V.Count; i++) x[i] = T.CreateTruncating(function(double.CreateTruncating(x[i])));
        return a;
    }
}

/// <summary>Bit patterns that the lanes of every width share.</summary>
internal static class BitsOf
{
    public const int TwoThirds = 0x3F2AAAAB;
    public const long TwoThirdsDouble = 0x3FE5555555555555;
    // From the bits of the smallest positive normal number to the smallest int: after the addition one signed comparison tells the normals.
    public const int NormalToSmallest = unchecked(int.MinValue - 0x00800000), Normals = int.MinValue + 0x7F000000;
    public const long NormalToSmallestDouble = unchecked(long.MinValue - 0x0010000000000000), NormalsDouble = long.MinValue + 0x7FE0000000000000;
    // Makes the exponents positive, for machines that cannot shift a long arithmetically.
    public const long TwoThirdsBiased = unchecked(TwoThirdsDouble - (2048L << 52));
}

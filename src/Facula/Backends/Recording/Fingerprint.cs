using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends;

/// <summary>
/// A number that is a hash of how it was computed, parameters left out: what a formula does, found out in the time of a handful of multiplications. Two bodies
/// of one operation that differ have different hashes but for one chance in 2^64.
/// </summary>
internal readonly struct Fingerprint : INum<Fingerprint>
{
    private Fingerprint(ulong hash) => Hash = hash;

    public ulong Hash { get; }

    // Multiplication by an odd number and a rotation mix all bits in a few steps; the order of the operands counts.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Fingerprint Of(Function function, ulong a, ulong b = 0, ulong c = 0)
    {
        ulong hash = ((ulong)function + 1) * 0x9E3779B97F4A7C15;
        hash = BitOperations.RotateLeft((hash ^ a) * 0xBF58476D1CE4E5B9, 31);
        hash = BitOperations.RotateLeft((hash ^ b) * 0x94D049BB133111EB, 29);
        return new(BitOperations.RotateLeft((hash ^ c) * 0xD6E8FEB86659FD93, 32));
    }

    private enum Function
    {
        Input, Constant, Parameter, Add, Subtract, Multiply, Divide, Negate, Greater, Less, GreaterOrEqual, LessOrEqual, Equal, Select, And, Or, Not, Min, Max, Abs,
        Sqrt, Floor, Ceiling, Round, Truncate, MultiplyAdd, ProductError, Exp, Expm1, Log, Log1p, Sin, Cos, Tan, Tanh, Erf, Erfcx, Pow, Remainder, Sigmoid, Gelu,
    }

    public static Fingerprint Input(int index) => Of(Function.Input, (ulong)index);
    public static Fingerprint Const(double value) => Of(Function.Constant, BitConverter.DoubleToUInt64Bits(value));
    public static Fingerprint Parameter(double value) => Of(Function.Parameter, (ulong)FormulaParameters.Add(value));

    public static Fingerprint operator +(Fingerprint a, Fingerprint b) => Of(Function.Add, a.Hash, b.Hash);
    public static Fingerprint operator -(Fingerprint a, Fingerprint b) => Of(Function.Subtract, a.Hash, b.Hash);
    public static Fingerprint operator *(Fingerprint a, Fingerprint b) => Of(Function.Multiply, a.Hash, b.Hash);
    public static Fingerprint operator /(Fingerprint a, Fingerprint b) => Of(Function.Divide, a.Hash, b.Hash);
    public static Fingerprint operator -(Fingerprint a) => Of(Function.Negate, a.Hash);
    public static Fingerprint operator >(Fingerprint a, Fingerprint b) => Of(Function.Greater, a.Hash, b.Hash);
    public static Fingerprint operator <(Fingerprint a, Fingerprint b) => Of(Function.Less, a.Hash, b.Hash);
    public static Fingerprint operator >=(Fingerprint a, Fingerprint b) => Of(Function.GreaterOrEqual, a.Hash, b.Hash);
    public static Fingerprint operator <=(Fingerprint a, Fingerprint b) => Of(Function.LessOrEqual, a.Hash, b.Hash);
    public static Fingerprint Equal(Fingerprint a, Fingerprint b) => Of(Function.Equal, a.Hash, b.Hash);
    public static Fingerprint Select(Fingerprint mask, Fingerprint a, Fingerprint b) => Of(Function.Select, mask.Hash, a.Hash, b.Hash);
    public static Fingerprint And(Fingerprint a, Fingerprint b) => Of(Function.And, a.Hash, b.Hash);
    public static Fingerprint Or(Fingerprint a, Fingerprint b) => Of(Function.Or, a.Hash, b.Hash);
    public static Fingerprint Not(Fingerprint a) => Of(Function.Not, a.Hash);
    public static Fingerprint Min(Fingerprint a, Fingerprint b) => Of(Function.Min, a.Hash, b.Hash);
    public static Fingerprint Max(Fingerprint a, Fingerprint b) => Of(Function.Max, a.Hash, b.Hash);
    public static Fingerprint Abs(Fingerprint a) => Of(Function.Abs, a.Hash);
    public static Fingerprint Sqrt(Fingerprint a) => Of(Function.Sqrt, a.Hash);
    public static Fingerprint Floor(Fingerprint a) => Of(Function.Floor, a.Hash);
    public static Fingerprint Ceiling(Fingerprint a) => Of(Function.Ceiling, a.Hash);
    public static Fingerprint Round(Fingerprint a) => Of(Function.Round, a.Hash);
    public static Fingerprint Truncate(Fingerprint a) => Of(Function.Truncate, a.Hash);
    public static Fingerprint MultiplyAdd(Fingerprint a, Fingerprint b, Fingerprint c) => Of(Function.MultiplyAdd, a.Hash, b.Hash, c.Hash);
    public static Fingerprint ProductError(Fingerprint a, Fingerprint b, Fingerprint product) => Of(Function.ProductError, a.Hash, b.Hash, product.Hash);
    public static Fingerprint Exp(Fingerprint a) => Of(Function.Exp, a.Hash);
    public static Fingerprint Expm1(Fingerprint a) => Of(Function.Expm1, a.Hash);
    public static Fingerprint Log(Fingerprint a) => Of(Function.Log, a.Hash);
    public static Fingerprint Log1p(Fingerprint a) => Of(Function.Log1p, a.Hash);
    public static Fingerprint Sin(Fingerprint a) => Of(Function.Sin, a.Hash);
    public static Fingerprint Cos(Fingerprint a) => Of(Function.Cos, a.Hash);
    public static Fingerprint Tan(Fingerprint a) => Of(Function.Tan, a.Hash);
    public static Fingerprint Tanh(Fingerprint a) => Of(Function.Tanh, a.Hash);
    public static Fingerprint Erf(Fingerprint a) => Of(Function.Erf, a.Hash);
    public static Fingerprint Erfcx(Fingerprint a) => Of(Function.Erfcx, a.Hash);
    public static Fingerprint Pow(Fingerprint a, Fingerprint b) => Of(Function.Pow, a.Hash, b.Hash);
    public static Fingerprint Remainder(Fingerprint a, Fingerprint b) => Of(Function.Remainder, a.Hash, b.Hash);
    public static Fingerprint Sigmoid(Fingerprint a) => Of(Function.Sigmoid, a.Hash);
    public static Fingerprint Gelu(Fingerprint a) => Of(Function.Gelu, a.Hash);
}

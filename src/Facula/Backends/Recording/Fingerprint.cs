using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends;

/// <summary>
/// A number that is a hash of how it was computed, parameters left out: what a formula does, found out without recording it. Two bodies of one operation that
/// differ have different hashes but for one chance in 2^64.
/// </summary>
/// <typeparam name="T">float or double: of which precision the elementary functions are; others have none.</typeparam>
internal readonly struct Fingerprint<T> : IFloat<Fingerprint<T>, T>, IFormulaNumber<Fingerprint<T>> where T : unmanaged
{
    private Fingerprint(ulong hash) => Hash = hash;

    public ulong Hash { get; }

    private static Fingerprint<T> Hashed(ulong hash) => new(hash);

    // Multiplication by an odd number and a rotation mix all bits in a few steps; the order of the operands counts.
    private static Fingerprint<T> Of(Opcode opcode, ulong a, ulong b = 0, ulong c = 0)
    {
        ulong hash = ((ulong)opcode + 1) * 0x9E3779B97F4A7C15;
        hash = BitOperations.RotateLeft((hash ^ a) * 0xBF58476D1CE4E5B9, 31);
        hash = BitOperations.RotateLeft((hash ^ b) * 0x94D049BB133111EB, 29);
        return new(BitOperations.RotateLeft((hash ^ c) * 0xD6E8FEB86659FD93, 32));
    }

    public static Fingerprint<T> Input(int index) => Of(Opcode.Input, (ulong)index);
    public static Fingerprint<T> Const(double value) => Of(Opcode.Constant, BitConverter.DoubleToUInt64Bits(value));
    public static Fingerprint<T> Parameter(double value) => Of(Opcode.Parameter, (ulong)FormulaParameters.Add(value));

    public static bool All(Fingerprint<T> mask) => false;

    public static Fingerprint<T> InDouble<TFunction>(Fingerprint<T> a, Fingerprint<T> b) where TFunction : struct, IInDouble =>
        Of(Opcode.Convert, TFunction.Apply(Fingerprint<double>.Hashed(a.Hash), Fingerprint<double>.Hashed(b.Hash)).Hash);

    public static Fingerprint<T> operator +(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Add, a.Hash, b.Hash);
    public static Fingerprint<T> operator -(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Subtract, a.Hash, b.Hash);
    public static Fingerprint<T> operator *(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Multiply, a.Hash, b.Hash);
    public static Fingerprint<T> operator /(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Divide, a.Hash, b.Hash);
    public static Fingerprint<T> operator -(Fingerprint<T> a) => Of(Opcode.Negate, a.Hash);
    public static Fingerprint<T> operator >(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Greater, a.Hash, b.Hash);
    public static Fingerprint<T> operator <(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Less, a.Hash, b.Hash);
    public static Fingerprint<T> operator >=(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.GreaterOrEqual, a.Hash, b.Hash);
    public static Fingerprint<T> operator <=(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.LessOrEqual, a.Hash, b.Hash);
    public static Fingerprint<T> Equal(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Equal, a.Hash, b.Hash);
    public static Fingerprint<T> Select(Fingerprint<T> mask, Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Select, mask.Hash, a.Hash, b.Hash);
    public static Fingerprint<T> And(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.And, a.Hash, b.Hash);
    public static Fingerprint<T> Or(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Or, a.Hash, b.Hash);
    public static Fingerprint<T> Not(Fingerprint<T> a) => Of(Opcode.Not, a.Hash);
    public static Fingerprint<T> Min(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Min, a.Hash, b.Hash);
    public static Fingerprint<T> Max(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Max, a.Hash, b.Hash);
    public static Fingerprint<T> AtLeast(Fingerprint<T> a, Fingerprint<T> bound) => Of(Opcode.AtLeast, a.Hash, bound.Hash);
    public static Fingerprint<T> AtMost(Fingerprint<T> a, Fingerprint<T> bound) => Of(Opcode.AtMost, a.Hash, bound.Hash);
    public static Fingerprint<T> Abs(Fingerprint<T> a) => Of(Opcode.Abs, a.Hash);
    public static Fingerprint<T> CopySign(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.CopySign, a.Hash, b.Hash);
    public static Fingerprint<T> Sqrt(Fingerprint<T> a) => Of(Opcode.Sqrt, a.Hash);
    public static Fingerprint<T> Floor(Fingerprint<T> a) => Of(Opcode.Floor, a.Hash);
    public static Fingerprint<T> Ceiling(Fingerprint<T> a) => Of(Opcode.Ceiling, a.Hash);
    public static Fingerprint<T> Round(Fingerprint<T> a) => Of(Opcode.Round, a.Hash);
    public static Fingerprint<T> Truncate(Fingerprint<T> a) => Of(Opcode.Truncate, a.Hash);
    public static Fingerprint<T> MultiplyAdd(Fingerprint<T> a, Fingerprint<T> b, Fingerprint<T> c) => Of(Opcode.MultiplyAdd, a.Hash, b.Hash, c.Hash);
    public static Fingerprint<T> ProductError(Fingerprint<T> a, Fingerprint<T> b, Fingerprint<T> product) =>
        Of(Opcode.ProductError, a.Hash, b.Hash, product.Hash);
    public static Fingerprint<T> Remainder(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Remainder, a.Hash, b.Hash);
    public static Fingerprint<T> PowerOfTwo(Fingerprint<T> n) => Of(Opcode.PowerOfTwo, n.Hash);
    public static Fingerprint<T> Scale(Fingerprint<T> a, Fingerprint<T> n) => Of(Opcode.Scale, a.Hash, n.Hash);
    public static Fingerprint<T> NearestExponent(Fingerprint<T> a) => Of(Opcode.NearestExponent, a.Hash);
    public static Fingerprint<T> NearestMantissa(Fingerprint<T> a) => Of(Opcode.NearestMantissa, a.Hash);
    public static Fingerprint<T> Xor(Fingerprint<T> a, Fingerprint<T> b) => Of(Opcode.Xor, a.Hash, b.Hash);
    public static Fingerprint<T> IsPositiveNormal(Fingerprint<T> a) => Of(Opcode.IsPositiveNormal, a.Hash);
    public static Fingerprint<T> LowBitAsSign(Fingerprint<T> a) => Of(Opcode.LowBitAsSign, a.Hash);
    public static Fingerprint<T> SecondBitAsSign(Fingerprint<T> a) => Of(Opcode.SecondBitAsSign, a.Hash);
    public static Fingerprint<T> FarSin(Fingerprint<T> a) => Of(Opcode.FarSin, a.Hash);
    public static Fingerprint<T> FarCos(Fingerprint<T> a) => Of(Opcode.FarCos, a.Hash);
    public static Fingerprint<T> FarTan(Fingerprint<T> a) => Of(Opcode.FarTan, a.Hash);
}

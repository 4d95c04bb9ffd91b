using Facula.Numerics;

namespace Facula.Backends;

/// <summary>
/// The number by which a formula is compiled for a device: without memory or lanes, only the primitive instructions are its own. It knows of no number
/// whether it is unusual, so it gets the elementary functions with all they do for such ones.
/// </summary>
/// <typeparam name="T">float, double or long: the types that formulas are computed in.</typeparam>
internal sealed class Recorder<T> : Recorded, IFloat<Recorder<T>, T>, IFormulaNumber<Recorder<T>> where T : unmanaged
{
    private Recorder(Opcode opcode, params ReadOnlySpan<Recorded> operands) : base(opcode, DType.Of<T>(), operands) { }

    private Recorder(Opcode opcode, double constant, int index) : base(opcode, DType.Of<T>(), constant, index) { }

    public static Recorder<T> Input(int index) => new(Opcode.Input, 0, index);
    public static Recorder<T> Const(double value) => new(Opcode.Constant, value, 0);
    /// <summary>A number that comes with each call, as the argument that <see cref="FormulaParameters"/> counts it to be.</summary>
    public static Recorder<T> Parameter(double value) => new(Opcode.Parameter, value, FormulaParameters.Add(value));

    public static bool All(Recorder<T> mask) => false;

    public static Recorder<T> InDouble<TFunction>(Recorder<T> a, Recorder<T> b) where TFunction : struct, IInDouble
    {
        if (typeof(T) != typeof(float)) return (Recorder<T>)(object)TFunction.Apply((Recorder<double>)(object)a, (Recorder<double>)(object)b);
        return new(Opcode.Convert, TFunction.Apply(Widen(a), Widen(b)));
    }

    private static Recorder<double> Widen(Recorder<T> a) => new(Opcode.Convert, a);

    /// <summary>Of whole numbers an instruction; of others what it is made of.</summary>
    public static Recorder<T> Pow(Recorder<T> a, Recorder<T> b) => typeof(T) == typeof(long) ? new(Opcode.Power, a, b) : Elementary.Pow<Recorder<T>, T>(a, b);

    public static Recorder<T> operator +(Recorder<T> a, Recorder<T> b) => new(Opcode.Add, a, b);
    public static Recorder<T> operator -(Recorder<T> a, Recorder<T> b) => new(Opcode.Subtract, a, b);
    public static Recorder<T> operator *(Recorder<T> a, Recorder<T> b) => new(Opcode.Multiply, a, b);
    public static Recorder<T> operator /(Recorder<T> a, Recorder<T> b) => new(Opcode.Divide, a, b);
    public static Recorder<T> operator -(Recorder<T> a) => new(Opcode.Negate, a);
    public static Recorder<T> operator >(Recorder<T> a, Recorder<T> b) => new(Opcode.Greater, a, b);
    public static Recorder<T> operator <(Recorder<T> a, Recorder<T> b) => new(Opcode.Less, a, b);
    public static Recorder<T> operator >=(Recorder<T> a, Recorder<T> b) => new(Opcode.GreaterOrEqual, a, b);
    public static Recorder<T> operator <=(Recorder<T> a, Recorder<T> b) => new(Opcode.LessOrEqual, a, b);
    public static Recorder<T> Equal(Recorder<T> a, Recorder<T> b) => new(Opcode.Equal, a, b);
    public static Recorder<T> Select(Recorder<T> mask, Recorder<T> a, Recorder<T> b) => new(Opcode.Select, mask, a, b);
    public static Recorder<T> And(Recorder<T> a, Recorder<T> b) => new(Opcode.And, a, b);
    public static Recorder<T> Or(Recorder<T> a, Recorder<T> b) => new(Opcode.Or, a, b);
    public static Recorder<T> Not(Recorder<T> a) => new(Opcode.Not, a);
    public static Recorder<T> Min(Recorder<T> a, Recorder<T> b) => new(Opcode.Min, a, b);
    public static Recorder<T> Max(Recorder<T> a, Recorder<T> b) => new(Opcode.Max, a, b);
    public static Recorder<T> AtLeast(Recorder<T> a, Recorder<T> bound) => new(Opcode.AtLeast, a, bound);
    public static Recorder<T> AtMost(Recorder<T> a, Recorder<T> bound) => new(Opcode.AtMost, a, bound);
    public static Recorder<T> Abs(Recorder<T> a) => new(Opcode.Abs, a);
    public static Recorder<T> CopySign(Recorder<T> a, Recorder<T> b) => new(Opcode.CopySign, a, b);
    public static Recorder<T> Sqrt(Recorder<T> a) => new(Opcode.Sqrt, a);
    public static Recorder<T> Floor(Recorder<T> a) => new(Opcode.Floor, a);
    public static Recorder<T> Ceiling(Recorder<T> a) => new(Opcode.Ceiling, a);
    public static Recorder<T> Round(Recorder<T> a) => new(Opcode.Round, a);
    public static Recorder<T> Truncate(Recorder<T> a) => new(Opcode.Truncate, a);
    public static Recorder<T> MultiplyAdd(Recorder<T> a, Recorder<T> b, Recorder<T> c) => new(Opcode.MultiplyAdd, a, b, c);
    public static Recorder<T> ProductError(Recorder<T> a, Recorder<T> b, Recorder<T> product) => new(Opcode.ProductError, a, b, product);
    public static Recorder<T> Remainder(Recorder<T> a, Recorder<T> b) => new(Opcode.Remainder, a, b);
    public static Recorder<T> PowerOfTwo(Recorder<T> n) => new(Opcode.PowerOfTwo, n);
    public static Recorder<T> Scale(Recorder<T> a, Recorder<T> n) => new(Opcode.Scale, a, n);
    public static Recorder<T> NearestExponent(Recorder<T> a) => new(Opcode.NearestExponent, a);
    public static Recorder<T> NearestMantissa(Recorder<T> a) => new(Opcode.NearestMantissa, a);
    public static Recorder<T> Xor(Recorder<T> a, Recorder<T> b) => new(Opcode.Xor, a, b);
    public static Recorder<T> IsPositiveNormal(Recorder<T> a) => new(Opcode.IsPositiveNormal, a);
    public static Recorder<T> LowBitAsSign(Recorder<T> a) => new(Opcode.LowBitAsSign, a);
    public static Recorder<T> SecondBitAsSign(Recorder<T> a) => new(Opcode.SecondBitAsSign, a);
    public static Recorder<T> FarSin(Recorder<T> a) => new(Opcode.FarSin, a);
    public static Recorder<T> FarCos(Recorder<T> a) => new(Opcode.FarCos, a);
    public static Recorder<T> FarTan(Recorder<T> a) => new(Opcode.FarTan, a);
}

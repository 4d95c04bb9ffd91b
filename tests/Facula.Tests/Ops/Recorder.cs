using Facula.Numerics;

namespace Facula.Tests.Ops;

/// <summary>A number that remembers how it was computed, of any precision: a node of the graph that <see cref="Recording"/> puts in order.</summary>
internal abstract class Recorded
{
    private static readonly string[] Comparisons = ["greater", "less", "greater_equal", "less_equal", "equal", "is_positive_normal"];
    private static readonly string[] Logic = ["and", "or", "not"];

    protected Recorded(string operation, Type type, Recorded[] operands, double constant)
    {
        (Operation, Type, Operands, Constant) = (operation, type, operands, constant);
        for (int i = 0; i < operands.Length; i++)
        {
            bool takesMask = Logic.Contains(operation) || (operation == "select" && i == 0);
            if (operands[i].IsMask == takesMask) continue;
            throw new InvalidOperationException($"{operation}: operand {i} is a {(takesMask ? "number, not a mask" : "mask, not a number")}.");
        }
    }

    public string Operation { get; }
    public Type Type { get; }
    public IReadOnlyList<Recorded> Operands { get; }
    public double Constant { get; }
    public bool IsMask => Comparisons.Contains(Operation) || Logic.Contains(Operation);
}

/// <summary>
/// The proof that a formula can be compiled for a device: a number without memory or lanes, of which only the primitive instructions are its own. It knows of
/// no number whether it is unusual, so it gets the elementary functions with all they do for such ones.
/// </summary>
internal sealed class Recorder<T> : Recorded, IFloat<Recorder<T>, T>
{
    internal Recorder(string operation, params Recorded[] operands) : base(operation, typeof(T), operands, 0) { }

    private Recorder(string operation, double constant) : base(operation, typeof(T), [], constant) { }

    public static Recorder<T> Input(int index) => new("input", index);
    public static Recorder<T> Const(double value) => new("constant", value);
    /// <summary>A number that comes with each call: a part of the formula only in that it is asked for.</summary>
    public static Recorder<T> Parameter(double value) => new("parameter", value);

    public static bool All(Recorder<T> mask) => false;

    public static Recorder<T> InDouble<TFunction>(Recorder<T> a, Recorder<T> b) where TFunction : struct, IInDouble => typeof(T) == typeof(float)
        ? new("narrow", TFunction.Apply(new Recorder<double>("widen", a), new Recorder<double>("widen", b)))
        : (Recorder<T>)(object)TFunction.Apply((Recorder<double>)(object)a, (Recorder<double>)(object)b);

    public static Recorder<T> operator +(Recorder<T> a, Recorder<T> b) => new("add", a, b);
    public static Recorder<T> operator -(Recorder<T> a, Recorder<T> b) => new("subtract", a, b);
    public static Recorder<T> operator *(Recorder<T> a, Recorder<T> b) => new("multiply", a, b);
    public static Recorder<T> operator /(Recorder<T> a, Recorder<T> b) => new("divide", a, b);
    public static Recorder<T> operator -(Recorder<T> a) => new("negate", a);
    public static Recorder<T> operator >(Recorder<T> a, Recorder<T> b) => new("greater", a, b);
    public static Recorder<T> operator <(Recorder<T> a, Recorder<T> b) => new("less", a, b);
    public static Recorder<T> operator >=(Recorder<T> a, Recorder<T> b) => new("greater_equal", a, b);
    public static Recorder<T> operator <=(Recorder<T> a, Recorder<T> b) => new("less_equal", a, b);
    public static Recorder<T> Equal(Recorder<T> a, Recorder<T> b) => new("equal", a, b);
    public static Recorder<T> Select(Recorder<T> mask, Recorder<T> a, Recorder<T> b) => new("select", mask, a, b);
    public static Recorder<T> And(Recorder<T> a, Recorder<T> b) => new("and", a, b);
    public static Recorder<T> Or(Recorder<T> a, Recorder<T> b) => new("or", a, b);
    public static Recorder<T> Not(Recorder<T> a) => new("not", a);
    public static Recorder<T> Min(Recorder<T> a, Recorder<T> b) => new("min", a, b);
    public static Recorder<T> Max(Recorder<T> a, Recorder<T> b) => new("max", a, b);
    public static Recorder<T> AtLeast(Recorder<T> a, Recorder<T> bound) => new("at_least", a, bound);
    public static Recorder<T> AtMost(Recorder<T> a, Recorder<T> bound) => new("at_most", a, bound);
    public static Recorder<T> Abs(Recorder<T> a) => new("abs", a);
    public static Recorder<T> CopySign(Recorder<T> a, Recorder<T> b) => new("copy_sign", a, b);
    public static Recorder<T> Sqrt(Recorder<T> a) => new("sqrt", a);
    public static Recorder<T> Floor(Recorder<T> a) => new("floor", a);
    public static Recorder<T> Ceiling(Recorder<T> a) => new("ceiling", a);
    public static Recorder<T> Round(Recorder<T> a) => new("round", a);
    public static Recorder<T> Truncate(Recorder<T> a) => new("truncate", a);
    public static Recorder<T> MultiplyAdd(Recorder<T> a, Recorder<T> b, Recorder<T> c) => new("multiply_add", a, b, c);
    public static Recorder<T> ProductError(Recorder<T> a, Recorder<T> b, Recorder<T> product) => new("product_error", a, b, product);
    public static Recorder<T> Remainder(Recorder<T> a, Recorder<T> b) => new("remainder", a, b);
    public static Recorder<T> PowerOfTwo(Recorder<T> n) => new("power_of_two", n);
    public static Recorder<T> Scale(Recorder<T> a, Recorder<T> n) => new("scale", a, n);
    public static Recorder<T> NearestExponent(Recorder<T> a) => new("nearest_exponent", a);
    public static Recorder<T> NearestMantissa(Recorder<T> a) => new("nearest_mantissa", a);
    public static Recorder<T> Xor(Recorder<T> a, Recorder<T> b) => new("xor", a, b);
    public static Recorder<T> IsPositiveNormal(Recorder<T> a) => new("is_positive_normal", a);
    public static Recorder<T> LowBitAsSign(Recorder<T> a) => new("low_bit_as_sign", a);
    public static Recorder<T> SecondBitAsSign(Recorder<T> a) => new("second_bit_as_sign", a);
    public static Recorder<T> FarSin(Recorder<T> a) => new("far_sin", a);
    public static Recorder<T> FarCos(Recorder<T> a) => new("far_cos", a);
    public static Recorder<T> FarTan(Recorder<T> a) => new("far_tan", a);
}

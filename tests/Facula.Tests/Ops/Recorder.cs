using System.Globalization;
using Facula.Numerics;

namespace Facula.Tests.Ops;

/// <summary>
/// A number that remembers how it was computed: the proof that a formula can be printed, as a GPU's source is, and that it says the same
/// as its scalar meaning.
/// </summary>
internal sealed class Recorder(string name, params Recorder[] operands) : INum<Recorder>
{
    private readonly double _value;

    private Recorder(string kind, double value) : this(kind) => _value = value;

    public static Recorder Variable(string name) => new(name);

    public static Recorder Const(double value) => new("const", value);

    /// <summary>A number that comes with each call: a part of the formula only in that it is asked for.</summary>
    public static Recorder Parameter(double value) => new("parameter", value);

    /// <summary>The value where the variables have the given ones, by System.Math.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The formula is not defined there.</exception>
    public double Evaluate(IReadOnlyDictionary<string, double> variables)
    {
        if (name is "const" or "parameter") return _value;
        if (operands.Length == 0) return variables[name];
        double[] v = [.. operands.Select(operand => operand.Evaluate(variables))];
        double a = v[0], b = v.Length > 1 ? v[1] : 0, c = v.Length > 2 ? v[2] : 0;
        return name switch
        {
            "+" => a + b,
            "-" => v.Length == 1 ? -a : a - b,
            "*" => a * b,
            "/" => a / b,
            ">" => a > b ? 1 : 0,
            "<" => a < b ? 1 : 0,
            ">=" => a >= b ? 1 : 0,
            "<=" => a <= b ? 1 : 0,
            "==" => a == b ? 1 : 0,
            "select" => a != 0 ? b : c,
            "and" => a != 0 && b != 0 ? 1 : 0,
            "or" => a != 0 || b != 0 ? 1 : 0,
            "not" => a == 0 ? 1 : 0,
            "min" => Math.Min(a, b),
            "max" => Math.Max(a, b),
            "abs" => Math.Abs(a),
            "sqrt" => Math.Sqrt(a),
            "floor" => Math.Floor(a),
            "ceil" => Math.Ceiling(a),
            "round" => Math.Round(a),
            "trunc" => Math.Truncate(a),
            "fma" => Math.FusedMultiplyAdd(a, b, c),
            "exp" => Math.Exp(a),
            "expm1" => Expm1(a),
            "log" => Math.Log(a),
            "log1p" => Log1p(a),
            "sin" => Math.Sin(a),
            "cos" => Math.Cos(a),
            "tan" => Math.Tan(a),
            "tanh" => Math.Tanh(a),
            "erf" => Erf(a),
            "erfcx" => Erfcx(a),
            "pow" => Math.Pow(a, b),
            "remainder" => a % b,
            _ => throw new NotSupportedException(name),
        };
    }

    // The base library's ExpM1 and LogP1 lose digits near 0; these two do not (Kahan; see Higham, Accuracy and Stability, 1.14.1).
    private static double Expm1(double x)
    {
        double u = Math.Exp(x);
        return u == 1 ? x : u - 1 == -1 || double.IsInfinity(u) ? u - 1 : (u - 1) * x / Math.Log(u);
    }

    private static double Log1p(double x) => 1 + x == 1 ? x : Math.Log(1 + x) * x / (1 + x - 1);

    /// <summary>By Simpson's rule, which at this step is exact to the last digits.</summary>
    private static double Erf(double x)
    {
        const int Steps = 20_000;
        double h = x / Steps, sum = 1 + Math.Exp(-x * x);
        for (int i = 1; i < Steps; i++) sum += (i % 2 == 0 ? 2 : 4) * Math.Exp(-(i * h) * (i * h));
        return sum * h / 3 * 2 / Math.Sqrt(Math.PI);
    }

    /// <summary>2/sqrt(pi) times the integral of e^(-t^2 - 2xt) over t from 0 to infinity, by Simpson's rule too.</summary>
    private static double Erfcx(double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        const int Steps = 20_000;
        double h = 7.0 / Steps, sum = 1;
        for (int i = 1; i < Steps; i++) sum += (i % 2 == 0 ? 2 : 4) * Math.Exp(-(i * h) * (i * h + 2 * x));
        return sum * h / 3 * 2 / Math.Sqrt(Math.PI);
    }

    /// <summary>The formula as text.</summary>
    public override string ToString() => operands.Length switch
    {
        0 when name == "const" => _value.ToString("R", CultureInfo.InvariantCulture),
        0 => name,
        1 when name == "-" => $"-{operands[0]}",
        2 when !char.IsLetter(name[0]) => $"({operands[0]} {name} {operands[1]})",
        _ => $"{name}({string.Join<Recorder>(", ", operands)})",
    };

    public static Recorder operator +(Recorder a, Recorder b) => new("+", a, b);
    public static Recorder operator -(Recorder a, Recorder b) => new("-", a, b);
    public static Recorder operator *(Recorder a, Recorder b) => new("*", a, b);
    public static Recorder operator /(Recorder a, Recorder b) => new("/", a, b);
    public static Recorder operator -(Recorder a) => new("-", a);
    public static Recorder operator >(Recorder a, Recorder b) => new(">", a, b);
    public static Recorder operator <(Recorder a, Recorder b) => new("<", a, b);
    public static Recorder operator >=(Recorder a, Recorder b) => new(">=", a, b);
    public static Recorder operator <=(Recorder a, Recorder b) => new("<=", a, b);
    public static Recorder Equal(Recorder a, Recorder b) => new("==", a, b);
    public static Recorder Select(Recorder mask, Recorder a, Recorder b) => new("select", mask, a, b);
    public static Recorder And(Recorder a, Recorder b) => new("and", a, b);
    public static Recorder Or(Recorder a, Recorder b) => new("or", a, b);
    public static Recorder Not(Recorder a) => new("not", a);
    public static Recorder Min(Recorder a, Recorder b) => new("min", a, b);
    public static Recorder Max(Recorder a, Recorder b) => new("max", a, b);
    public static Recorder Abs(Recorder a) => new("abs", a);
    public static Recorder Sqrt(Recorder a) => new("sqrt", a);
    public static Recorder Floor(Recorder a) => new("floor", a);
    public static Recorder Ceiling(Recorder a) => new("ceil", a);
    public static Recorder Round(Recorder a) => new("round", a);
    public static Recorder Truncate(Recorder a) => new("trunc", a);
    public static Recorder MultiplyAdd(Recorder a, Recorder b, Recorder c) => new("fma", a, b, c);
    public static Recorder ProductError(Recorder a, Recorder b, Recorder product) => new("fma", a, b, -product);
    public static Recorder Exp(Recorder a) => new("exp", a);
    public static Recorder Expm1(Recorder a) => new("expm1", a);
    public static Recorder Log(Recorder a) => new("log", a);
    public static Recorder Log1p(Recorder a) => new("log1p", a);
    public static Recorder Sin(Recorder a) => new("sin", a);
    public static Recorder Cos(Recorder a) => new("cos", a);
    public static Recorder Tan(Recorder a) => new("tan", a);
    public static Recorder Tanh(Recorder a) => new("tanh", a);
    public static Recorder Erf(Recorder a) => new("erf", a);
    public static Recorder Erfcx(Recorder a) => new("erfcx", a);
    public static Recorder Pow(Recorder a, Recorder b) => new("pow", a, b);
    public static Recorder Remainder(Recorder a, Recorder b) => new("remainder", a, b);
}

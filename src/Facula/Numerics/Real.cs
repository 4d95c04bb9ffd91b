namespace Facula.Numerics;

/// <summary>
/// The oracle's number: one double, by System.Math and <see cref="Precise"/>. What the fast number types compute is judged by what this one does.
/// </summary>
internal readonly partial struct Real(double value) : INum<Real>
{
    public double Value { get; } = value;
    // A mask is kept apart from the value, so that using one as a number, or a number as a mask, shows.
    private readonly bool? mask;

    private Real(bool holds) : this(double.NaN) => mask = holds;

    public bool Holds => mask ?? throw new InvalidOperationException("A number was used as a mask.");

    public static implicit operator Real(double value) => new(value);
    public static explicit operator double(Real a) => a.Value;
    public override string ToString() => mask is { } holds ? holds.ToString() : Value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static Real Const(double value) => new(value);

    public static Real operator +(Real a, Real b) => a.Value + b.Value;
    public static Real operator -(Real a, Real b) => a.Value - b.Value;
    public static Real operator *(Real a, Real b) => a.Value * b.Value;
    public static Real operator /(Real a, Real b) => a.Value / b.Value;
    public static Real operator -(Real a) => -a.Value;

    public static Real operator >(Real a, Real b) => new(a.Value > b.Value);
    public static Real operator <(Real a, Real b) => new(a.Value < b.Value);
    public static Real operator >=(Real a, Real b) => new(a.Value >= b.Value);
    public static Real operator <=(Real a, Real b) => new(a.Value <= b.Value);
    public static Real Equal(Real a, Real b) => new(a.Value == b.Value);

    public static Real Select(Real mask, Real a, Real b) => mask.Holds ? a : b;
    public static Real And(Real a, Real b) => new(a.Holds & b.Holds);
    public static Real Or(Real a, Real b) => new(a.Holds | b.Holds);
    public static Real Not(Real a) => new(!a.Holds);

    public static Real Min(Real a, Real b) => Math.Min(a.Value, b.Value);
    public static Real Max(Real a, Real b) => Math.Max(a.Value, b.Value);
    public static Real Abs(Real a) => Math.Abs(a.Value);
    public static Real Sqrt(Real a) => Math.Sqrt(a.Value);
    public static Real Floor(Real a) => Math.Floor(a.Value);
    public static Real Ceiling(Real a) => Math.Ceiling(a.Value);
    public static Real Round(Real a) => Math.Round(a.Value);
    public static Real Truncate(Real a) => Math.Truncate(a.Value);
    public static Real MultiplyAdd(Real a, Real b, Real c) => Math.FusedMultiplyAdd(a.Value, b.Value, c.Value);
    public static Real ProductError(Real a, Real b, Real product) => Math.FusedMultiplyAdd(a.Value, b.Value, -product.Value);

    public static Real Exp(Real a) => Math.Exp(a.Value);
    public static Real Log(Real a) => Math.Log(a.Value);
    public static Real Sin(Real a) => Math.Sin(a.Value);
    public static Real Cos(Real a) => Math.Cos(a.Value);
    public static Real Tan(Real a) => Math.Tan(a.Value);
    public static Real Tanh(Real a) => Math.Tanh(a.Value);
    public static Real Remainder(Real a, Real b) => a.Value % b.Value;
    public static Real Pow(Real a, Real b) => Math.Pow(a.Value, b.Value);

    // As e^x / (1 + e^x) where e^-x may be infinite.
    public static Real Sigmoid(Real a) => a.Value < 0 ? Math.Exp(a.Value) / (1 + Math.Exp(a.Value)) : 1 / (1 + Math.Exp(-a.Value));
}

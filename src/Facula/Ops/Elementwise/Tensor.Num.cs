using Facula.Numerics;

namespace Facula;

/// <summary>
/// A tensor as a number: what a formula means when its gradient is itself differentiated. Each elementary function stands with its operation.
/// </summary>
public partial class Tensor : INum<Tensor>
{
    static Tensor IArithmetic<Tensor>.Const(double value) => Wrap(value);
    static Tensor IArithmetic<Tensor>.Equal(Tensor a, Tensor b) => a == b;
    static Tensor IArithmetic<Tensor>.Select(Tensor mask, Tensor a, Tensor b) => Where(mask, a, b);
    static Tensor IArithmetic<Tensor>.And(Tensor a, Tensor b) => a & b;
    static Tensor IArithmetic<Tensor>.Or(Tensor a, Tensor b) => a | b;
    static Tensor IArithmetic<Tensor>.Not(Tensor a) => !a;
    static Tensor IArithmetic<Tensor>.Min(Tensor a, Tensor b) => a.Minimum(b);
    static Tensor IArithmetic<Tensor>.Max(Tensor a, Tensor b) => a.Maximum(b);
    static Tensor IArithmetic<Tensor>.Abs(Tensor a) => a.Abs();
    static Tensor IArithmetic<Tensor>.Sqrt(Tensor a) => a.Sqrt();
    static Tensor IArithmetic<Tensor>.Floor(Tensor a) => a.Floor();
    static Tensor IArithmetic<Tensor>.Ceiling(Tensor a) => a.Ceil();
    static Tensor IArithmetic<Tensor>.Round(Tensor a) => a.Round();
    static Tensor IArithmetic<Tensor>.Truncate(Tensor a) => a.Trunc();
    static Tensor IArithmetic<Tensor>.MultiplyAdd(Tensor a, Tensor b, Tensor c) => a * b + c;
    static Tensor INum<Tensor>.ProductError(Tensor a, Tensor b, Tensor product) => a * b - product;
}

using Facula.Numerics;

namespace Facula;

/// <summary>A tensor as a number: what a formula means when its gradient is itself differentiated.</summary>
public partial class Tensor : INum<Tensor>
{
    static Tensor INum<Tensor>.Const(double value) => Wrap(value);
    static Tensor INum<Tensor>.Equal(Tensor a, Tensor b) => a == b;
    static Tensor INum<Tensor>.Select(Tensor mask, Tensor a, Tensor b) => Where(mask, a, b);
    static Tensor INum<Tensor>.And(Tensor a, Tensor b) => a & b;
    static Tensor INum<Tensor>.Or(Tensor a, Tensor b) => a | b;
    static Tensor INum<Tensor>.Not(Tensor a) => !a;
    static Tensor INum<Tensor>.Min(Tensor a, Tensor b) => a.Minimum(b);
    static Tensor INum<Tensor>.Max(Tensor a, Tensor b) => a.Maximum(b);
    static Tensor INum<Tensor>.Abs(Tensor a) => a.Abs();
    static Tensor INum<Tensor>.Sqrt(Tensor a) => a.Sqrt();
    static Tensor INum<Tensor>.Floor(Tensor a) => a.Floor();
    static Tensor INum<Tensor>.Ceiling(Tensor a) => a.Ceil();
    static Tensor INum<Tensor>.Round(Tensor a) => a.Round();
    static Tensor INum<Tensor>.Truncate(Tensor a) => a.Trunc();
    static Tensor INum<Tensor>.MultiplyAdd(Tensor a, Tensor b, Tensor c) => a * b + c;
    static Tensor INum<Tensor>.ProductError(Tensor a, Tensor b, Tensor product) => a * b - product;
    static Tensor INum<Tensor>.Exp(Tensor a) => a.Exp();
    static Tensor INum<Tensor>.Expm1(Tensor a) => a.Expm1();
    static Tensor INum<Tensor>.Log(Tensor a) => a.Log();
    static Tensor INum<Tensor>.Log1p(Tensor a) => a.Log1p();
    static Tensor INum<Tensor>.Sin(Tensor a) => a.Sin();
    static Tensor INum<Tensor>.Cos(Tensor a) => a.Cos();
    static Tensor INum<Tensor>.Tan(Tensor a) => a.Tan();
    static Tensor INum<Tensor>.Tanh(Tensor a) => a.Tanh();
    static Tensor INum<Tensor>.Erf(Tensor a) => a.Erf();
    static Tensor INum<Tensor>.Erfcx(Tensor a) => Unary(new ErfcxOp(), a);
    static Tensor INum<Tensor>.Pow(Tensor a, Tensor b) => a.Pow(b);
    static Tensor INum<Tensor>.Remainder(Tensor a, Tensor b) => Binary(new TruncatedRemainderOp(), a, b);
    static Tensor INum<Tensor>.Sigmoid(Tensor a) => a.Sigmoid();
}

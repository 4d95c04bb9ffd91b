using Facula.Numerics;

namespace Facula;

internal readonly struct AddOp : IBinaryOp
{
    public static string Name => "add";
    public static bool Fuses => false;
    public static Reads GradAReads => Reads.Nothing;
    public static Reads GradBReads => Reads.Nothing;
    public T Forward<T>(T a, T b) where T : INum<T> => a + b;
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g;
    public T GradB<T>(T g, T a, T b) where T : INum<T> => g;
}

/// <summary>a + alpha b.</summary>
internal readonly struct AddScaledOp(double alpha) : IBinaryOp
{
    public static string Name => "add";
    public static bool Fuses => false;
    public static Reads GradAReads => Reads.Nothing;
    public static Reads GradBReads => Reads.Nothing;
    public T Forward<T>(T a, T b) where T : INum<T> => T.MultiplyAdd(b, T.Parameter(alpha), a);
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g;
    public T GradB<T>(T g, T a, T b) where T : INum<T> => g * T.Parameter(alpha);
}

internal readonly struct SubtractOp : IBinaryOp
{
    public static string Name => "subtract";
    public static bool TakesBool => false;
    public static bool MixesBool => false;
    public static bool Fuses => false;
    public static Reads GradAReads => Reads.Nothing;
    public static Reads GradBReads => Reads.Nothing;
    public T Forward<T>(T a, T b) where T : INum<T> => a - b;
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g;
    public T GradB<T>(T g, T a, T b) where T : INum<T> => -g;
}

internal readonly struct MultiplyOp : IBinaryOp
{
    public static string Name => "multiply";
    public static bool Converts => false;
    public static bool Fuses => false;
    public static Reads GradAReads => Reads.B;
    public static Reads GradBReads => Reads.A;
    public T Forward<T>(T a, T b) where T : INum<T> => a * b;
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g * b;
    public T GradB<T>(T g, T a, T b) where T : INum<T> => g * a;
}

internal readonly struct DivideOp : IBinaryOp
{
    public static string Name => "divide";
    public static bool Converts => false;
    public static ResultKind Result => ResultKind.Float;
    public static Reads GradAReads => Reads.B;
    public T Forward<T>(T a, T b) where T : INum<T> => a / b;
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g / b;
    public T GradB<T>(T g, T a, T b) where T : INum<T> => -g * (a / b / b);
}

internal readonly struct NegOp : IUnaryOp
{
    public static string Name => "neg";
    public static ResultKind Result => ResultKind.Same;
    public static bool TakesBool => false;
    public static SavedForBackward SavedForBackward => SavedForBackward.Nothing;
    public T Forward<T>(T x) where T : INum<T> => -x;
    public T Grad<T>(T g, T x, T y) where T : INum<T> => -g;
}

public partial class Tensor
{
    /// <summary>a + b, element by element, with broadcasting and type promotion. torch.add.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => Binary(new AddOp(), a, b);
    /// <summary>a - b. torch.sub.</summary>
    /// <exception cref="ArgumentException">An operand is bool.</exception>
    public static Tensor operator -(Tensor a, Tensor b) => Binary(new SubtractOp(), a, b);
    /// <summary>a * b, element by element. torch.mul.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => Binary(new MultiplyOp(), a, b);
    /// <summary>a / b; integers give float32. torch.div.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => Binary(new DivideOp(), a, b);
    /// <summary>-a. torch.neg.</summary>
    public static Tensor operator -(Tensor a) => Check.NotNull(a, operation: "neg").Neg();

    /// <summary>a + b for a plain number, which does not widen the tensor's type.</summary>
    public static Tensor operator +(Tensor a, Scalar b) => Binary(new AddOp(), a, Wrap(b));
    /// <summary>a + b for a plain number.</summary>
    public static Tensor operator +(Scalar a, Tensor b) => Binary(new AddOp(), Wrap(a), b);
    /// <summary>a - b for a plain number.</summary>
    public static Tensor operator -(Tensor a, Scalar b) => Binary(new SubtractOp(), a, Wrap(b));
    /// <summary>a - b for a plain number.</summary>
    public static Tensor operator -(Scalar a, Tensor b) => Binary(new SubtractOp(), Wrap(a), b);
    /// <summary>a * b for a plain number.</summary>
    public static Tensor operator *(Tensor a, Scalar b) => Binary(new MultiplyOp(), a, Wrap(b));
    /// <summary>a * b for a plain number.</summary>
    public static Tensor operator *(Scalar a, Tensor b) => Binary(new MultiplyOp(), Wrap(a), b);
    /// <summary>a / b for a plain number.</summary>
    public static Tensor operator /(Tensor a, Scalar b) => Binary(new DivideOp(), a, Wrap(b));
    /// <summary>a / b for a plain number.</summary>
    public static Tensor operator /(Scalar a, Tensor b) => Binary(new DivideOp(), Wrap(a), b);

    // Instance operators: w -= g changes w itself, as in PyTorch, instead of making a new tensor.
    /// <summary>Adds to this tensor in place.</summary>
    public void operator +=(Tensor other) => AddInPlace(other);
    /// <summary>Subtracts from this tensor in place.</summary>
    public void operator -=(Tensor other) => SubtractInPlace(other);
    /// <summary>Multiplies this tensor in place.</summary>
    public void operator *=(Tensor other) => MultiplyInPlace(other);
    /// <summary>Divides this tensor in place.</summary>
    public void operator /=(Tensor other) => DivideInPlace(other);
    /// <summary>Adds a plain number in place.</summary>
    public void operator +=(Scalar other) => AddInPlace(Wrap(other));
    /// <summary>Subtracts a plain number in place.</summary>
    public void operator -=(Scalar other) => SubtractInPlace(Wrap(other));
    /// <summary>Multiplies by a plain number in place.</summary>
    public void operator *=(Scalar other) => MultiplyInPlace(Wrap(other));
    /// <summary>Divides by a plain number in place.</summary>
    public void operator /=(Scalar other) => DivideInPlace(Wrap(other));

    /// <summary>this + other, the operator +. torch.add.</summary>
    public Tensor Add(Tensor other) => this + other;
    /// <summary>this + alpha * other, rounded once. torch.add.</summary>
    /// <exception cref="ArgumentException">Both are integers and alpha is not, or alpha is a truth value and both are not bool.</exception>
    public Tensor Add(Tensor other, Scalar alpha) => Binary(Scaled("add", this, other, alpha, 1), this, other);
    /// <summary>this - other, the operator -. torch.sub.</summary>
    public Tensor Subtract(Tensor other) => this - other;
    /// <summary>this - alpha * other, rounded once. torch.sub.</summary>
    /// <exception cref="ArgumentException">Both are integers and alpha is not, or alpha is a truth value and both are not bool.</exception>
    public Tensor Subtract(Tensor other, Scalar alpha) => Binary(Scaled("subtract", this, other, alpha, -1), this, other);
    /// <summary>this * other, the operator *. torch.mul.</summary>
    public Tensor Multiply(Tensor other) => this * other;
    /// <summary>this / other, the operator /. torch.div.</summary>
    public Tensor Divide(Tensor other) => this / other;

    /// <summary>Adds alpha times the other to this tensor in place. torch.Tensor.add_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor AddInPlace(Tensor other, Scalar alpha) => BinaryInPlace(Scaled("add", this, other, alpha, 1), this, other);
    /// <summary>Adds to this tensor in place. torch.Tensor.add_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor AddInPlace(Tensor other) => BinaryInPlace(new AddOp(), this, other);
    /// <summary>Subtracts from this tensor in place. torch.Tensor.sub_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor SubtractInPlace(Tensor other) => BinaryInPlace(new SubtractOp(), this, other);
    /// <summary>Multiplies this tensor in place. torch.Tensor.mul_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor MultiplyInPlace(Tensor other) => BinaryInPlace(new MultiplyOp(), this, other);
    /// <summary>Divides this tensor in place. torch.Tensor.div_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor DivideInPlace(Tensor other) => BinaryInPlace(new DivideOp(), this, other);

    /// <summary>-x. torch.neg.</summary>
    public Tensor Neg() => Unary(new NegOp(), this);

    private static AddScaledOp Scaled(string operation, Tensor a, Tensor b, Scalar alpha, int sign)
    {
        CheckOperands(operation, a, b);
        if (alpha.DType == DType.Float64 && !a.DType.IsFloatingPoint && !b.DType.IsFloatingPoint)
            throw new ArgumentException($"{operation}: alpha is {alpha}, but both tensors are integers; convert one with To(DType.Float32).");
        bool anyBool = a.DType == DType.Bool || b.DType == DType.Bool, allBool = a.DType == DType.Bool && b.DType == DType.Bool;
        if (sign < 0 && anyBool) ThrowBool(operation);
        if (alpha.DType == DType.Bool && !allBool)
            throw new ArgumentException($"{operation}: alpha is {alpha}, which only the sum of two bool tensors is multiplied by; give a number.");
        return new(sign * alpha.ToDouble());
    }
}

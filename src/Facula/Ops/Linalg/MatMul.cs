using Facula.Backends;

namespace Facula;

/// <summary>The product of two matrices, or of two equal stacks of them; everything else comes down to it.</summary>
internal sealed class MatMulNode : Node
{
    public MatMulNode(Tensor a, Tensor b) => Save(b.RequiresGrad ? a : null, a.RequiresGrad ? b : null);

    public override string Name => "matMul";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = Tensor.Product(gradient, B.Transpose(-1, -2));
        if (into.Wants(1)) into[1] = Tensor.Product(A.Transpose(-1, -2), gradient);
    }
}

internal sealed class AddMmNode : Node
{
    private readonly double _alpha, _beta;

    public AddMmNode(Tensor a, Tensor b, double alpha, double beta)
    {
        Save(b.RequiresGrad ? a : null, a.RequiresGrad ? b : null);
        (_alpha, _beta) = (alpha, beta);
    }

    public override string Name => "addMm";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = _beta == 1 ? gradient : gradient * _beta;
        Tensor g = _alpha == 1 ? gradient : gradient * _alpha;
        if (into.Wants(1)) into[1] = Tensor.Product(g, B.T);
        if (into.Wants(2)) into[2] = Tensor.Product(A.T, g);
    }
}

public partial class Tensor
{
    /// <summary>
    /// The matrix product, as torch.matmul: vector·vector gives a number, matrix·vector and vector·matrix a vector, and of operands of
    /// higher rank the leading dimensions broadcast. Transposed operands are read where they lie.
    /// </summary>
    /// <exception cref="ArgumentException">The inner sizes differ, or an operand has rank 0.</exception>
    public Tensor MatMul(Tensor other) => AutocastMode.Narrow(this).MatMulInType(AutocastMode.Narrow(other));

    private Tensor MatMulInType(Tensor other)
    {
        CheckOperands("MatMul", this, other);
        if (Rank == 0 || other.Rank == 0)
            throw new ArgumentException($"MatMul: both operands need at least one dimension, but their shapes are {Shape} and {other.Shape}; " +
                "use * for a number.");
        int inner = other.Layout.Shape[Math.Max(0, other.Rank - 2)];
        if (Layout.Shape[^1] != inner)
        {
            throw new ArgumentException($"MatMul: {Shape} @ {other.Shape} does not fit: the last size of the first, {Layout.Shape[^1]}, must equal the " +
                $"{(other.Rank == 1 ? "size" : "second-last size")} of the second, {inner}.");
        }
        DType type = Promote(this, other);
        Tensor a = To(type), b = other.To(type);
        if (a.Rank == 2 && b.Rank == 2) return Product(a, b);
        if (a.Rank == 1) return b.Rank == 1 ? Product(a.Reshape(1, -1), b.Reshape(-1, 1)).Reshape() : a.Reshape(1, -1).MatMulInType(b).Squeeze(-2);
        if (b.Rank == 1) return a.MatMulInType(b.Reshape(-1, 1)).Squeeze(-1);
        // A stack times one matrix is one tall product.
        if (b.Rank == 2) return Product(a.Flatten(0, -2), b).Reshape([.. a.Layout.Shape[..^1], b.Layout.Shape[1]]);

        int[] leadA = a.Layout.Shape[..^2], leadB = b.Layout.Shape[..^2];
        int[] lead = Layout.Broadcast(leadA, leadB) ?? throw new ArgumentException(
            $"MatMul: {Shape} @ {other.Shape} does not fit: the leading dimensions {new Shape(leadA)} and {new Shape(leadB)} do not broadcast.");
        int m = a.Layout.Shape[^2], n = b.Layout.Shape[^1];
        int batch = Check.Size("MatMul", new Shape(lead).Elements, "the number of matrices");
        Tensor stackA = a.Expand([.. lead, m, inner]).Reshape(batch, m, inner), stackB = b.Expand([.. lead, inner, n]).Reshape(batch, inner, n);
        return Product(stackA, stackB).Reshape([.. lead, m, n]);
    }

    /// <summary>beta * this + alpha * a @ b; this broadcasts to the product's shape. torch.addmm.</summary>
    public Tensor AddMm(Tensor a, Tensor b, double beta = 1, double alpha = 1)
    {
        Check.Rank("AddMm", a, 2);
        Check.Rank("AddMm", b, 2);
        CheckOperands("AddMm", a, b);
        CheckOperands("AddMm", this, a);
        int m = a.Layout.Shape[0], n = b.Layout.Shape[1];
        if (a.Layout.Shape[1] != b.Layout.Shape[0] || Layout.Expand([m, n]) is not { } start)
            throw new ArgumentException($"AddMm: {Shape} + {a.Shape} @ {b.Shape} does not fit: the product needs equal inner sizes, and the sum a shape that " +
                "broadcasts to the product's.");
        Tensor left = AutocastMode.Narrow(a), right = AutocastMode.Narrow(b), bias = AutocastMode.Narrow(this);
        DType type = DType.Promote(Promote(left, right), bias.DType);
        (left, right, bias) = (left.To(type), right.To(type), bias.To(type));
        Tensor y = Allocate(Layout.Contiguous([m, n]), type, a.Device);
        Backend backend = a.Device.Backend;
        if (beta == 1 && bias.Rank <= 1) backend.MatMul(left.Operand, right.Operand, y.Operand, alpha, 0, new(bias.Operand));
        else
        {
            if (beta != 0) backend.Copy(bias.Operand.With(bias.Layout.Expand([m, n])!), y.Operand);
            backend.MatMul(left.Operand, right.Operand, y.Operand, alpha, beta, default);
        }
        return GradMode.Records([bias, left, right]) ? new AddMmNode(left, right, alpha, beta).Record(y, bias, left, right) : y;
    }

    /// <summary>Product of matrices [m, k] @ [k, n], or of stacks [b, m, k] @ [b, k, n], of one type.</summary>
    internal static Tensor Product(Tensor a, Tensor b)
    {
        int[] shape = a.Rank == 2 ? [a.Layout.Shape[0], b.Layout.Shape[1]] : [a.Layout.Shape[0], a.Layout.Shape[1], b.Layout.Shape[2]];
        Tensor y = Allocate(Layout.Contiguous(shape), a.DType, a.Device);
        a.Device.Backend.MatMul(a.Operand, b.Operand, y.Operand, 1, 0, default);
        return GradMode.Records(a, b) ? new MatMulNode(a, b).Record(y, a, b) : y;
    }

    /// <summary>Products of two equal stacks of matrices, [b, m, k] @ [b, k, n]. torch.bmm.</summary>
    public Tensor Bmm(Tensor other)
    {
        Check.Rank("Bmm", this, 3);
        Check.Rank("Bmm", other, 3);
        if (Layout.Shape[0] != other.Layout.Shape[0]) throw new ArgumentException($"Bmm: {Shape} and {other.Shape} stack different numbers of matrices.");
        return MatMul(other);
    }

    /// <summary>The sum of the products of two vectors' elements. torch.dot.</summary>
    public Tensor Dot(Tensor other)
    {
        Check.Rank("Dot", this, 1);
        Check.Rank("Dot", other, 1);
        return MatMulInType(other);
    }

    /// <summary>The matrix of all products of two vectors' elements. torch.outer.</summary>
    public Tensor Outer(Tensor other)
    {
        Check.Rank("Outer", this, 1);
        Check.Rank("Outer", other, 1);
        return Unsqueeze(1) * other;
    }
}

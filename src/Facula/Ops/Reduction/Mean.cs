using Facula.Backends;

namespace Facula;

internal readonly struct MeanOp(double count) : IReductionOp
{
    public static string Name => "mean";
    public static DType ResultOf(DType x) => x;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => g / count;
}

public partial class Tensor
{
    /// <summary>The mean of all elements; NaN of none. torch.mean.</summary>
    /// <param name="dtype">The type to compute in and of the result; needed for tensors of integers.</param>
    /// <exception cref="ArgumentException">The type is not a floating-point one.</exception>
    public Tensor Mean(DType? dtype = null) => MeanOf([], false, dtype);

    /// <summary>Means along a dimension. torch.mean.</summary>
    public Tensor Mean(int dim, bool keepDim = false, DType? dtype = null) => MeanOf([dim], keepDim, dtype);

    /// <summary>Means along several dimensions; none means all. torch.mean.</summary>
    public Tensor Mean(ReadOnlySpan<int> dims, bool keepDim = false, DType? dtype = null) => MeanOf(dims, keepDim, dtype);

    private Tensor MeanOf(ReadOnlySpan<int> dims, bool keepDim, DType? dtype)
    {
        if (dtype is { IsFloatingPoint: false } whole)
            throw new ArgumentException($"mean: a mean is no {whole.PyTorchName}; give a floating-point type, and convert the result with To.", nameof(dtype));
        if (dtype is null) Check.Floating("mean", this);
        long count = ReducedDims.Of("mean", dims, Rank).CountIn(Layout);
        return Reduction(new MeanReduce(count), new MeanOp(count), this, dims, keepDim, dtype);
    }
}

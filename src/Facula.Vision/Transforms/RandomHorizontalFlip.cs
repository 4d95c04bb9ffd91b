namespace Facula.Vision;

/// <summary>Turns an image left to right with a probability. torchvision.transforms.RandomHorizontalFlip.</summary>
public sealed class RandomHorizontalFlip : RandomTransform
{
    private readonly double _p;

    /// <summary>A flip of so many images.</summary>
    /// <param name="p">The probability, in [0, 1].</param>
    public RandomHorizontalFlip(double p = 0.5) : base(nameof(RandomHorizontalFlip)) =>
        _p = p is >= 0 and <= 1 ? p : throw new ArgumentOutOfRangeException(nameof(p), p, "RandomHorizontalFlip: the probability must be between 0 and 1.");

    private protected override Tensor Run<T>(Tensor batch, Generator? generator)
    {
        int count = batch.Size(0), width = batch.Size(3), rows = batch.Size(1) * batch.Size(2);
        double[] draws = Tensor.Rand([count], DType.Float64, Device.Cpu, generator: generator).ToArray<double>();
        Tensor result = batch.Clone();
        Span<T> pixels = result.AsSpan<T>();
        for (int i = 0; i < count; i++)
        {
            if (draws[i] >= _p) continue;
            for (int row = i * rows; row < (i + 1) * rows; row++) pixels.Slice(row * width, width).Reverse();
        }
        return result;
    }
}

using Facula.Backends;

namespace Facula.NN;

internal static class RandomPending
{
    public static Tensor UniformInPlace(this Tensor tensor, double low, double high, Generator? generator) => Fill(tensor, DistributionKind.Uniform, low, high, generator);

    public static Tensor NormalInPlace(this Tensor tensor, double mean, double std, Generator? generator) => Fill(tensor, DistributionKind.Normal, mean, std, generator);

    private static Tensor Fill(Tensor tensor, DistributionKind kind, double a, double b, Generator? generator)
    {
        (ulong key, ulong counter) = (generator ?? Generator.Default).Take(tensor.Count);
        tensor.Device.Backend.Random(tensor.Operand, new(kind, a, b), key, counter);
        tensor.Changed();
        return tensor;
    }
}

namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    private readonly KernelCache<RandomKey> _randoms = new(RandomKernel.Build);

    public override void Random(in Operand y, Distribution distribution, ulong key, ulong counter)
    {
        const string Operation = "random";
        long count = y.Layout.Count;
        if (count == 0) return;
        if (!y.Layout.IsContiguous)
        {
            using var scratch = new Scratch(this, y.Layout.Shape, y.DType);
            Random(scratch.Operand, distribution, key, counter);
            Copy(scratch.Operand, y);
            return;
        }
        DType type = y.DType;
        long counters = RandomRule.Blocks(distribution.Kind, type, count);
        using CudaLaunch launch = Start(_randoms, new(distribution.Kind, type), Operation);
        launch.Add(y);
        launch.Add((ulong)count);
        launch.Add((ulong)counters);
        launch.Add(key);
        launch.Add(counter);
        DType numbers = distribution.Kind == DistributionKind.Normal || type == DType.Float64 ? DType.Float64 : DType.Float32;
        switch (distribution.Kind)
        {
            case DistributionKind.Uniform:
                AddNumber(launch, distribution.Low, numbers);
                // In float's own arithmetic: rounding is part of what a uniform number is.
                AddNumber(launch, distribution.High - distribution.Low, numbers);
                AddNumber(launch, RandomRule.Below(distribution.High, type), numbers);
                break;
            case DistributionKind.Normal:
                foreach (double number in (ReadOnlySpan<double>)[distribution.Low, distribution.High, 0]) launch.Add(number);
                break;
            case DistributionKind.Integer:
                foreach (long number in (ReadOnlySpan<long>)[distribution.LowInteger, distribution.HighInteger - distribution.LowInteger, 0]) launch.Add(number);
                break;
            default:
                foreach (long number in (ReadOnlySpan<long>)[0, (long)RandomRule.Threshold(distribution.Low), 0]) launch.Add(number);
                break;
        }
        launch.Run(BlocksOf(counters, RandomKernel.Threads));
    }
}

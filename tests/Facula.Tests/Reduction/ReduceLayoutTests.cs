namespace Facula.Tests.Reductions;

/// <summary>Every way that a reduction can go through memory, against the reference backend.</summary>
public sealed class ReduceLayoutTests
{
    // Around the widths of vectors, the lengths of blocks and where the work is cut.
    private static readonly int[][] Shapes =
    [
        [1], [7], [16], [17], [1023], [1024], [1025], [5000], [300_001],
        [2, 150_000], [150_000, 2], [3, 100_003], [100_003, 3], [31, 33], [33, 31], [1, 40], [40, 1], [128, 10], [700, 520], [520, 1100],
        [2, 3, 4], [5, 1, 7], [16, 4, 100], [100, 4, 16], [3, 1000, 50], [50, 1000, 3], [20, 3, 30, 40], [2, 2, 2, 2, 2, 2], [70_000, 2, 3], [3, 60_000, 2],
    ];

    public static TheoryData<int[]> All { get; } = [.. Shapes];

    [Theory, MemberData(nameof(All))]
    public void Sum_over_any_dimensions_of_any_layout_is_the_references(int[] shape)
    {
        foreach ((string layout, Tensor x) in Layouts(shape))
        {
            Tensor exact = x.To(DType.Float64, Device.Reference);
            for (int mask = 0; mask < 1 << x.Rank; mask++)
            {
                int[] dims = [.. Enumerable.Range(0, x.Rank).Where(d => (mask >> d & 1) != 0)];
                if (dims.Length == 0 && mask == 0 && x.Rank > 1) continue;
                float[] expected = exact.Sum(dims).To(DType.Float32, Device.Cpu).ToArray<float>(), sums = x.Sum(dims).ToArray<float>();
                double allowed = 1e-6 * Math.Sqrt(x.Count / Math.Max(1, expected.Length)) + 1e-6;
                Assert.Equal(expected.Length, sums.Length);
                for (int i = 0; i < sums.Length; i++)
                {
                    if (!(Math.Abs(expected[i] - sums[i]) <= allowed + 1e-6 * Math.Abs(expected[i])))
                        Assert.Fail($"{layout} {x.Shape}, dims [{string.Join(", ", dims)}], element {i}: {sums[i]}, should be {expected[i]}.");
                }
                // Integers and extremes are exact.
                Assert.Equal(exact.AMax(dims).To(DType.Float32, Device.Cpu).ToArray<float>(), x.AMax(dims).ToArray<float>());
            }
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Sum_of_converted_types_is_exact(int[] shape)
    {
        foreach (DType type in new[] { DType.Int32, DType.UInt8, DType.Float16, DType.Float64 })
        {
            Tensor x = Whole(shape).To(type);
            for (int d = 0; d < x.Rank; d++)
                Assert.Equal(x.To(Device.Reference).Sum(d, dtype: DType.Float64).To(Device.Cpu).ToArray<double>(),
                    x.Sum(d, dtype: DType.Float64).ToArray<double>());
            Assert.Equal(x.To(Device.Reference).Sum(DType.Int64).Item<long>(), x.Sum(DType.Int64).Item<long>());
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Extremes_softmax_and_running_sums_along_any_dimension_are_the_references(int[] shape)
    {
        foreach ((string layout, Tensor x) in Layouts(shape))
        {
            Tensor exact = x.To(DType.Float64, Device.Reference);
            for (int d = 0; d < x.Rank; d++)
            {
                (Tensor values, Tensor places) = x.Max(d);
                (Tensor bestValues, Tensor bestPlaces) = exact.Max(d);
                Assert.Equal(bestValues.To(DType.Float32, Device.Cpu).ToArray<float>(), values.ToArray<float>());
                Assert.Equal(bestPlaces.To(Device.Cpu).ToArray<long>(), places.ToArray<long>());
                Assert.Equal(exact.ArgMin(d).To(Device.Cpu).ToArray<long>(), x.ArgMin(d).ToArray<long>());
                AssertClose(exact.Softmax(d), x.Softmax(d), 1e-6, layout);
                AssertClose(exact.LogSoftmax(d), x.LogSoftmax(d), 4e-6, layout);
                AssertClose(exact.CumSum(d), x.CumSum(d), 2e-7 * Math.Sqrt(x.Shape[d]) + 1e-6, layout);
            }
        }
    }

    private static void AssertClose(Tensor expected, Tensor actual, double allowed, string what)
    {
        double[] e = expected.To(Device.Cpu).ToArray<double>();
        float[] a = actual.ToArray<float>();
        for (int i = 0; i < e.Length; i++)
        {
            if (!(Math.Abs(e[i] - a[i]) <= allowed * Math.Max(1, Math.Abs(e[i]))))
                Assert.Fail($"{what} {actual.Shape}, element {i}: {a[i]}, should be {e[i]}.");
        }
    }

    private static Tensor Whole(int[] shape) => Tensor.RandInt(-0, 10, shape, generator: new(shape.Length));

    private static IEnumerable<(string, Tensor)> Layouts(int[] shape)
    {
        Tensor x = Tensor.Randn(shape, generator: new(shape[0]));
        yield return ("plain", x);
        if (x.Count > 200_000) yield break;
        int[] reversed = [.. Enumerable.Range(0, shape.Length).Reverse()];
        if (shape.Length > 1) yield return ("transposed", x.Permute(reversed));
        Tensor larger = Tensor.Randn([.. shape.Select(size => size + 1), 2], generator: new(1));
        Tensor part = larger.Select(-1, 1);
        for (int d = 0; d < shape.Length; d++) part = part.Narrow(d, 1, shape[d]);
        yield return ("strided", part);
        yield return ("repeated", Tensor.Randn([shape[^1]], generator: new(2)).Expand(shape));
    }
}

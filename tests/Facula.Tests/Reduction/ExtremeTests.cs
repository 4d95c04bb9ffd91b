using System.Diagnostics;

namespace Facula.Tests.Reductions;

/// <summary>Values without a source are of a run of PyTorch 1.13.</summary>
public sealed class ExtremeTests
{
    private static readonly float NaN = float.NaN;

    [Fact]
    public void Max_gives_all_that_tie_an_equal_share_of_the_gradient()
    {
        Tensor x = Tensor.From([1f, 3, 3, 2], requiresGrad: true);
        x.Max().Backward();
        Assert.Equal([0f, 0.5f, 0.5f, 0], x.Grad!.ToArray<float>());
        x = Tensor.From([1f, 3, 3, 2], requiresGrad: true);
        x.AMax(0).Backward();
        Assert.Equal([0f, 0.5f, 0.5f, 0], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Max_along_a_dimension_picks_the_first_that_ties()
    {
        Tensor x = Tensor.From([1f, 3, 3, 2], requiresGrad: true);
        (Tensor value, Tensor place) = x.Max(0);
        value.Backward();
        Assert.Equal(1L, place.Item<long>());
        Assert.Equal([0f, 1, 0, 0], x.Grad!.ToArray<float>());
    }

    [Theory, InlineData(3), InlineData(15), InlineData(16), InlineData(40), InlineData(1000), InlineData(100_000)]
    public void ArgMax_finds_the_first_NaN_or_the_first_largest(int n)
    {
        foreach (int at in new[] { 0, 1, n / 2, n - 2, n - 1 })
        {
            var values = new float[n];
            values[at] = 5;
            values[^1] = 5;
            Tensor x = Tensor.From(values), column = x.Reshape(-1, 1).Expand(-1, 5).Contiguous();
            Assert.Equal(at, x.ArgMax(0).Item<long>());
            Assert.Equal(at, x.Neg().ArgMin().Item<long>());
            Assert.All(column.ArgMax(0).ToArray<long>(), place => Assert.Equal(at, place));
            values[at] = NaN;
            values[0] = at == 0 ? NaN : 7;
            x = Tensor.From(values);
            column = x.Reshape(-1, 1).Expand(-1, 20).Contiguous();
            Assert.Equal(at, x.ArgMax(0).Item<long>());
            Assert.Equal(at, x.ArgMin(0).Item<long>());
            Assert.True(float.IsNaN(x.Max().Item()) && float.IsNaN(x.Min().Item()) && float.IsNaN(x.Max(0).Values.Item()));
            Assert.All(column.ArgMin(0).ToArray<long>(), place => Assert.Equal(at, place));
        }
    }

    /// <summary>Lines of these types are converted a piece at a time.</summary>
    [Theory]
    [InlineData(nameof(DType.UInt8)), InlineData(nameof(DType.Int8)), InlineData(nameof(DType.Int16)), InlineData(nameof(DType.Int32)),
        InlineData(nameof(DType.Float16)), InlineData(nameof(DType.BFloat16)), InlineData(nameof(DType.Float32))]
    public void Lines_of_any_type_and_length_have_the_first_extreme_and_exact_sums(string dtype)
    {
        DType type = DType.Parse(dtype);
        foreach (int n in new[] { 1, 2, 511, 512, 513, 1023, 1024, 1025, 2048, 5000 })
        {
            // Few values, so that many tie; a second column makes gaps.
            Tensor all = Tensor.RandInt(0, 7, [n, 2], generator: new Generator(n)).To(type);
            foreach (Tensor x in new[] { all.Select(1, 0), all.Select(1, 0).Contiguous() })
            {
                double[] values = x.ToArray<double>();
                Assert.Equal(Array.IndexOf(values, values.Max()), x.ArgMax().Item<int>());
                Assert.Equal(Array.IndexOf(values, values.Min()), x.ArgMin(0).Item<int>());
                (Tensor value, Tensor place) = x.Min(0);
                Assert.Equal((values.Min(), Array.IndexOf(values, values.Min())), (value.Item<double>(), place.Item<int>()));
                double sum = 0;
                Assert.Equal(values.Select(v => sum += v),
                    x.To(type == DType.BFloat16 || type == DType.Float16 ? DType.Float32 : type).CumSum(0).ToArray<double>());
                if (type.Kind is ElementType.Float16) Assert.Equal(x.To(DType.Float32).CumSum(0).To(type).ToArray<double>(), x.CumSum(0).ToArray<double>());
                if (!type.IsFloatingPoint || n < 3) continue;
                Tensor bad = x.Clone();
                bad[n - 1] = double.NaN;
                bad[n / 2] = double.NaN;
                Assert.Equal(n / 2, bad.ArgMax().Item<int>());
                Assert.Equal(n / 2, bad.ArgMin().Item<int>());
            }
        }
    }

    private const string TypeVariable = "FACULA_TEST_LINE_OF";

    [Theory, Trait("Starts", "processes")]
    [InlineData(nameof(DType.UInt8)), InlineData(nameof(DType.Int32)), InlineData(nameof(DType.Float16))]
    public async Task ArgMax_of_a_whole_tensor_takes_no_copy_of_it(string dtype)
    {
        DType type = DType.Parse(dtype);
        using Process child = TestProcess.Start(new Dictionary<string, string> { [TypeVariable] = type.ToString() }, "-method",
            $"*.{nameof(Finds_extremes_in_little_memory)}");
        (int code, string output) = await TestProcess.RunToEnd(child, TestContext.Current.CancellationToken);
        Assert.True(code == 0, output);
    }

    /// <summary>In a child: that the largest it has ever been is not much more than the tensor. Otherwise nothing.</summary>
    [Fact]
    public void Finds_extremes_in_little_memory()
    {
        if (Environment.GetEnvironmentVariable(TypeVariable) is not { } name) return;
        DType type = DType.Parse(name);
        const int bytes = 192 << 20;
        Tensor x = Tensor.Zeros([bytes / type.Size], type);
        x[-1] = 1;
        x[..8].ArgMax();
        long before = Environment.WorkingSet;
        Assert.Equal(x.Count - 1, x.ArgMax().Item<long>());
        Assert.Equal(0, x.ArgMin().Item<long>());
        Assert.Equal(x.Count - 1, x.Max(0).Indices.Item<long>());
        Process.GetCurrentProcess().Refresh();
        Assert.InRange(Process.GetCurrentProcess().PeakWorkingSet64 - before, long.MinValue, 64 << 20);
    }

    [Fact]
    public void Max_of_NaN_gives_it_the_gradient()
    {
        Tensor x = Tensor.From([1f, NaN, 5], requiresGrad: true);
        x.Max().Backward();
        Assert.Equal([0f, 1, 0], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Max_of_infinities_and_of_the_smallest_integers_is_exact()
    {
        Assert.Equal(float.NegativeInfinity, Tensor.From([float.NegativeInfinity, float.NegativeInfinity]).Max().Item());
        Assert.Equal(0L, Tensor.From([float.NegativeInfinity, float.NegativeInfinity]).ArgMax(0).Item<long>());
        Assert.Equal(long.MinValue, Tensor.From([long.MinValue, long.MinValue]).Max().Item<long>());
        Assert.Equal(long.MaxValue, Tensor.From([long.MaxValue, long.MaxValue]).Min().Item<long>());
        Assert.Equal((1L << 60) + 1, Tensor.From([1L << 60, (1L << 60) + 1]).Max().Item<long>());
        Assert.Equal(1L, Tensor.From([1L << 60, (1L << 60) + 1]).ArgMax().Item<long>());
        Assert.Equal(DType.UInt8, Tensor.Ones([3], DType.UInt8).Max().DType);
    }

    [Fact]
    public void Max_of_nothing_is_an_error_that_names_the_dimension()
    {
        Tensor x = Tensor.Zeros([3, 0]);
        Assert.Contains("dimension 1", Assert.Throws<ArgumentException>(() => x.Max()).Message);
        Assert.Contains("dimension 1", Assert.Throws<ArgumentException>(() => x.Max(1)).Message);
        Assert.Throws<ArgumentException>(() => x.AMin(-1));
        Assert.Equal([0], x.Max(0).Values.Shape.ToArray());
        Assert.Equal([1, 0], x.ArgMax(0, keepDim: true).Shape.ToArray());
    }

    [Fact]
    public void Rank_0_is_its_own_extreme()
    {
        (Tensor value, Tensor place) = Tensor.From(5f).Max(0);
        Assert.Equal(5f, value.Item());
        Assert.Equal(0L, place.Item<long>());
        Assert.Equal(0L, Tensor.From(5f).ArgMax().Item<long>());
    }

    [Fact]
    public void Prod_with_zeros_gives_each_element_the_product_of_the_others()
    {
        Assert.Equal([0f, 3, 0], Gradient([1, 0, 3]));
        Assert.Equal([0f, 0, 0], Gradient([0, 0, 3]));
        Tensor x = Tensor.From(new[,] { { 2f, 0, 3 }, { 1, 4, 5 } }, requiresGrad: true);
        x.Prod(1).Sum().Backward();
        Assert.Equal([0f, 6, 0, 20, 5, 4], x.Grad!.ToArray<float>());

        static float[] Gradient(float[] values)
        {
            Tensor x = Tensor.From(values, requiresGrad: true);
            x.Prod().Backward();
            return x.Grad!.ToArray<float>();
        }
    }

    [Fact]
    public void Prod_with_zeros_has_the_right_second_derivatives()
    {
        // x y z at (0, 0, 3): only d2/dx dy = z is not zero. (PyTorch 1.13 gives 0 for that one too.)
        Tensor x = Tensor.From([0.0, 0, 3], requiresGrad: true);
        Tensor slope = Autograd.Grad(x.Prod(), x, createGraph: true);
        Assert.Equal([0.0, 0, 0], slope.ToArray<double>());
        Tensor curvature = Autograd.Grad(slope, x, Tensor.From([1.0, 0, 0]));
        Assert.Equal([0.0, 3, 0], curvature.ToArray<double>());
        Tensor matrix = Tensor.From(new[,] { { 0.0, 2 }, { 0, 3 }, { 1, 0 } }, requiresGrad: true);
        Assert.True(Autograd.GradGradCheck(t => [t[0].Prod(0)], [matrix]));
        Assert.True(Autograd.GradGradCheck(t => [t[0].Prod([0, 1])], [matrix]));
    }

    [Fact]
    public void Variance_keeps_its_digits_next_to_a_large_mean()
    {
        Tensor x = Tensor.From([10_000f, 10_001, 10_002]);
        Assert.Equal(1f, x.Var().Item());
        Assert.Equal(1f, x.Std().Item());
        Assert.Equal([0.5f, 0.5f], Tensor.From(new[,] { { 1e6f, 1e6f + 1 }, { -1e6f, -1e6f - 1 } }).Var(1).ToArray<float>());
        Assert.Equal(2f / 3, x.Var([], correction: 0).Item(), 1e-6f);
    }

    [Fact]
    public void Variance_of_too_few_is_no_number()
    {
        Assert.True(float.IsNaN(Tensor.From([2f]).Var().Item()));
        Assert.Equal(0f, Tensor.From([2f]).Var(0, correction: 0).Item());
        Assert.True(float.IsNaN(Tensor.Zeros([0]).Var().Item()));
        Assert.All(Tensor.Ones([3, 1]).Std(1).ToArray<float>(), std => Assert.True(float.IsNaN(std)));
    }

    [Fact]
    public void Slopes_at_corners_are_zero()
    {
        Assert.Equal([0f, 0, 0], Gradient(Tensor.Zeros([3]), x => x.Norm()));
        Assert.Equal([0f, 0, 0], Gradient(Tensor.Ones([3]), x => x.Std()));
        Assert.Equal([0f, -0.5f, 0.5f], Gradient(Tensor.From([3f, -4, 4]), x => x.Norm(double.PositiveInfinity)));
        float[] third = Gradient(Tensor.From([1f, -2, 0.5f]), x => x.Norm(3));
        Assert.Equal(0.229004875f, third[0], 1e-6f);
        Assert.Equal(-0.916019499f, third[1], 1e-6f);
        Assert.Equal(0.057251219f, third[2], 1e-6f);

        static float[] Gradient(Tensor x, Func<Tensor, Tensor> function)
        {
            x.RequiresGrad = true;
            function(x).Backward();
            return x.Grad!.ToArray<float>();
        }
    }
}

using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests.Ops;

/// <summary>What tests/interop has found to differ from PyTorch; values are those that PyTorch 1.13 gives.</summary>
public sealed class PyTorchRuleTests
{
    [Fact]
    public void A_number_is_converted_to_the_type_before_it_is_computed_with()
    {
        Tensor bytes = Tensor.From<byte>([4, 5]);
        Assert.Equal<byte>([4, 5], (bytes % -1).ToArray<byte>());
        Assert.Equal<byte>([0, 0], bytes.FloorDivide(-1).ToArray<byte>());
        Assert.Equal<byte>([4, 5], bytes.Minimum(-1).ToArray<byte>());
        Assert.Equal<byte>([255, 255], bytes.Maximum(-1).ToArray<byte>());
        Assert.Equal([true, true], (bytes < -1).ToArray<bool>());
        Assert.Equal<byte>([0, 4], (300 % bytes).ToArray<byte>());
        Assert.Equal<byte>([0, 4], (Tensor.From(300L) % bytes).ToArray<byte>());
        Assert.Equal<byte>([3, 4], bytes.Clone().AddInPlace(-1).ToArray<byte>());
        Assert.Equal([true], (Tensor.From([-1]) == Tensor.From(long.MaxValue)).ToArray<bool>());
    }

    [Fact]
    public void A_number_beyond_a_16_bit_type_is_infinite_in_it()
    {
        Tensor halves = Tensor.From([(Half)0.5f, (Half)1000]);
        Assert.Equal([Half.NegativeInfinity, Half.NegativeInfinity], (halves - 70000).ToArray<Half>());
        Assert.Equal([(Half)0.5f, (Half)1000], (halves % 70000).ToArray<Half>());
        Assert.Equal([true, false], (Tensor.From([Half.PositiveInfinity, (Half)1]) == 70000).ToArray<bool>());
        // Of whole tensors as well: 2049 is no half.
        Assert.Equal([(Half)0], (Tensor.From([2049]) - Tensor.From([(Half)2048])).ToArray<Half>());
        // But products and quotients take the number as it is, as newer versions do.
        Assert.Equal([(Half)35000], (Tensor.From([(Half)0.5f]) * 70000).ToArray<Half>());
    }

    [Fact]
    public void Truth_values_are_not_subtracted()
    {
        Tensor truth = Tensor.From([true, false]), numbers = Tensor.From([1f, 2f]);
        Assert.Throws<ArgumentException>(() => truth - 1);
        Assert.Throws<ArgumentException>(() => 1 - truth);
        Assert.Throws<ArgumentException>(() => numbers - truth);
        Assert.Throws<ArgumentException>(() => numbers - true);
        Assert.Throws<ArgumentException>(() => numbers.Subtract(truth, 2));
        Assert.Throws<ArgumentException>(() => numbers.Clone().SubtractInPlace(truth));
        Assert.Throws<ArgumentException>(() => numbers.Add(numbers, true));
    }

    [Fact]
    public void A_gradient_through_a_product_of_another_type_is_computed_in_that_type()
    {
        Tensor values = Tensor.From([-1.1249622f, 1.0601041f, -0.92094326f, -0.49140933f]), weights = Tensor.From([0.25f, 0.125f, -0.75f, 0.875f]);
        Assert.Equal(OfTheCotangent(values.To(DType.Float64)), OfTheCotangent(values.Clone()), 1e-15);

        double OfTheCotangent(Tensor x)
        {
            x.RequiresGrad = true;
            Tensor cotangent = Tensor.From(0.5, requiresGrad: true);
            Tensor gradient = Autograd.Grad(x.Prod(dtype: DType.Float64), x, cotangent, createGraph: true);
            return Autograd.Grad(gradient, cotangent, weights.To(gradient.DType)).Item<double>();
        }
    }

    [Fact]
    public void Of_bytes_any_and_all_are_bytes()
    {
        Tensor bytes = Tensor.From<byte>([0, 7]);
        Assert.Equal((DType.UInt8, (byte)1), (bytes.Any().DType, bytes.Any().Item<byte>()));
        Assert.Equal((DType.UInt8, (byte)0), (bytes.All(0).DType, bytes.All(0).Item<byte>()));
        Assert.Equal(DType.Bool, Tensor.From<sbyte>([1]).Any().DType);
    }

    [Fact]
    public void A_mean_is_of_a_floating_point_type()
    {
        Tensor x = Tensor.From([1f, 2f]);
        Assert.Throws<ArgumentException>(() => x.Mean(DType.Int32));
        Assert.Throws<ArgumentException>(() => x.Mean(0, dtype: DType.Bool));
        Assert.Equal(1.5, Tensor.From([1, 2]).Mean(DType.Float64).Item<double>());
    }

    [Fact]
    public void A_range_of_integers_has_integer_bounds()
    {
        Assert.Equal(0, Tensor.Arange(-1, -1.5, -1, DType.Int64).Count);
        Assert.Equal([2L, 3L, 4L], Tensor.Arange(2.7, 5.0, 1, DType.Int64).ToArray<long>());
        Assert.Equal([2, 3, 4], Tensor.Arange(2.7, 5.7, 1, DType.Int32).ToArray<int>());
        Assert.Throws<ArgumentException>(() => Tensor.Arange(0, 3, 0.5, DType.Int64));
        Assert.Equal<short>([2, -1, -4], Tensor.Linspace(2.7, -4, 3, DType.Int16).ToArray<short>());
    }

    [Fact]
    public void A_gradient_is_of_its_tensors_type()
    {
        Tensor x = Tensor.Zeros([2], requiresGrad: true);
        Assert.Throws<ArgumentException>(() => x.Grad = Tensor.Zeros([2], DType.Float64));
        Assert.Null(x.Grad);
    }

    [Fact]
    public void A_graph_that_has_saved_nothing_can_be_used_again()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true), y = (x + 1 + x.Reshape(1, 2).Neg().Flip(0) + x).Sum();
        y.Backward();
        y.Backward();
        Assert.Equal([2f, 2f], x.Grad!.ToArray<float>());
    }

    /// <summary>Also run with every other instruction set; how far float32 gets hangs on the width of its vectors.</summary>
    [Theory, InlineData(3), InlineData(30), InlineData(3000)]
    public void Sums_and_norms_overflow_only_if_their_results_do(int count)
    {
        float[] large = [.. Enumerable.Range(0, count).Select(i => i % 3 == 1 ? -1e30f : i % 3 == 0 ? 1e30f : 2e30f)];
        Tensor x = Tensor.From(large), small = Tensor.From([.. large.Select(value => value * 1e-37f * 1e-23f)]);
        double norm = 1e30 * Math.Sqrt(2 * count);
        AssertNear(norm, x.Norm());
        AssertNear(norm, x.Reshape(1, -1).Norm(2, 1));
        AssertNear(norm, x.Reshape(-1, 1).Norm(2, 0));
        AssertNear(norm * 1e-60, small.Norm());
        AssertNear(1e30 * Math.Pow(10.0 * count / 3, 1 / 3.0), x.Norm(3));
        AssertNear(1e30 * Math.Sqrt(14.0 / 9), x.Std(0, correction: 0));
        AssertNear(1e30 * Math.Sqrt(14.0 / 9), x.Reshape(-1, 1).Std(0, correction: 0));
        float[] extreme = [.. Enumerable.Range(0, count).Select(i => i * 3 < count * 2 ? 3e38f : -3e38f)];
        if (count == 3) AssertNear(3e38, Tensor.From(extreme).Sum());
        AssertNear(1e38, Tensor.From(extreme).Mean());

        static void AssertNear(double expected, Tensor actual) => Assert.Equal(expected, actual.Item<double>(), Math.Abs(expected) * 1e-6);
    }

    [Fact]
    public void Equal_large_numbers_do_not_vary() => Assert.Equal(0, Tensor.Full([4, 3], 1.2345678e30).Var(1).Max().Item());

    [Fact]
    public void Milestone_0_changes_the_rate_at_once()
    {
        var optimizer = new Sgd([Tensor.Zeros([1], requiresGrad: true)], 0.1);
        var schedule = new MultiStepLr(optimizer, [0, 2], 0.5);
        var rates = new List<double> { optimizer.ParameterGroups[0].LearningRate };
        for (int i = 0; i < 3; i++)
        {
            schedule.Step();
            rates.Add(optimizer.ParameterGroups[0].LearningRate);
        }
        Assert.Equal([0.05, 0.05, 0.025, 0.025], rates);
        Assert.Throws<ArgumentException>(() => new MultiStepLr(optimizer, [-1]));
    }

    [Fact]
    public void Nothing_and_single_numbers()
    {
        Tensor number = Tensor.Full([], 3.0, requiresGrad: true);
        (Tensor value, Tensor index) = number.TopK(0);
        Assert.Equal((3f, 0L, 0, 0), (value.Item(), index.Item<long>(), value.Rank, index.Rank));
        value.Backward();
        Assert.Equal(1, number.Grad!.Item());
        Assert.Equal([0], Tensor.Zeros(0).Narrow(0, -1, 0).Shape.ToArray());
        Assert.Equal([0], Tensor.Zeros(3).Narrow(0, -1, 0).Shape.ToArray());
        Assert.Throws<ArgumentException>(() => number.Narrow(0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros(3).Narrow(0, 1, int.MaxValue));
        Assert.Equal([1], Tensor.Where(Tensor.From(5f))[0].Shape.ToArray());
    }

    [Fact]
    public void Integers_are_filled_with_the_whole_part_of_a_number()
    {
        Tensor mask = Tensor.From([false, true]);
        Assert.Equal([4, -2], Tensor.From([4, 5]).MaskedFill(mask, -2.7).ToArray<int>());
        Assert.Equal([4, 2], Tensor.From([4, 5]).MaskedFill(mask, Tensor.From(2.5f)).ToArray<int>());
        Assert.Equal([4, 1], Tensor.From([4, 5]).MaskedFillInPlace(mask, 1.5).ToArray<int>());
        Assert.Equal([4, 9, 5, 9], Tensor.From([4, 5]).Reshape(2, 1).MaskedFill(mask, 9).ToArray<int>());
        Assert.Equal([false, true], Tensor.From([false, false]).MaskedFill(mask, 0.5).ToArray<bool>());
        Assert.Equal([true], Tensor.Full([1], double.NaN, DType.Bool).ToArray<bool>());
    }

    [Fact]
    public void A_pool_rounded_up_has_a_window_wherever_one_begins_inside()
    {
        Tensor x = Tensor.From<float>([1, 5, 2], [1, 1, 3]);
        Assert.Equal([5f], F.MaxPool1d(x, 4, 4, ceilMode: true).ToArray<float>());
        Assert.Equal([2f],
            F.AvgPool1d(x, 4, 2, padding: 0, ceilMode: true, countIncludePad: false).ToArray<float>()[..1].Select(v => (float)Math.Round(v * 3 / 4)));
        Assert.Equal([1, 1, 1], F.LPPool1d(x.Abs(), 2, 4, 4, ceilMode: true).Shape.ToArray());
        Assert.Throws<ArgumentException>(() => F.MaxPool1d(x, 5, 2, ceilMode: true));
        Assert.Throws<ArgumentException>(() => F.MaxPool1d(x, 4, 4));
    }

    [Theory, InlineData(1.0), InlineData(2.0), InlineData(3.0)]
    public void Pooled_powers_of_zeros_have_the_gradient_0(double power)
    {
        Tensor x = Tensor.From<float>([0, 0, 1, 2], [1, 1, 4], requiresGrad: true);
        F.LPPool1d(x, power, 2).Sum().Backward();
        float[] gradient = x.Grad!.ToArray<float>();
        Assert.Equal([0f, 0f], gradient[..2]);
        Assert.True(gradient[2] > 0 && gradient[3] > 0);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_NaN_passes_its_gradient_through_a_fused_relu(bool record)
    {
        Tensor x = Tensor.From<float>([float.NaN, -1, 2, float.NaN], [1, 1, 4], requiresGrad: true), weight = Tensor.Full([1], 1.0, requiresGrad: true);
        Assert.Equal([1f, 0f, 1f, 1f], Autograd.Grad(x.Relu().Sum(), x, createGraph: record).ToArray<float>());
        Tensor row = x.Reshape(4, 1);
        Assert.Equal([1f, 0f, 1f, 1f], Autograd.Grad(F.Linear(row, weight.Reshape(1, 1), null, relu: true).Sum(), x, createGraph: record).ToArray<float>());
    }

    [Fact]
    public void Where_one_is_NaN_both_get_the_gradient_of_the_extreme()
    {
        Tensor a = Tensor.From([float.NaN, 1], requiresGrad: true), b = Tensor.From([2, float.NaN], requiresGrad: true);
        (a.Maximum(b) + a.Minimum(b)).Sum().Backward();
        Assert.Equal([2f, 2f], a.Grad!.ToArray<float>());
        Assert.Equal([2f, 2f], b.Grad!.ToArray<float>());
    }

    [Fact]
    public void A_gradient_is_summed_only_to_what_broadcasts_to_it()
    {
        Tensor gradient = Tensor.Ones(3, 4);
        Assert.Equal([4f, 4f, 4f], gradient.SumTo([3, 1]).ToArray<float>());
        foreach (int[] shape in new int[][] { [3], [2, 4], [3, 5], [3, 0] })
            Assert.Contains("[3, 4]", Assert.Throws<InvalidOperationException>(() => gradient.SumTo(shape)).Message);
    }

    [Fact]
    public void Similarity_is_of_vectors_as_they_meet()
    {
        // torch.nn.functional.cosine_similarity([[1, 2], [3, 4]], [[1, 1]], dim=0): the one row stands beside both.
        Tensor x = Tensor.From<float>([1, 2, 3, 4], [2, 2]), row = Tensor.Ones(1, 2);
        Assert.Equal([4 / Math.Sqrt(20), 6 / Math.Sqrt(40)], F.CosineSimilarity(x, row, 0).ToArray<double>().Select(value => Math.Round(value, 6)),
            (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([2, 1], F.CosineSimilarity(Tensor.Ones(2, 1, 3), Tensor.Ones(3), -1).Shape.ToArray());
    }

    [Fact]
    public void What_leaves_nothing_to_compute_with_is_refused()
    {
        Assert.Throws<ArgumentException>(() => F.GroupNorm(Tensor.Ones(1, 4), 4));
        Assert.Equal([2, 4], F.GroupNorm(Tensor.Ones(2, 4), 4).Shape.ToArray());
        Assert.Throws<ArgumentException>(() => F.Pad(Tensor.Ones(1, 1, 2), [-1, -1], PaddingMode.Replicate));
        Assert.Equal([1, 1, 0], F.Pad(Tensor.Ones(1, 1, 2), [-1, -1]).Shape.ToArray());
        Assert.Throws<ArgumentException>(() => Tensor.Full([], 1.0).IndexSelect(0, Tensor.From(Array.Empty<long>())));
        Assert.Throws<ArgumentException>(() => Tensor.From([1, 2]).IndexAdd(0, Tensor.From([0]), Tensor.From([1]), 0.5));
    }

    [Fact]
    public void The_sum_of_truths_is_a_truth() => Assert.Equal([true], Tensor.From([2, -2]).Sum(0, keepDim: true, DType.Bool).ToArray<bool>());

    [Fact]
    public void Centred_steps_stay_numbers_where_gradients_do_not_vary()
    {
        Tensor x = Tensor.Zeros([64], requiresGrad: true);
        var optimizer = new RmsProp([x], 0.1, alpha: 0.5, centered: true);
        for (int i = 0; i < 60; i++)
        {
            x.Grad = Tensor.Linspace(-3, 3, 64);
            optimizer.Step();
        }
        Assert.False(x.IsNaN().Any().Item<bool>());
    }

    [Fact]
    public void A_weight_of_one_row_makes_no_dimension()
    {
        Tensor x = Tensor.From<float>([1, 2, 3, 4], [2, 2], requiresGrad: true), weight = Tensor.From([10f, 1f], requiresGrad: true),
            bias = Tensor.Full([], 5.0, requiresGrad: true);
        Tensor y = F.Linear(x, weight, bias);
        Assert.Equal([17f, 39f], y.ToArray<float>());
        y.Sum().Backward();
        Assert.Equal([10f, 1f, 10f, 1f], x.Grad!.ToArray<float>());
        Assert.Equal([4f, 6f], weight.Grad!.ToArray<float>());
        Assert.Equal(2, bias.Grad!.Item());
        Assert.Equal(0, F.Linear(x[0], weight).Rank);
        Assert.Throws<ArgumentException>(() => F.Linear(x, weight, Tensor.Ones(2)));
    }
}

using Facula.Backends;

namespace Facula.Tests.Reductions;

/// <summary>Values without a source are of a run of PyTorch 1.13.</summary>
public sealed class SoftmaxTests
{
    private const float Infinity = float.PositiveInfinity;

    [Fact]
    public void Softmax_of_infinities_is_as_PyTorchs()
    {
        Assert.All(Tensor.From([-Infinity, -Infinity]).Softmax(0).ToArray<float>(), y => Assert.True(float.IsNaN(y)));
        Assert.Equal([0f, 1], Tensor.From([-Infinity, 1]).Softmax(0).ToArray<float>());
        Assert.All(Tensor.From([Infinity, 1]).Softmax(0).ToArray<float>(), y => Assert.True(float.IsNaN(y)));
        Assert.Equal([-Infinity, 0f], Tensor.From([-Infinity, 1]).LogSoftmax(0).ToArray<float>());
        float[] logs = Tensor.From(new[,] { { -Infinity, -Infinity }, { 1, 2 }, { Infinity, 1 } }).LogSumExp(1).ToArray<float>();
        Assert.Equal(-Infinity, logs[0]);
        Assert.Equal(2.313261747f, logs[1], 1e-6f);
        Assert.Equal(Infinity, logs[2]);
        Assert.Equal(-Infinity, Tensor.Zeros([0]).LogSumExp(0).Item());
    }

    [Theory, InlineData(1), InlineData(2), InlineData(10), InlineData(16), InlineData(1000), InlineData(50_257)]
    public void Softmax_adds_up_to_one_at_any_height(int n)
    {
        foreach (float height in new[] { 0, 1e4f, -1e4f, 1e30f })
        {
            Tensor x = Tensor.Randn([2, n], generator: new(n)) + height;
            foreach (float sum in x.Softmax(1).Sum(1).ToArray<float>()) Assert.Equal(1f, sum, 1e-6f);
            foreach (float sum in x.T.Contiguous().Softmax(0).Sum(0).ToArray<float>()) Assert.Equal(1f, sum, 1e-6f);
        }
    }

    [Fact]
    public void Softmax_of_rank_0_is_one()
    {
        Tensor x = Tensor.From(5f, requiresGrad: true), y = x.Softmax(0);
        Assert.Equal(1f, y.Item());
        y.Backward();
        Assert.Equal(0f, x.Grad!.Item());
    }

    [Fact]
    public void CrossEntropy_with_weights_and_smoothing_is_as_PyTorchs()
    {
        Tensor logits = Tensor.From(new[,] { { 0.1f, 0.2f, 0.3f, -1 }, { 2, -1, 0.5f, 0 }, { 1, 1, 1, 1 } }, requiresGrad: true);
        Tensor labels = Tensor.From([3L, 0, 1]), weights = Tensor.From([0.5f, 2, 1, 0.25f]);
        (Tensor losses, Tensor total) = Tensor.CrossEntropyLosses(logits, labels, weights, new(-100, 0.2));
        AssertClose([0.716458142f, 0.601130426f, 2.478001118f], losses.ToArray<float>());
        Tensor mean = losses.Sum() / total;
        Assert.Equal(1.380214453f, mean.Item(), 1e-6f);
        mean.Backward();
        AssertClose([0.029414685f, 0.006191626f, 0.028849021f, -0.064455330f, -0.002842308f, -0.028810779f, 0.015667731f, 0.015985338f,
            0.153409079f, -0.455681831f, 0.144318178f, 0.157954544f], logits.Grad!.ToArray<float>());
        AssertClose([2.397311211f, 0, 1.386294365f], Tensor.CrossEntropyLosses(logits, labels, null, new(0, 0)).Losses.ToArray<float>());
        Assert.Equal(2f, Tensor.CrossEntropyLosses(logits, labels, null, new(0, 0)).TotalWeight.Item());
    }

    [Fact]
    public void CrossEntropy_ignores_what_rows_to_leave_out_hold()
    {
        Tensor logits = Tensor.From(new[,] { { 1f, 2 }, { float.NaN, Infinity } }, requiresGrad: true);
        (Tensor losses, Tensor total) = Tensor.CrossEntropyLosses(logits, Tensor.From([1L, -100]), null, new(-100, 0.1));
        Assert.Equal(0f, losses.ToArray<float>()[1]);
        Assert.Equal(1f, total.Item());
        losses.Sum().Backward();
        Assert.Equal([0f, 0], logits.Grad!.ToArray<float>()[2..]);
    }

    [Theory, InlineData(4L), InlineData(-1L), InlineData(-100L)]
    public void CrossEntropy_refuses_labels_that_name_no_class(long label)
    {
        foreach (Device device in new[] { Device.Cpu, Device.Reference })
        {
            Tensor logits = Tensor.Zeros([3, 4], device: device), labels = Tensor.From([0L, label, 1]).To(device);
            var e = Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.CrossEntropyLosses(logits, labels, null, new(-7, 0)));
            Assert.Contains($"label of row 1 is {label}", e.Message);
            Assert.Contains("4 classes", e.Message);
        }
    }

    /// <summary>A span says nothing when it writes: what is no class any more must not be written to.</summary>
    [Fact]
    public void CrossEntropy_refuses_labels_that_a_span_has_changed_since_forward()
    {
        Tensor logits = Tensor.Zeros([3, 4], requiresGrad: true), labels = Tensor.From([0L, 2, 1]);
        (Tensor losses, _) = Tensor.CrossEntropyLosses(logits, labels, null, new(-100, 0));
        labels.AsSpan<long>()[1] = 4;
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => losses.Sum().Backward());
        Assert.Contains("label of row 1 is 4", e.Message);
    }

    [Fact]
    public void CrossEntropy_of_large_logits_keeps_its_digits()
    {
        // log(1 + e^-1) = 0.31326168751822286, whatever is added to both logits.
        foreach (float height in new[] { 0, 4096f, -65536f })
        {
            Tensor logits = Tensor.From(new[,] { { height, height + 1 } }, requiresGrad: true);
            Tensor losses = Tensor.CrossEntropyLosses(logits, Tensor.From([1L]), null, new(-100, 0)).Losses;
            Assert.Equal(0.31326168751822286, losses.Item<double>(), 1e-7);
            losses.Sum().Backward();
            Assert.Equal(0.2689414213699951, logits.Grad!.ToArray<float>()[0], 1e-7);
        }
    }

    [Fact]
    public void CrossEntropy_can_be_differentiated_twice()
    {
        Tensor logits = Tensor.Randn([4, 3], DType.Float64, requiresGrad: true, generator: new(5)), labels = Tensor.From([2L, 0, 1, 1]);
        Tensor weights = Tensor.From([0.5, 1.5, 2]);
        foreach (CrossEntropyOptions options in new[] { new CrossEntropyOptions(-100, 0), new(1, 0.3) })
        {
            Assert.True(Autograd.GradGradCheck(t => [Tensor.CrossEntropyLosses(t[0], labels, weights, options).Losses], [logits]));
            Assert.True(Autograd.GradGradCheck(t => [Tensor.CrossEntropyLosses(t[0], labels, null, options).Losses], [logits]));
        }
    }

    [Fact]
    public void CrossEntropy_of_no_rows_is_empty()
    {
        (Tensor losses, Tensor total) = Tensor.CrossEntropyLosses(Tensor.Zeros([0, 3]), Tensor.Zeros([0], DType.Int64), null, new(-100, 0));
        Assert.Equal(0, losses.Count);
        Assert.Equal(0f, total.Item());
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-6f);
    }
}

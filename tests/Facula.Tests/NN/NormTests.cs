using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>Expected values come from runs of PyTorch 1.13.</summary>
public sealed class NormTests
{
    private static Tensor Input => ((Tensor.Arange(24, dtype: DType.Float64) * 7 % 11 - 4) / 3).Reshape(2, 3, 2, 2);

    private static readonly double[] Normalised =
    [
        -1.31306025, 0.525224101, -0.525224101, 1.31306025, 0.19999856, -1.39998992, 1.39998992, -0.19999856, -0.722894038, 1.52610964,
        0.240964679, -1.04418028,
        0.19999856, -1.39998992, 1.39998992, -0.19999856, -0.722894038, 1.52610964, 0.240964679, -1.04418028, 1.04418028, -0.240964679,
        -1.52610964, 0.722894038,
    ];

    [Fact]
    public void BatchNorm_trains_as_PyTorchs()
    {
        var layer = new BatchNorm2d(3, momentum: 0.3, dtype: DType.Float64);
        layer.Weight!.Data.CopyInPlace(Tensor.From([1.0, 2, -1]));
        layer.Bias!.Data.CopyInPlace(Tensor.From([0.5, 0, -1]));
        Tensor x = Input;
        x.RequiresGrad = true;
        Tensor y = layer.Call(x);
        Values.AssertClose([-1.23862942, 0.877962918, -0.33151842, 1.78507392, 0.778203673, -1.98874272, 2.85341347, 0.0864670748, -0.0629615425, -2.24938461,
            -1, 0.24938461,
            0.877962918, -0.33151842, 1.78507392, 0.575592584, -1.98874272, 2.85341347, 0.0864670748, -2.68047932, -2.24938461, -1, 0.24938461,
            -1.93703846], y, 1e-8);
        Values.AssertClose([0.175, 0.0875, 0], layer.RunningMean!, 1e-8);
        Values.AssertClose([1.11666667, 1.01845238, 1.09047619], layer.RunningVar!, 1e-8);
        y.Backward((Tensor.Arange(24, dtype: DType.Float64) * 5 % 7 - 3).Reshape(2, 3, 2, 2));
        Values.AssertClose([-2.08894852, 2.22890164, 0.539082407, -1.49284445, 6.25665464, 0.151292104, -0.57797733, -6.68333986, -0.728499294, -1.25413394,
            1.99120672, -1.32272181,
            1.32179064, -0.368028596, -2.39995545, 2.26000233, -1.92391769, -2.65318712, 5.7679189, -0.337443633, -0.317095486, 2.92824518, -0.385683357,
            -0.911318006], x.Grad!, 1e-8);
        Values.AssertClose([0.907111003, -5.44742571, -9.37038458], layer.Weight.Grad!, 1e-8);
        Values.AssertClose([-4, 2, 1], layer.Bias.Grad!, 1e-8);

        layer.Call(x.Detach() * 2 + 1);
        Values.AssertClose([0.7725, 0.53625, 0.3], layer.RunningMean!, 1e-8);
        Values.AssertClose([2.44833333, 1.98672619, 2.3252381], layer.RunningVar!, 1e-8);
        Assert.Equal(2, layer.NumBatchesTracked!.Item<long>());
        layer.Eval();
        Values.AssertClose([-0.84582266, 0.645393584, -0.206729984, 1.28448626, 0.185051662, -1.70685031, 1.60397814, -0.287923832, -0.147471898,
            -1.67765054, -0.803262746,
            0.0711250514, 0.645393584, -0.206729984, 1.28448626, 0.432362692, -1.70685031, 1.60397814, -0.287923832, -2.17982581, -1.67765054,
            -0.803262746, 0.0711250514,
            -1.45905359], layer.Call(x.Detach()), 1e-8);
        Assert.Equal(2, layer.NumBatchesTracked!.Item<long>());
    }

    [Fact]
    public void BatchNorm_without_momentum_averages()
    {
        var layer = new BatchNorm1d(3, momentum: null, dtype: DType.Float64);
        layer.Call(Input.Flatten(2));
        layer.Call(Input.Flatten(2) * 3 + 1);
        Values.AssertClose([1.66666667, 1.08333333, 0.5], layer.RunningMean!, 1e-8);
        Values.AssertClose([6.94444444, 5.30753968, 6.50793651], layer.RunningVar!, 1e-8);
    }

    [Fact]
    public void BatchNorm_in_evaluation_has_gradients_of_constants()
    {
        var layer = new BatchNorm1d(3, dtype: DType.Float64);
        layer.RunningMean!.CopyInPlace(Tensor.From([1.0, -1, 0.5]));
        layer.RunningVar!.CopyInPlace(Tensor.From([2.0, 0.5, 1]));
        layer.Eval();
        Tensor x = Tensor.Randn([4, 3], DType.Float64, requiresGrad: true);
        Tensor w = layer.Weight!, b = layer.Bias!;
        Assert.True(Autograd.GradCheck(t => F.BatchNorm(t[0], layer.RunningMean, layer.RunningVar, t[1], t[2]), [x, w, b]));
        Assert.True(Autograd.GradGradCheck(t => F.BatchNorm(t[0], layer.RunningMean, layer.RunningVar, t[1], t[2]), [x, w, b]));
    }

    [Fact]
    public void BatchNorm_keeps_its_digits_far_from_zero()
    {
        Tensor x = Tensor.Randn([64, 20, 9, 9], generator: new Generator(2)) + 3000;
        Tensor.OwnChannelNorm("batchNorm", x, null, null, null, 1e-5, out Tensor mean, out Tensor variance);
        Tensor exact = x.To(DType.Float64);
        Values.AssertClose(exact.Mean([0, 2, 3]).ToArray<double>(), mean, 1e-7);
        Values.AssertClose(exact.Var([0, 2, 3], correction: 0).ToArray<double>(), variance, 1e-6);
    }

    [Theory, InlineData(3), InlineData(50)]
    public void GroupNorm_keeps_its_digits_far_from_zero(int samples)
    {
        Tensor x = Tensor.Randn([samples, 20, 19, 9], generator: new Generator(2)) + Tensor.Arange(20).Reshape(1, 20, 1, 1) * 300;
        Tensor.OwnChannelNorm("groupNorm", x, 5, null, null, 1e-5, out Tensor mean, out Tensor variance);
        Tensor exact = x.To(DType.Float64).Reshape(samples, 5, -1);
        Values.AssertClose(exact.Mean(2).ToArray<double>(), mean.Flatten(), 1e-7);
        Values.AssertClose(exact.Var([2], correction: 0).ToArray<double>(), variance.Flatten(), 1e-6);
    }

    [Fact]
    public void A_batch_that_is_refused_is_not_counted()
    {
        var layer = new BatchNorm1d(3, momentum: null);
        Assert.Throws<ArgumentException>(() => layer.Call(Tensor.Zeros(1, 3)));
        Assert.Equal(0, layer.NumBatchesTracked!.Item<long>());
        layer.Call(Tensor.Ones(2, 3));
        Assert.Equal([1f, 1, 1], layer.RunningMean!.ToArray<float>());
    }

    [Theory, InlineData(0, 4), InlineData(3, 0)]
    public void Norms_of_nothing_have_second_derivatives(int rows, int size)
    {
        foreach (Func<Tensor, Tensor> norm in (Func<Tensor, Tensor>[])[x => F.LayerNorm(x, [size]), x => F.RmsNorm(x, [size]), x => F.GroupNorm(x, 2),
            x => F.BatchNorm(x, null, null, training: true)])
        {
            Tensor x = Tensor.Zeros([rows, size], requiresGrad: true);
            Tensor gradient = Autograd.Grad(norm(x).Sum(), x, createGraph: true);
            Assert.Equal([rows, size], gradient.Shape);
        }
    }

    [Fact]
    public void Batch_norm_with_relu_is_the_relu_of_the_norm()
    {
        var generator = new Generator(3);
        foreach (int channels in new[] { 3, 16, 24, 40 })
        {
            BatchNorm2d one = new(channels), two = new(channels);
            Tensor a = Tensor.Randn([4, channels, 5, 3], requiresGrad: true, generator: generator), b = a.Detach().Clone(),
                g = Tensor.Randn(a.Shape, generator: generator);
            b.RequiresGrad = true;
            Tensor fused = new Sequential(one, new Relu()).Call(a), plain = two.Call(b).Relu();
            Assert.Equal(plain.ToArray<float>(), fused.ToArray<float>());
            fused.Backward(g);
            plain.Backward(g);
            Assert.Equal(b.Grad!.ToArray<float>(), a.Grad!.ToArray<float>());
            Assert.Equal(two.Weight!.Grad!.ToArray<float>(), one.Weight!.Grad!.ToArray<float>());
            Assert.Equal(two.Bias!.Grad!.ToArray<float>(), one.Bias!.Grad!.ToArray<float>());
        }
    }

    [Fact]
    public void InstanceNorm_works_as_PyTorchs()
    {
        var layer = new InstanceNorm2d(3, momentum: 0.3, affine: true, trackRunningStats: true, dtype: DType.Float64);
        Values.AssertClose(Normalised, layer.Call(Input), 1e-8);
        Values.AssertClose([0.175, 0.0875, 0], layer.RunningMean!, 1e-8);
        Values.AssertClose([1.16111111, 1.05416667, 1.13055556], layer.RunningVar!, 1e-8);
        layer.Eval();
        Values.AssertClose([-1.39977608, 0.765623381, -0.47174774, 1.69365172, 0.564087997, -0.734531853, 1.53805288, 0.239433035, -0.940485545, 1.25398073,
            0, -1.25398073], layer.Call(Input).Select(0, 0), 1e-8);
        Assert.Equal([3, 2, 2], layer.Call(Input.Select(0, 0)).Shape);
        Assert.Throws<ArgumentException>(() => new InstanceNorm1d(3).Call(Tensor.Zeros(2, 3, 1)));
    }

    [Fact]
    public void Row_norms_give_PyTorchs_values()
    {
        Values.AssertClose(Normalised, new GroupNorm(3, 3, dtype: DType.Float64).Call(Input), 1e-8);
        var layer = new LayerNorm([2, 2], dtype: DType.Float64);
        layer.Weight!.Data.CopyInPlace(Tensor.From([1.0, 2, 3, 4], [2, 2]));
        layer.Bias!.Data.CopyInPlace(Tensor.From([0.0, 1, 2, 3], [2, 2]));
        Values.AssertClose([-1.31306025, 2.0504482, 0.424327696, 8.25224101, 0.19999856, -1.79997984, 6.19996976, 2.20000576, -0.722894038, 4.05221927,
            2.72289404, -1.17672111], layer.Call(Input).Select(0, 0), 1e-8);
        Values.AssertClose([-0.784464541, 0.632455532, -0.232495277, 1, 0.377964473, -0.404061018, 0.89802651, 0.165521178, -0.606091527, 0.755928946,
            0, -0.77702869], new LocalResponseNorm(2, alpha: 1, beta: 0.5, k: 2).Call(Input).Select(0, 0), 1e-8);
        // By the definition in torch.nn.RMSNorm's documentation, which is younger than 1.13.
        Tensor x = Input.Reshape(6, 4);
        Values.AssertClose((x / (x.Square().Mean(1, keepDim: true) + 1e-3).Sqrt()).ToArray<double>(),
            new RmsNorm(4, 1e-3, dtype: DType.Float64).Call(x), 1e-12);
        Values.AssertClose([-0.474578998, 0.189831599, 0.854242196, -0.0949157996], F.Normalize(Tensor.From([-5.0, 2, 9, -1], [1, 4])), 1e-8);
    }

    [Fact]
    public void States_have_PyTorchs_keys()
    {
        string[] all = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
        Assert.Equal(all, new BatchNorm2d(3).StateDict().Keys);
        Assert.Equal(all[..2], new BatchNorm2d(3, trackRunningStats: false).StateDict().Keys);
        Assert.Equal(all[2..], new BatchNorm1d(3, affine: false).StateDict().Keys);
        Assert.Equal(all, new InstanceNorm3d(3, affine: true, trackRunningStats: true).StateDict().Keys);
        Assert.Empty(new InstanceNorm1d(3).StateDict());
        Assert.Equal(all[..2], new LayerNorm(3).StateDict().Keys);
        Assert.Equal(all[..1], new LayerNorm(3, bias: false).StateDict().Keys);
        Assert.Equal(all[..1], new RmsNorm(3).StateDict().Keys);
        Assert.Equal(all[..2], new GroupNorm(1, 3).StateDict().Keys);
    }

    [Fact]
    public void Norms_say_what_does_not_fit()
    {
        var error = Assert.Throws<ArgumentException>(() => new BatchNorm2d(3).Call(Tensor.Zeros(2, 4, 5, 5)));
        Assert.Contains("BatchNorm2d(3", error.Message, StringComparison.Ordinal);
        Assert.Contains("[2, 4, 5, 5]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[n, 3, height, width]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new BatchNorm1d(3).Call(Tensor.Zeros(2, 3, 4, 4)));
        Assert.Throws<ArgumentException>(() => new BatchNorm1d(3).Call(Tensor.Zeros(1, 3)));
        Assert.Equal([1, 3], ((BatchNorm1d)new BatchNorm1d(3).Eval()).Call(Tensor.Zeros(1, 3)).Shape);
        Assert.Throws<ArgumentException>(() => F.BatchNorm(Tensor.Zeros(2, 3), null, null));
        Assert.Throws<ArgumentException>(() => F.BatchNorm(Tensor.Zeros(2, 3), null, null, Tensor.Zeros(4), training: true));
        Assert.Throws<ArgumentException>(() => F.BatchNorm(Tensor.Zeros(2, 3), null, null, Tensor.Zeros([3], DType.Float64), training: true));
        error = Assert.Throws<ArgumentException>(() => new LayerNorm([4, 5]).Call(Tensor.Zeros(2, 5)));
        Assert.Contains("[4, 5]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new GroupNorm(2, 5));
        Assert.Throws<ArgumentException>(() => F.GroupNorm(Tensor.Zeros(2, 5, 3), 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GroupNorm(1, -1, affine: false));
        error = Assert.Throws<ArgumentException>(() => F.InstanceNorm(Tensor.Zeros(2, 3, 4), useInputStats: false));
        Assert.Contains("useInputStats", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => F.InstanceNorm(Tensor.Zeros(2, 3, 4), weight: Tensor.Ones(4)));
        Assert.Contains("a weight of shape [4]", error.Message, StringComparison.Ordinal);
    }
}

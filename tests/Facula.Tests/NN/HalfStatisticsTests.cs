using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

internal sealed partial class WideBuffers : Module<Tensor, Tensor>
{
    [Buffer] public Tensor Sum { get; } = Tensor.Zeros(2);
    [Buffer] public Tensor Plain { get; } = Tensor.Zeros(2);

    protected override DType BufferType(DType type) => DType.Float64;

    public override Tensor Forward(Tensor input) => input;
}

/// <summary>Running statistics of layers in 16-bit floats are Float32: the square of a number beyond 256 is beyond Float16.</summary>
public sealed class HalfStatisticsTests
{
    private static readonly Dictionary<string, Func<DType, ChannelNorm>> Layers = new()
    {
        ["BatchNorm1d"] = type => new BatchNorm1d(3, dtype: type),
        ["BatchNorm2d"] = type => new BatchNorm2d(3, dtype: type),
        ["BatchNorm3d"] = type => new BatchNorm3d(3, dtype: type),
        ["InstanceNorm1d"] = type => new InstanceNorm1d(3, affine: true, trackRunningStats: true, dtype: type),
        ["InstanceNorm2d"] = type => new InstanceNorm2d(3, affine: true, trackRunningStats: true, dtype: type),
    };

    public static TheoryData<string, DType, bool> All =>
        [.. from name in Layers.Keys from type in (DType[])[DType.Float16, DType.BFloat16] from made in (bool[])[true, false] select (name, type, made)];

    private static Tensor Input(string name, DType type)
    {
        // Up to ±60,000, whose squares are 3.6e9.
        Tensor x = ((Tensor.Arange(2 * 3 * 8) * 7 % 13 - 6) * 10_000).To(type);
        return name[^2] == '1' ? x.Reshape(2, 3, 8) : name[^2] == '2' ? x.Reshape(2, 3, 2, 4) : x.Reshape(2, 3, 2, 2, 2);
    }

    [Theory, MemberData(nameof(All))]
    public void Statistics_of_16_bit_layers_stay_finite(string name, DType type, bool made)
    {
        ChannelNorm layer = made ? Layers[name](type) : Layers[name](DType.Float32).To(type), wide = Layers[name](DType.Float32);
        Assert.Equal((type, DType.Float32, DType.Float32), (layer.Weight!.DType, layer.RunningMean!.DType, layer.RunningVar!.DType));
        Tensor x = Input(name, type);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(layer.Call(x).ToArray<float>().All(float.IsFinite));
            wide.Call(x.To(DType.Float32));
        }
        float[] variances = layer.RunningVar.ToArray<float>();
        Assert.All(variances, variance => Assert.True(variance > 65504 && float.IsFinite(variance)));
        Assert.Equal(wide.RunningVar!.ToArray<float>(), variances);
        Assert.Equal(wide.RunningMean!.ToArray<float>(), layer.RunningMean.ToArray<float>());
        layer.Eval();
        Assert.True(layer.Call(x).ToArray<float>().All(float.IsFinite));
        Assert.Equal(type, layer.Call(x).DType);

        // States travel, whatever types they come from.
        ChannelNorm other = Layers[name](type);
        other.LoadStateDict(layer.StateDict());
        Assert.Equal(variances, other.RunningVar!.ToArray<float>());
        layer.To(DType.Float64);
        Assert.Equal(DType.Float64, layer.RunningVar.DType);
        layer.To(DType.Float32);
        Assert.Equal(DType.Float32, layer.RunningVar.DType);
    }

    [Fact]
    public void A_normalisation_folded_into_a_convolution_keeps_the_type()
    {
        Sequential model = new Sequential(new Conv2d(2, 3, 3), new BatchNorm2d(3)).To(DType.Float16);
        Tensor x = Tensor.Ones([1, 2, 5, 5], DType.Float16);
        model.Call(x);
        model.Eval();
        using GradModeScope scope = Autograd.NoGrad();
        Assert.Equal(DType.Float16, model.Call(x).DType);
    }

    [Fact]
    public void A_running_variance_that_would_overflow_is_refused()
    {
        Tensor x = Input("BatchNorm1d", DType.Float16), mean = Tensor.Zeros([3], DType.Float16), variance = Tensor.Ones([3], DType.Float16);
        Assert.Contains("float32", Assert.Throws<ArgumentException>(() => F.BatchNorm(x, mean, variance, training: true)).Message);
        Assert.Contains("float32", Assert.Throws<ArgumentException>(() => F.InstanceNorm(x, mean, variance)).Message);
        Assert.Equal(x.Shape, F.BatchNorm(x, mean, variance).Shape);
    }

    [Fact]
    public void A_module_says_of_what_type_its_buffers_are()
    {
        WideBuffers module = new Sequential(new WideBuffers()).To(DType.Float16).Modules().OfType<WideBuffers>().Single();
        Assert.Equal((DType.Float64, DType.Float64), (module.Sum.DType, module.Plain.DType));
    }
}

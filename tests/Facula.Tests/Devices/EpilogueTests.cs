using Facula.Backends;
using Facula.Tests.Ops;
using F = Facula.NN.Functional;

namespace Facula.Tests.Devices;

/// <summary>What a kernel does of an epilogue and what a second pass does give the same: activation(result + bias + residual), one after the other.</summary>
public sealed class EpilogueTests
{
    public static TheoryData<string, DType, bool, bool> Kinds { get; } =
    [
        .. from device in new[] { "cpu", "reference", "primitive", "remote", "cuda-emulated" }
           from type in new[] { DType.Float32, DType.Float64, DType.BFloat16 }
           from relu in new[] { false, true }
           from residual in new[] { false, true }
           select (device, type, relu, residual),
    ];

    private static Device Find(string name) => name switch { "cpu" => Device.Cpu, "primitive" => Remote.Device, _ => TestDevices.Find(name) };

    [Theory, MemberData(nameof(Kinds))]
    public void Products_convolutions_and_norms_end_with_all_of_it(string name, DType type, bool relu, bool hasResidual)
    {
        Device device = Find(name);
        Backend backend = device.Backend;
        var random = new Generator(6);
        Tensor Random(params int[] shape) => Tensor.Randn(shape, generator: random).To(type);

        Tensor a = Random(5, 7), b = Random(7, 4), row = Random(4), added = Random(4, 5).T;
        Check("MatMul", a.MatMul(b) + row, added, y => backend.MatMul(There(a), There(b), y, 1, 0, Of(row, added)));

        Tensor x = Random(2, 3, 6, 5), w = Random(4, 3, 3, 3), channels = Random(4), over = Random(2, 5, 6, 4).Permute(0, 3, 2, 1);
        Check("Convolution", F.Conv2d(x, w, channels, padding: 1), over, y =>
            backend.Convolution(There(x), There(w), y, new Window([3, 3], [1, 1], [1, 1], [1, 1]), 1, Of(channels, over)));

        Tensor scale = Random(3), shift = Random(3), beside = Random(2, 3, 6, 5);
        Check("ChannelNorm", F.BatchNorm(x, null, null, scale, shift, training: true), beside, y =>
        {
            Operand mean = There(Tensor.Zeros([3], type.Compute)), variance = There(Tensor.Zeros([3], type.Compute));
            backend.ChannelNorm(There(x), new(mean, variance, There(scale), 1e-5, Of(shift, beside)), true, y);
        });

        Operand There(Tensor t) => t.To(device).Operand;

        Epilogue Of(Tensor bias, Tensor residual) =>
            new(There(bias), relu ? ActivationKind.Relu : ActivationKind.None, hasResidual ? There(residual) : null);

        void Check(string what, Tensor plain, Tensor residual, Action<Operand> run)
        {
            Tensor expected = hasResidual ? plain + residual : plain, y = Tensor.Empty(plain.Shape, type, device);
            if (relu) expected = expected.Relu();
            run(y.Operand);
            Close.AssertUlps(y, expected.To(DType.Float64), 64, true, $"{what} on {name}");
        }
    }

    [Theory, InlineData("cpu"), InlineData("reference"), InlineData("primitive"), InlineData("cuda-emulated")]
    public void The_gradient_of_a_norm_stops_where_the_activation_has(string name)
    {
        Device device = Find(name);
        var random = new Generator(7);
        Tensor x = Tensor.Randn([4, 3, 5], DType.Float64, generator: random), residual = Tensor.Randn([4, 3, 5], DType.Float64, generator: random);
        Tensor g = Tensor.Randn([4, 3, 5], DType.Float64, generator: random), shift = Tensor.Randn([3], DType.Float64, generator: random);
        x.RequiresGrad = true;
        Tensor y = (F.BatchNorm(x, null, null, null, shift, training: true) + residual).Relu();
        Tensor expected = Autograd.Grad(y, x, g);

        Tensor values = x.Detach(), mean = values.Mean([0, 2]), variance = values.Var([0, 2], correction: 0), result = Tensor.Empty(x.Shape, x.DType, device);
        var options = new ChannelNormOptions(There(mean), There(variance), null, 1e-5, new(There(shift), ActivationKind.Relu, There(residual)));
        device.Backend.ChannelNormGrad(There(g), There(values), options, true, result.Operand, null, null);
        Close.AssertUlps(result, expected, 1000, true, name);

        Operand There(Tensor t) => t.To(device).Operand;
    }
}

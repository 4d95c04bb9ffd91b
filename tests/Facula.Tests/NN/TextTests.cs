using Facula.NN;

namespace Facula.Tests.NN;

/// <summary>Modules as text are as PyTorch prints them (1.13; lists of equal modules as 2.x does).</summary>
public sealed class TextTests
{
    public static TheoryData<string, Module> Layers => new()
    {
        { "Linear(in_features=784, out_features=10, bias=True)", new Linear(784, 10) },
        { "Linear(in_features=3, out_features=2, bias=False)", new Linear(3, 2, bias: false) },
        { "Identity()", new Identity() },
        { "Flatten(start_dim=1, end_dim=-1)", new Flatten() },
        { "Unflatten(dim=1, unflattened_size=(2, 5, 5))", new Unflatten(1, [2, 5, 5]) },
        { "Dropout(p=0.5, inplace=False)", new Dropout() },
        { "Embedding(10, 3)", new Embedding(10, 3) },
        { "Embedding(10, 3, padding_idx=9, max_norm=1.0, norm_type=3.0)", new Embedding(10, 3, paddingIdx: -1, maxNorm: 1, normType: 3) },
        { "ReLU()", new Relu() },
        { "ReLU6()", new Relu6() },
        { "LeakyReLU(negative_slope=0.01)", new LeakyRelu() },
        { "LeakyReLU(negative_slope=1e-05)", new LeakyRelu(1e-5) },
        { "ELU(alpha=1.0)", new Elu() },
        { "SELU()", new Selu() },
        { "GELU(approximate='none')", new Gelu() },
        { "GELU(approximate='tanh')", new Gelu(GeluApproximation.Tanh) },
        { "SiLU()", new Silu() },
        { "Mish()", new Mish() },
        { "Softplus(beta=1.0, threshold=20.0)", new Softplus() },
        { "Hardtanh(min_val=-1.0, max_val=1.0)", new HardTanh() },
        { "Hardsigmoid()", new HardSigmoid() },
        { "Hardswish()", new HardSwish() },
        { "Sigmoid()", new Sigmoid() },
        { "Tanh()", new Tanh() },
        { "Softmax(dim=1)", new Softmax(1) },
        { "LogSoftmax(dim=-1)", new LogSoftmax(-1) },
        { "LogSigmoid()", new LogSigmoid() },
        { "Softsign()", new Softsign() },
        { "NLLLoss()", new NllLoss() },
        { "BCEWithLogitsLoss()", new BinaryCrossEntropyWithLogitsLoss() },
        { "HuberLoss()", new HuberLoss() },
        { "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)", new MaxPool1d(2) },
        { "MaxPool2d(kernel_size=(2, 3), stride=(2, 3), padding=(1, 0), dilation=1, ceil_mode=False)", new MaxPool2d((2, 3), padding: (1, 0)) },
        { "AvgPool1d(kernel_size=(3,), stride=(2,), padding=(0,))", new AvgPool1d(3, 2) },
        { "AvgPool2d(kernel_size=3, stride=2, padding=1)", new AvgPool2d(3, 2, 1, countIncludePad: false) },
        { "AvgPool3d(kernel_size=(1, 2, 3), stride=(1, 2, 3), padding=0)", new AvgPool3d((1, 2, 3)) },
        { "LPPool1d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)", new LPPool1d(2, 3) },
        { "LPPool2d(norm_type=1.5, kernel_size=(3, 2), stride=2, ceil_mode=True)", new LPPool2d(1.5, (3, 2), 2, true) },
        { "AdaptiveAvgPool1d(output_size=5)", new AdaptiveAvgPool1d(5) },
        { "AdaptiveAvgPool2d(output_size=(None, 7))", new AdaptiveAvgPool2d((-1, 7)) },
        { "MaxUnpool1d(kernel_size=(2,), stride=(2,), padding=(0,))", new MaxUnpool1d(2) },
        { "MaxUnpool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))", new MaxUnpool2d(3, 2, 1) },
        { "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)", new BatchNorm2d(3) },
        { "BatchNorm1d(3, eps=0.001, momentum=None, affine=False, track_running_stats=False)", new BatchNorm1d(3, 1e-3, null, false, false) },
        { "LayerNorm((3,), eps=1e-05, elementwise_affine=True)", new LayerNorm(3) },
        { "LayerNorm((2, 3), eps=1e-05, elementwise_affine=False)", new LayerNorm([2, 3], elementwiseAffine: false) },
        // Younger than 1.13: as 2.x prints it.
        { "RMSNorm((3,), eps=None, elementwise_affine=True)", new RmsNorm(3) },
        { "GroupNorm(2, 6, eps=1e-05, affine=True)", new GroupNorm(2, 6) },
        { "InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)", new InstanceNorm2d(3) },
        { "LocalResponseNorm(5, alpha=0.0001, beta=0.75, k=1.0)", new LocalResponseNorm(5) },
        { "Dropout2d(p=0.3, inplace=False)", new Dropout2d(0.3) },
        { "FeatureAlphaDropout(p=0.1, inplace=False)", new FeatureAlphaDropout(0.1) },
        { "ConstantPad1d(padding=(2, 2), value=3.5)", new ConstantPad1d(2, 3.5) },
        { "ZeroPad2d((1, 1, 1, 1))", new ZeroPad2d(1) },
        { "ReplicationPad2d((1, 2, 3, 4))", new ReplicationPad2d((1, 2, 3, 4)) },
        // With the quotes of 2.x.
        { "Upsample(scale_factor=2.0, mode='nearest')", new Upsample(scaleFactor: 2) },
        { "Upsample(size=(4, 5), mode='bilinear')", new Upsample((4, 5), mode: InterpolationMode.Bilinear) },
        { "PixelShuffle(upscale_factor=3)", new PixelShuffle(3) },
        { "PixelUnshuffle(downscale_factor=2)", new PixelUnshuffle(2) },
        { "ChannelShuffle(groups=2)", new ChannelShuffle(2) },
        { "Unfold(kernel_size=(2, 3), dilation=1, padding=0, stride=1)", new Unfold((2, 3)) },
        { "Fold(output_size=(4, 5), kernel_size=2, dilation=1, padding=1, stride=1)", new Fold((4, 5), 2, padding: 1) },
    };

    [Theory, MemberData(nameof(Layers))]
    public void Layer_prints_as_in_PyTorch(string expected, Module layer) => Assert.Equal(expected, layer.ToString());

    [Fact]
    public void Nested_modules_are_indented() => Assert.Equal(
        """
        Nested(
          (norm): Running()
          (body): Mlp(
            (linear1): Linear(in_features=4, out_features=3, bias=True)
            (linear2): Linear(in_features=3, out_features=2, bias=True)
            (dropout): Dropout(p=0.25, inplace=False)
          )
        )
        """, new Nested().ToString());

    [Fact]
    public void Containers_print_their_entries()
    {
        Assert.Equal(
            """
            Sequential(
              (0): Linear(in_features=2, out_features=3, bias=True)
              (1): ReLU()
            )
            """, new Sequential(new Linear(2, 3), new Relu()).ToString());
        Assert.Equal("Sequential()", new Sequential().ToString());
        Assert.Equal(
            """
            ModuleList(
              (0-1): 2 x Linear(in_features=2, out_features=2, bias=True)
              (2): Sequential(
                (0): ReLU()
              )
            )
            """, new ModuleList<Module<Tensor, Tensor>>(new Linear(2, 2), new Linear(2, 2), new Sequential(new Relu())).ToString());
        Assert.Equal(
            """
            ModuleDict(
              (a): Linear(in_features=1, out_features=1, bias=True)
              (b): ReLU()
            )
            """, new ModuleDict<Module> { { "a", new Linear(1, 1) }, { "b", new Relu() } }.ToString());
        Assert.Equal("ParameterList(\n    (0): Parameter containing: [torch.float32 of size 2x3]\n    (1): Parameter containing: [torch.float32 of size 4]\n)",
            new ParameterList(new Parameter(Tensor.Zeros(2, 3)), new Parameter(Tensor.Zeros(4))).ToString());
    }

    [Fact]
    public void Summary_shows_shapes_parameters_and_memory()
    {
        var model = new Mlp();
        Assert.Equal(
            """
            Layer                Output shape  Parameters
            ─────────────────────────────────────────────
            Mlp                  [8, 2]                 -
            ├─ linear1: Linear   [8, 3]                15
            ├─ linear2: Linear   [8, 2]                 8
            └─ dropout: Dropout  [8, 2]                 -
            ─────────────────────────────────────────────
            Parameters: 23, of which 23 are trained
            Memory: input 128 B, outputs 224 B, parameters and buffers 92 B

            """, model.Summary([8, 4]));
        Assert.All(model.Modules(), m => Assert.True(m.IsTraining));
        Assert.All(model.Parameters(), p => Assert.Null(p.Grad));
        Assert.Contains("shared", new Tied().Summary([1, 3]), StringComparison.Ordinal);
        Assert.Contains("[2, 3]", new Sequential(new Embedding(5, 3)).Summary([2], DType.Int64), StringComparison.Ordinal);
    }
}

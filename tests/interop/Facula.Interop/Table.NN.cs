using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Interop;

internal static partial class Table
{
    private static KeyValuePair<string, Func<Arguments, Tensor[]>>[] Layers =>
    [
        Line("matmul", a => a.T(0).MatMul(a.T(1))), Line("bmm", a => a.T(0).Bmm(a.T(1))), Line("dot", a => a.T(0).Dot(a.T(1))),
        Line("outer", a => a.T(0).Outer(a.T(1))),
        Line("addmm", a => a.T(0).AddMm(a.T(1), a.T(2), a.D(3), a.D(4))), Line("linear", a => F.Linear(a.T(0), a.T(1), a.TOrNull(2))),

        Line("conv1d", a => F.Conv1d(a.T(0), a.T(1), a.TOrNull(2), a.Extent(3), a.Padding(4), a.Extent(5), a.I(6))),
        Line("conv2d", a => F.Conv2d(a.T(0), a.T(1), a.TOrNull(2), a.Extent(3), a.Padding(4), a.Extent(5), a.I(6))),
        Line("conv3d", a => F.Conv3d(a.T(0), a.T(1), a.TOrNull(2), a.Extent(3), a.Padding(4), a.Extent(5), a.I(6))),
        Line("conv_transpose1d", a => F.ConvTranspose1d(a.T(0), a.T(1), a.TOrNull(2), a.Extent(3), a.Extent(4), a.Extent(5), a.I(6), a.Extent(7))),
        Line("conv_transpose2d", a => F.ConvTranspose2d(a.T(0), a.T(1), a.TOrNull(2), a.Extent(3), a.Extent(4), a.Extent(5), a.I(6), a.Extent(7))),
        Line("conv_transpose3d", a => F.ConvTranspose3d(a.T(0), a.T(1), a.TOrNull(2), a.Extent(3), a.Extent(4), a.Extent(5), a.I(6), a.Extent(7))),

        Pair("max_pool1d", a => F.MaxPool1dWithIndices(a.T(0), a.Extent(1), a.Extent(2), a.Extent(3), a.Extent(4), a.B(5))),
        Pair("max_pool2d", a => F.MaxPool2dWithIndices(a.T(0), a.Extent(1), a.Extent(2), a.Extent(3), a.Extent(4), a.B(5))),
        Pair("max_pool3d", a => F.MaxPool3dWithIndices(a.T(0), a.Extent(1), a.Extent(2), a.Extent(3), a.Extent(4), a.B(5))),
        Line("avg_pool1d", a => F.AvgPool1d(a.T(0), a.Extent(1), a.Extent(2), a.Extent(3), a.B(4), a.B(5))),
        Line("avg_pool2d", a => F.AvgPool2d(a.T(0), a.Extent(1), a.Extent(2), a.Extent(3), a.B(4), a.B(5), a.IOrNull(6))),
        Line("avg_pool3d", a => F.AvgPool3d(a.T(0), a.Extent(1), a.Extent(2), a.Extent(3), a.B(4), a.B(5), a.IOrNull(6))),
        Line("lp_pool1d", a => F.LPPool1d(a.T(0), a.D(1), a.Extent(2), a.Extent(3), a.B(4))),
        Line("lp_pool2d", a => F.LPPool2d(a.T(0), a.D(1), a.Extent(2), a.Extent(3), a.B(4))),
        Line("adaptive_avg_pool1d", a => F.AdaptiveAvgPool1d(a.T(0), a.Extent(1))), Line("adaptive_avg_pool2d", a => F.AdaptiveAvgPool2d(a.T(0), a.Extent(1))),
        Line("adaptive_avg_pool3d", a => F.AdaptiveAvgPool3d(a.T(0), a.Extent(1))),
        Pair("adaptive_max_pool1d", a => F.AdaptiveMaxPool1dWithIndices(a.T(0), a.Extent(1))),
        Pair("adaptive_max_pool2d", a => F.AdaptiveMaxPool2dWithIndices(a.T(0), a.Extent(1))),
        Pair("adaptive_max_pool3d", a => F.AdaptiveMaxPool3dWithIndices(a.T(0), a.Extent(1))),
        Line("max_unpool2d", a => F.MaxUnpool2d(a.T(0), a.T(1), a.Extent(2), a.Extent(3), a.Extent(4))),
        Line("unfold", a => F.Unfold(a.T(0), a.Extent(1), a.Extent(2), a.Extent(3), a.Extent(4))),
        Line("fold", a => F.Fold(a.T(0), a.Extent(1), a.Extent(2), a.Extent(3), a.Extent(4), a.Extent(5))),

        Line("batch_norm", a => F.BatchNorm(a.T(0), a.TOrNull(1), a.TOrNull(2), a.TOrNull(3), a.TOrNull(4), a.B(5), a.D(6), a.D(7))),
        Line("instance_norm", a => F.InstanceNorm(a.T(0), a.TOrNull(1), a.TOrNull(2), a.TOrNull(3), a.TOrNull(4), a.B(5), a.D(6), a.D(7))),
        Line("layer_norm", a => F.LayerNorm(a.T(0), a.Shape(1), a.TOrNull(2), a.TOrNull(3), a.D(4))),
        Line("group_norm", a => F.GroupNorm(a.T(0), a.I(1), a.TOrNull(2), a.TOrNull(3), a.D(4))),
        Line("local_response_norm", a => F.LocalResponseNorm(a.T(0), a.I(1), a.D(2), a.D(3), a.D(4))),
        Line("normalize", a => F.Normalize(a.T(0), a.D(1), a.I(2), a.D(3))), Line("cosine_similarity", a => F.CosineSimilarity(a.T(0), a.T(1), a.I(2), a.D(3))),

        Line("cross_entropy", a => F.CrossEntropy(a.T(0), a.T(1), a.TOrNull(2), a.I(3), a.Reduction(4), a.D(5))),
        Line("nll_loss", a => F.NllLoss(a.T(0), a.T(1), a.TOrNull(2), a.I(3), a.Reduction(4))),
        Line("mse_loss", a => F.MseLoss(a.T(0), a.T(1), a.Reduction(2))), Line("l1_loss", a => F.L1Loss(a.T(0), a.T(1), a.Reduction(2))),
        Line("smooth_l1_loss", a => F.SmoothL1Loss(a.T(0), a.T(1), a.Reduction(2), a.D(3))),
        Line("huber_loss", a => F.HuberLoss(a.T(0), a.T(1), a.Reduction(2), a.D(3))),
        Line("binary_cross_entropy", a => F.BinaryCrossEntropy(a.T(0), a.T(1), a.TOrNull(2), a.Reduction(3))),
        Line("binary_cross_entropy_with_logits", a => F.BinaryCrossEntropyWithLogits(a.T(0), a.T(1), a.TOrNull(2), a.Reduction(4), a.TOrNull(3))),
        Line("kl_div", a => F.KlDiv(a.T(0), a.T(1), a.Reduction(2), a.B(3))),

        Line("pad", a => F.Pad(a.T(0), a.Is(1), Enum.Parse<PaddingMode>(a.S(2), ignoreCase: true), a.D(3))),
        Line("interpolate",
            a => F.Interpolate(a.T(0), a.Extent(1), Scale(a, 2), Enum.Parse<InterpolationMode>(a.S(3).Replace("-", ""), ignoreCase: true), a.B(4), a.B(5))),
        Line("pixel_shuffle", a => F.PixelShuffle(a.T(0), a.I(1))), Line("pixel_unshuffle", a => F.PixelUnshuffle(a.T(0), a.I(1))),
        Line("channel_shuffle", a => F.ChannelShuffle(a.T(0), a.I(1))),
    ];

    private static KeyValuePair<string, Func<Arguments, Tensor[]>>[] Creation =>
    [
        Line("arange", a => Tensor.Arange(a.N(0), a.N(1), a.NOrNull(2), a.TypeOrNull(3))),
        Line("linspace", a => Tensor.Linspace(a.N(0), a.N(1), a.I(2), a.Type(3))),
        Line("logspace", a => Tensor.Logspace(a.N(0), a.N(1), a.I(2), a.D(3), a.Type(4))),
        Line("eye", a => Tensor.Eye(a.I(0), a.I(1), a.Type(2))), Line("full", a => Tensor.Full(a.Shape(0), a.N(1), a.Type(2))),
    ];

    private static KeyValuePair<string, Func<Arguments, Tensor[]>>[] Training =>
    [
        Line("StepLR", a => Rates(a, o => new StepLr(o, a.I(2), a.D(3)))), Line("MultiStepLR", a => Rates(a, o => new MultiStepLr(o, a.Is(2), a.D(3)))),
        Line("ExponentialLR", a => Rates(a, o => new ExponentialLr(o, a.D(2)))),
        Line("CosineAnnealingLR", a => Rates(a, o => new CosineAnnealingLr(o, a.I(2), a.D(3)))),
        Line("OneCycleLR", a => Rates(a, o => new OneCycleLr(o, a.D(2), a.I(3), new()
        {
            PctStart = a.D(4),
            AnnealStrategy = a.S(5) == "cos" ? AnnealStrategy.Cosine : AnnealStrategy.Linear,
            CycleMomentum = false,
            DivFactor = a.D(6),
            FinalDivFactor = a.D(7),
            ThreePhase = a.B(8),
        }))),
        Line("ReduceLROnPlateau", a =>
        {
            var optimizer = new Sgd([Tensor.Zeros([1], requiresGrad: true)], a.D(0));
            var schedule = new ReduceLrOnPlateau(optimizer, Enum.Parse<PlateauMode>(a.S(2), ignoreCase: true), a.D(3), a.I(4), a.D(5),
                a.S(6) == "rel" ? ThresholdMode.Relative : ThresholdMode.Absolute, a.I(7), a.D(8));
            return Tensor.From([.. a.Ds(1).Select(measure =>
            {
                schedule.Step(measure);
                return optimizer.ParameterGroups[0].LearningRate;
            })]);
        }),
        Line("SGD", a => Train(a, p => new Sgd(p, a.D(2), a.D(3), a.D(4), a.D(5), a.B(6), a.B(7)))),
        Line("Adam", a => Train(a, p => new Adam(p, a.D(2), a.D(3), a.D(4), a.D(5), a.D(6), a.B(7), a.B(8)))),
        Line("AdamW", a => Train(a, p => new AdamW(p, a.D(2), a.D(3), a.D(4), a.D(5), a.D(6), a.B(7), a.B(8)))),
        Line("RMSprop", a => Train(a, p => new RmsProp(p, a.D(2), a.D(3), a.D(4), a.D(5), a.D(6), a.B(7)))),
        Line("Adagrad", a => Train(a, p => new Adagrad(p, a.D(2), a.D(3), a.D(4), a.D(5), a.D(6)))),
    ];

    private static ScaleFactor Scale(Arguments a, int i)
    {
        if (a.IsNull(i)) return default;
        double[] values = a.Ds(i);
        return values.Length switch { 1 => values[0], 2 => (values[0], values[1]), _ => (values[0], values[1], values[2]) };
    }

    /// <summary>The learning rate at first and after each of so many steps: argument 0 is the rate to start from, 1 the number of steps.</summary>
    private static Tensor Rates(Arguments a, Func<Optimizer, LrScheduler> make)
    {
        var optimizer = new Sgd([Tensor.Zeros([1], requiresGrad: true)], a.D(0));
        LrScheduler schedule = make(optimizer);
        var rates = new List<double> { optimizer.ParameterGroups[0].LearningRate };
        for (int i = 0; i < a.I(1); i++)
        {
            schedule.Step();
            rates.Add(optimizer.ParameterGroups[0].LearningRate);
        }
        return Tensor.From([.. rates]);
    }

    /// <summary>A parameter, argument 0, after a step with each of the gradients, argument 1.</summary>
    private static Tensor Train(Arguments a, Func<Tensor[], Optimizer> make)
    {
        Tensor parameter = a.T(0);
        parameter.RequiresGrad = true;
        Optimizer optimizer = make([parameter]);
        foreach (Tensor gradient in a.Ts(1))
        {
            parameter.Grad = gradient;
            optimizer.Step();
        }
        return parameter.Detach();
    }
}

using Facula.NN;
using Facula.Tests.Ops;

namespace Facula.Tests.Devices;

/// <summary>
/// A module, and what it is called with. Knows no test framework, as tools/gpucheck is built with it.
/// </summary>
internal sealed record ModuleCase(Func<Module> New, Tensor[] Inputs)
{
    /// <summary>Draws random numbers while training.</summary>
    public bool IsRandom { get; init; }

    public static ModuleCase Of(Func<Module> make, params int[] shape) => new(make, [Numbers(shape)]);

    private static ModuleCase Loss(Func<Module> make, Tensor target, Tensor? input = null) => new(make, [input ?? Numbers(2, 3), target]);

    private static ModuleCase Random(Func<Module> make, params int[] shape) => new(make, [Numbers(shape)]) { IsRandom = true };

    private static Tensor Numbers(params int[] shape) => OpInputs.Make(new Arg(shape) { Distinct = true }, DType.Float32, 7);

    private static Tensor Probabilities(params int[] shape) => Numbers(shape).Sigmoid();

    /// <summary>All but the activations that take nothing or defaults alone, which need no line: the tests find them.</summary>
    public static ModuleCase[] All =>
    [
        Of(() => new Linear(4, 3), 2, 4), Of(() => new Sequential(new Linear(4, 3), new Relu()), 2, 4), Of(() => new Identity(), 2, 4),
        Of(() => new Flatten(), 2, 3, 4),
        Of(() => new Unflatten(1, [2, 2]), 3, 4), new(() => new Embedding(5, 3), [Tensor.From([1L, 4, 1])]),
        Of(() => new Softmax(1), 3, 4), Of(() => new LogSoftmax(1), 3, 4),
        Of(() => new Conv1d(2, 4, 3, padding: 1), 2, 2, 5), Of(() => new Conv2d(2, 4, 3, padding: 1), 2, 2, 5, 4), Of(() => new Conv3d(2, 4, 2), 2, 2, 3, 4, 3),
        Of(() => new ConvTranspose1d(2, 4, 3), 2, 2, 5), Of(() => new ConvTranspose2d(2, 4, 3, stride: 2), 2, 2, 3, 4),
        Of(() => new ConvTranspose3d(2, 4, 2), 2, 2, 3, 4, 3),
        Of(() => new MaxPool1d(2), 2, 3, 6), Of(() => new MaxPool2d(2), 2, 3, 4, 6), Of(() => new MaxPool3d(2), 2, 3, 4, 4, 2),
        Of(() => new AvgPool1d(2), 2, 3, 6), Of(() => new AvgPool2d(2), 2, 3, 4, 6), Of(() => new AvgPool3d(2), 2, 3, 4, 4, 2),
        Of(() => new LPPool1d(2, 2), 2, 3, 6), Of(() => new LPPool2d(2, 2), 2, 3, 4, 6),
        Of(() => new AdaptiveAvgPool1d(3), 2, 3, 7), Of(() => new AdaptiveAvgPool2d(3), 2, 3, 5, 4), Of(() => new AdaptiveAvgPool3d(2), 2, 3, 3, 4, 3),
        Of(() => new AdaptiveMaxPool1d(3), 2, 3, 7), Of(() => new AdaptiveMaxPool2d(3), 2, 3, 5, 4), Of(() => new AdaptiveMaxPool3d(2), 2, 3, 3, 4, 3),
        new(() => new MaxUnpool1d(2), [Numbers(2, 3, 2), Tensor.From([0L, 3]).Expand(2, 3, 2)]),
        new(() => new MaxUnpool2d(2), [Numbers(2, 3, 1, 2), Tensor.From([0L, 3]).Expand(2, 3, 1, 2)]),
        new(() => new MaxUnpool3d(2), [Numbers(2, 3, 1, 1, 2), Tensor.From([0L, 3]).Expand(2, 3, 1, 1, 2)]),
        Of(() => new BatchNorm1d(3), 4, 3), Of(() => new BatchNorm2d(3, momentum: null), 2, 3, 2, 2), Of(() => new BatchNorm3d(3), 2, 3, 2, 2, 2),
        Of(() => new InstanceNorm1d(3, trackRunningStats: true), 2, 3, 4), Of(() => new InstanceNorm2d(3, affine: true), 2, 3, 2, 3),
        Of(() => new InstanceNorm3d(3), 2, 3, 2, 2, 2),
        Of(() => new GroupNorm(2, 4), 2, 4, 3), Of(() => new LayerNorm(4), 2, 3, 4), Of(() => new RmsNorm(4), 2, 3, 4),
        Of(() => new LocalResponseNorm(2), 2, 4, 3),
        Of(() => new Upsample(scaleFactor: 2, mode: InterpolationMode.Bilinear), 2, 3, 3, 4), Of(() => new PixelShuffle(2), 2, 4, 3, 2),
        Of(() => new PixelUnshuffle(2), 2, 1, 4, 2),
        Of(() => new ChannelShuffle(2), 2, 4, 3, 2), Of(() => new Unfold(2), 2, 3, 4, 3), Of(() => new Fold((4, 3), 2), 2, 12, 6),
        Of(() => new ConstantPad1d(1, 2), 2, 3, 4), Of(() => new ConstantPad2d(1, 2), 2, 3, 4, 2), Of(() => new ConstantPad3d(1, 2), 2, 3, 2, 2, 2),
        Of(() => new ZeroPad1d(1), 2, 3, 4), Of(() => new ZeroPad2d(1), 2, 3, 4, 2), Of(() => new ZeroPad3d(1), 2, 3, 2, 2, 2),
        Of(() => new ReflectionPad1d(1), 2, 3, 4), Of(() => new ReflectionPad2d(1), 2, 3, 4, 2), Of(() => new ReflectionPad3d(1), 2, 3, 2, 2, 2),
        Of(() => new ReplicationPad1d(1), 2, 3, 4), Of(() => new ReplicationPad2d(1), 2, 3, 4, 2), Of(() => new ReplicationPad3d(1), 2, 3, 2, 2, 2),
        Of(() => new CircularPad1d(1), 2, 3, 4), Of(() => new CircularPad2d(1), 2, 3, 4, 2), Of(() => new CircularPad3d(1), 2, 3, 2, 2, 2),
        Random(() => new Dropout(), 3, 4), Random(() => new Dropout1d(), 2, 3, 4), Random(() => new Dropout2d(), 2, 3, 4, 2),
        Random(() => new Dropout3d(), 2, 3, 2, 2, 2),
        Random(() => new AlphaDropout(), 3, 4), Random(() => new FeatureAlphaDropout(), 2, 3, 4),
        Loss(() => new CrossEntropyLoss(labelSmoothing: 0.1), Tensor.From([2L, 0])), Loss(() => new NllLoss(), Tensor.From([2L, 0])),
        Loss(() => new MseLoss(), Numbers(2, 3) / 2),
        Loss(() => new L1Loss(), Numbers(2, 3) / 2), Loss(() => new SmoothL1Loss(), Numbers(2, 3) / 2), Loss(() => new HuberLoss(), Numbers(2, 3) / 2),
        Loss(() => new BinaryCrossEntropyLoss(), Probabilities(2, 3), Probabilities(2, 3) / 2),
        Loss(() => new BinaryCrossEntropyWithLogitsLoss(), Probabilities(2, 3) / 2),
        Loss(() => new KlDivLoss(), Probabilities(2, 3)), Loss(() => new CosineSimilarity(), Numbers(2, 3) / 2 + 1),
    ];

    /// <summary>Where a result, a gradient or what is remembered is not what it is on the processor, in words.</summary>
    public List<string> Differences(Device device)
    {
        Module module = New(), moved = New();
        string name = module.GetType().Name;
        moved.LoadStateDict(module.StateDict());
        moved.To(device);
        List<string> found = Find(Train(module, Inputs), Train(moved, On(device)), device, name, !IsRandom);
        if (!IsRandom) found.AddRange(Find([.. module.StateDict().Values], [.. moved.StateDict().Values], device, $"state of {name}", true));
        module.Eval();
        moved.Eval();
        found.AddRange(Find([Call(module, Inputs)], [Call(moved, On(device))], device, $"{name} in evaluation", true));
        return found;
    }

    private Tensor[] On(Device device) => [.. Inputs.Select(x => x.To(device))];

    /// <summary>The result and all gradients.</summary>
    private static List<Tensor> Train(Module module, Tensor[] inputs)
    {
        Tensor[] leaves = [.. inputs.Select(x => x.Detach())];
        foreach (Tensor leaf in leaves.Where(x => x.DType.IsFloatingPoint)) leaf.RequiresGrad = true;
        Tensor y = Call(module, leaves);
        y.Backward(OpRun.Cotangent(y));
        return [y.Detach(), .. leaves.Concat(module.Parameters()).Where(x => x.RequiresGrad && x.Grad is not null).Select(x => x.Grad!)];
    }

    private static Tensor Call(Module module, Tensor[] inputs) => module switch
    {
        Module<Tensor, Tensor> one => one.Call(inputs[0]),
        Module<Tensor, Tensor, Tensor> two => two.Call(inputs[0], inputs[1]),
        _ => throw new NotSupportedException(),
    };

    private static List<string> Find(List<Tensor> expected, List<Tensor> actual, Device device, string what, bool values)
    {
        if (expected.Count != actual.Count) return [$"{what}: there are {actual.Count} results and gradients, should be {expected.Count}."];
        var found = new List<string>();
        foreach ((int i, (Tensor e, Tensor a)) in expected.Zip(actual).Index())
        {
            if (a.Device != device) found.Add($"{what}, {i}: is on {a.Device}.");
            else if (a.Shape != e.Shape) found.Add($"{what}, {i}: the shape is {a.Shape}, should be {e.Shape}.");
            else if (values && Difference.InUlps(a, e.To(DType.Float64), 256, true, $"{what}, {i}") is { } difference) found.Add(difference);
        }
        return found;
    }
}

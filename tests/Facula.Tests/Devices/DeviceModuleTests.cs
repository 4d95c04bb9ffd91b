using Facula.NN;
using Facula.Tests.Ops;

namespace Facula.Tests.Devices;

/// <summary>Every module on every device: results, gradients and what it remembers are those of the processor, and stay on the device.</summary>
public sealed class DeviceModuleTests
{
    /// <summary>A module, and what it is called with.</summary>
    private sealed record ModuleCase(Func<Module> New, Tensor[] Inputs)
    {
        /// <summary>Draws random numbers while training.</summary>
        public bool IsRandom { get; init; }
    }

    private static ModuleCase Of(Func<Module> make, params int[] shape) => new(make, [Numbers(shape)]);

    private static ModuleCase Loss(Func<Module> make, Tensor target, Tensor? input = null) => new(make, [input ?? Numbers(2, 3), target]);

    private static ModuleCase Random(Func<Module> make, params int[] shape) => new(make, [Numbers(shape)]) { IsRandom = true };

    private static Tensor Numbers(params int[] shape) => OpInputs.Make(new Arg(shape) { Distinct = true }, DType.Float32, 7);

    private static Tensor Probabilities(params int[] shape) => Numbers(shape).Sigmoid();

    /// <summary>Activations need no line: they are made with their defaults.</summary>
    private static IEnumerable<ModuleCase> Activations => typeof(Activation).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Activation)))
        .Select(type => (type, constructor: type.GetConstructors()[0]))
        .Where(made => made.constructor.GetParameters().All(parameter => parameter.HasDefaultValue))
        .Select(made => Of(() => (Module)made.constructor.Invoke([.. made.constructor.GetParameters().Select(Default)]), 3, 4));

    private static object? Default(System.Reflection.ParameterInfo parameter) =>
        parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, parameter.DefaultValue!) : parameter.DefaultValue;

    private static readonly Dictionary<string, ModuleCase> Cases = new ModuleCase[]
    {
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
    }.Concat(Activations).ToDictionary(c => c.New().GetType().Name);

    [Fact]
    public void Every_module_has_a_case()
    {
        string[] containers = [typeof(ModuleList<>).Name, typeof(ModuleDict<>).Name, nameof(ParameterList)];
        Assert.Empty(typeof(Module).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Module)) && !type.IsAbstract)
            .Select(type => type.Name).Except(Cases.Keys).Except(containers));
    }

    public static TheoryData<string, string> Names { get; } = [.. TestDevices.Names.SelectMany(device => Cases.Keys.Select(name => (device, name)))];

    [Theory, MemberData(nameof(Names))]
    public void Module_does_what_it_does_on_the_processor(string device, string name)
    {
        ModuleCase c = Cases[name];
        Device there = TestDevices.Find(device);
        Module module = c.New(), moved = c.New();
        moved.LoadStateDict(module.StateDict());
        moved.To(there);
        List<Tensor> expected = Train(module, c.Inputs), actual = Train(moved, [.. c.Inputs.Select(x => x.To(there))]);
        AssertSame(expected, actual, there, name, !c.IsRandom);
        if (!c.IsRandom) AssertSame([.. module.StateDict().Values], [.. moved.StateDict().Values], there, $"state of {name}", true);
        module.Eval();
        moved.Eval();
        AssertSame([Call(module, c.Inputs)], [Call(moved, [.. c.Inputs.Select(x => x.To(there))])], there, $"{name} in evaluation", true);
    }

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

    private static void AssertSame(List<Tensor> expected, List<Tensor> actual, Device device, string what, bool values)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(device, actual[i].Device);
            Assert.Equal(expected[i].Shape, actual[i].Shape);
            if (values) Close.AssertUlps(actual[i], expected[i].To(DType.Float64), 256, true, $"{what}, {i}");
        }
    }
}

using Facula.Optim;
using Facula.Tests.Ops;

namespace Facula.Tests.Devices;

/// <summary>The table of cases on a backend that has every family by its default body: the reference backend judges these as it does the processor's
/// kernels.</summary>
public sealed class DefaultBodyTests
{
    public static TheoryData<string> Families { get; } = OpTests.Where(c => !c.IsElementwise);
    public static TheoryData<string> Twice { get; } = OpTests.Where(c => !c.IsElementwise && c.HasGradient && c.HasSecondGradient);

    [Theory, MemberData(nameof(Families))]
    public void Results_and_gradients_are_those_of_the_reference(string name)
    {
        OpCase c = OpCases.Find(name);
        foreach (DType type in new[] { DType.Float32, DType.Float64, DType.BFloat16, DType.Int64 }.Where(c.Takes))
        {
            Tensor[] inputs = OpInputs.Make(c, type);
            OpRun truth = OpRun.Of(c, OpInputs.AsTruth(inputs)), actual = OpRun.Of(c, Moved(inputs));
            for (int i = 0; i < truth.Outputs.Length; i++)
                Close.AssertUlps(actual.Outputs[i], truth.Outputs[i], c.Ulps, true, $"{name}, {type.PyTorchName}, result {i}", c.Cancels ? inputs : []);
            for (int i = 0; i < inputs.Length; i++)
            {
                Assert.Equal(truth.Gradients[i] is null, actual.Gradients[i] is null);
                if (actual.Gradients[i] is { } g)
                    Close.AssertUlps(g, truth.Gradients[i]!, c.GradientUlps, true, $"{name}, {type.PyTorchName}, gradient of operand {i}");
            }
        }
    }

    [Theory, MemberData(nameof(Twice))]
    public void Second_gradients_are_those_of_the_reference(string name)
    {
        OpCase c = OpCases.Find(name);
        Tensor[] inputs = OpInputs.Make(c, DType.Float64);
        Tensor?[] truth = SecondGradients(c, OpInputs.AsTruth(inputs)), actual = SecondGradients(c, Moved(inputs));
        for (int i = 0; i < truth.Length; i++)
        {
            Assert.Equal(truth[i] is null, actual[i] is null);
            if (actual[i] is { } g) Close.AssertUlps(g, truth[i]!, 1e4 * c.GradientUlps, true, $"{name}, second gradient of operand {i}");
        }
    }

    private static readonly Dictionary<string, Func<Tensor[], Optimizer>> s_optimizers = new()
    {
        ["sgd"] = p => new Sgd(p, 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01),
        ["adam"] = p => new Adam(p, 0.1, amsGrad: true),
        ["adamW"] = p => new AdamW(p, 0.1, weightDecay: 0.1),
        ["adagrad"] = p => new Adagrad(p, 0.1),
        ["rmsProp"] = p => new RmsProp(p, 0.1, momentum: 0.5, centered: true),
    };

    public static TheoryData<string> Optimizers { get; } = [.. s_optimizers.Keys];

    [Theory, MemberData(nameof(Optimizers))]
    public void Optimizers_take_the_references_steps(string name)
    {
        Tensor start = Tensor.Randn([3, 5], DType.Float64, generator: new(4)), truth = Steps(Device.Reference), actual = Steps(Remote.Device);
        Close.AssertUlps(actual, truth, 64, true, name);

        Tensor Steps(Device device)
        {
            Tensor parameter = start.To(device).Detach();
            parameter.RequiresGrad = true;
            Optimizer optimizer = s_optimizers[name]([parameter]);
            for (int i = 0; i < 3; i++)
            {
                parameter.Grad = parameter.Detach() * parameter.Detach();
                optimizer.Step();
            }
            return parameter.Detach();
        }
    }

    [Theory, InlineData(nameof(DType.Float32)), InlineData(nameof(DType.Float64)), InlineData(nameof(DType.Float16)), InlineData(nameof(DType.BFloat16))]
    public void Random_numbers_follow_the_rule(string dtype)
    {
        DType type = DType.Parse(dtype);
        foreach (Func<Device, Tensor> make in new Func<Device, Tensor>[]
        {
            device => Tensor.Empty([131], type, device).UniformInPlace(-3.7, 11.1, new(5)),
            device => Tensor.Empty([131], type, device).NormalInPlace(1, 2, new(5)),
            device => Tensor.Empty([131], type, device).BernoulliInPlace(0.3, new(5)),
            device => Tensor.RandInt(-3, 90, [131], type, device, new(5)),
        })
            Close.AssertUlps(make(Remote.Device), make(Device.Reference).To(DType.Float64), 4, true, type.PyTorchName);
    }

    [Fact]
    public void Indices_out_of_range_are_refused()
    {
        Tensor x = Tensor.Arange(6, device: Remote.Device).Reshape(2, 3), far = Tensor.From([0L, 3]).To(Remote.Device);
        Assert.Throws<ArgumentOutOfRangeException>(() => x[TensorIndex.Ellipsis, far]);
        Assert.Throws<ArgumentOutOfRangeException>(() => x[far]);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.IndexSelect(1, far));
    }

    private static Tensor[] Moved(Tensor[] inputs) => [.. inputs.Select(x => x.Detach().To(Remote.Device))];

    private static Tensor?[] SecondGradients(OpCase c, Tensor[] inputs)
    {
        Tensor[] leaves = [.. inputs.Select(x => x.Detach())], wanted = [.. leaves.Where(x => x.DType.IsFloatingPoint)];
        foreach (Tensor leaf in wanted) leaf.RequiresGrad = true;
        Tensor total = Total(c.Function(leaves).Where(y => y.RequiresGrad));
        Tensor?[] first = Autograd.Grad([total], wanted, createGraph: true, allowUnused: true);
        Tensor[] recorded = [.. first.OfType<Tensor>().Where(g => g.RequiresGrad)];
        return recorded.Length == 0 ? new Tensor?[wanted.Length] : Autograd.Grad([Total(recorded)], wanted, allowUnused: true);
    }

    /// <summary>All elements, none counting the same as its neighbour.</summary>
    private static Tensor Total(IEnumerable<Tensor> tensors) =>
        tensors.Select(x =>
            (x * Tensor.From([.. Enumerable.Range(0, (int)x.Count).Select(i => 0.5 + i % 7 * 0.25)]).Reshape(x.Shape).To(x.DType, x.Device)).Sum())
            .Aggregate((a, b) => a + b);
}

using Facula.Tests.Ops;

namespace Facula.Tests.Devices;

/// <summary>The table of cases on every device: values, gradients and their gradients are those of the processor, and stay on the device.</summary>
public sealed class DeviceCaseTests
{
    public static TheoryData<string, string> Cases { get; } =
        [.. TestDevices.Names.SelectMany(device => OpCases.All.Select(c => (device, c.Name)))];

    [Theory, MemberData(nameof(Cases))]
    public void Values_and_gradients_are_those_of_the_processor(string device, string name)
    {
        OpCase c = OpCases.Find(name);
        CompareValues(c, device);
    }

    private static void CompareValues(OpCase c, string device)
    {
        foreach (DType type in new[] { DType.Float32, DType.Float64, DType.Int64, DType.Bool }.Where(c.Takes).Take(2))
        {
            Tensor[] inputs = OpInputs.Make(c, type);
            OpRun expected = OpRun.Of(c, inputs), actual = OpRun.Of(c, On(device, inputs));
            AssertSame(c, device, inputs, expected.Outputs, actual.Outputs, c.Ulps, $"{c.Name}, {type.PyTorchName}, result");
            AssertSame(c, device, inputs, expected.Gradients, actual.Gradients, c.GradientUlps, $"{c.Name}, {type.PyTorchName}, gradient");
        }
    }

    public static TheoryData<string, string> TwiceDifferentiable { get; } =
        [.. TestDevices.Names.SelectMany(device => OpCases.All.Where(c => c.HasGradient && c.HasSecondGradient).Select(c => (device, c.Name)))];

    [Theory, MemberData(nameof(TwiceDifferentiable))]
    public void Gradients_of_gradients_are_those_of_the_processor(string device, string name)
    {
        OpCase c = OpCases.Find(name);
        Tensor[] inputs = OpInputs.Make(c, DType.Float64);
        AssertSame(c, device, inputs, Second(c, inputs), Second(c, On(device, inputs)), 64 * c.GradientUlps, $"{name}, second gradient");
    }

    private static Tensor[] On(string device, Tensor[] inputs) => [.. inputs.Select(x => x.To(TestDevices.Find(device)))];

    private static void AssertSame(OpCase c, string device, Tensor[] inputs, Tensor?[] expected, Tensor?[] actual, double ulps, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i] is null, actual[i] is null);
            if (expected[i] is not { } e || actual[i] is not { } a) continue;
            Assert.Equal(e.DType, a.DType);
            Assert.Equal(TestDevices.Find(device), a.Device);
            Close.AssertUlps(a, e.DType.IsFloatingPoint ? e.To(DType.Float64) : e, 2 * ulps, !c.IsElementwise || ulps > c.Ulps, $"{what} {i} on {device}",
                c.Cancels ? inputs : []);
        }
    }

    /// <summary>The gradients of the sum of all gradients, each weighted.</summary>
    private static Tensor?[] Second(OpCase c, Tensor[] inputs)
    {
        Tensor[] leaves = [.. inputs.Select(x => x.Detach())], wanted = [.. leaves.Where(x => x.DType.IsFloatingPoint)];
        foreach (Tensor leaf in wanted) leaf.RequiresGrad = true;
        Tensor[] outputs = [.. c.Function(leaves).Where(y => y.RequiresGrad)];
        Tensor?[] first = Autograd.Grad(outputs, wanted, [.. outputs.Select(OpRun.Cotangent)], createGraph: true, allowUnused: true);
        Tensor[] differentiable = [.. first.OfType<Tensor>().Where(g => g.RequiresGrad)];
        return differentiable.Length == 0 ? [] : Autograd.Grad(differentiable, wanted, [.. differentiable.Select(OpRun.Cotangent)], allowUnused: true);
    }
}

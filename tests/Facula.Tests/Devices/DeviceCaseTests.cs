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
        foreach (DType type in new[] { DType.Float32, DType.Float64, DType.Int64, DType.Bool }.Where(c.Takes).Take(2))
            Assert.Empty(OpComparison.Values(c, TestDevices.Find(device), type));
    }

    public static TheoryData<string, string> TwiceDifferentiable { get; } =
        [.. TestDevices.Names.SelectMany(device => OpCases.All.Where(c => c.HasGradient && c.HasSecondGradient).Select(c => (device, c.Name)))];

    [Theory, MemberData(nameof(TwiceDifferentiable))]
    public void Gradients_of_gradients_are_those_of_the_processor(string device, string name) =>
        Assert.Empty(OpComparison.SecondGradients(OpCases.Find(name), TestDevices.Find(device)));
}

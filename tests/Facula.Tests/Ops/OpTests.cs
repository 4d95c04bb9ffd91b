namespace Facula.Tests.Ops;

/// <summary>What every line of the table must pass.</summary>
public sealed partial class OpTests
{
    public static TheoryData<string> All { get; } = Where(_ => true);
    public static TheoryData<string> ElementWise { get; } = Where(c => c.IsElementwise);
    public static TheoryData<string> Differentiable { get; } = Where(c => c.HasGradient);
    public static TheoryData<string> TwiceDifferentiable { get; } = Where(c => c.HasGradient && c.HasSecondGradient);

    internal static TheoryData<string> Where(Func<OpCase, bool> condition) => [.. OpCases.All.Where(condition).Select(c => c.Name)];

    /// <summary>Runs the case and asserts that results and gradients are those of the reference backend in float64, within the case's tolerance.</summary>
    private static OpRun AssertParity(OpCase c, Tensor[] inputs, string what, bool gradient = true)
    {
        OpRun actual = OpRun.Of(c, inputs, gradient), truth = OpRun.Of(c, OpInputs.AsTruth(inputs), gradient);
        Assert.Equal(truth.Outputs.Length, actual.Outputs.Length);
        for (int i = 0; i < truth.Outputs.Length; i++)
            Close.AssertUlps(actual.Outputs[i], truth.Outputs[i], c.Ulps, !c.IsElementwise, $"{c.Name}, {what}, result {i}", c.Cancels ? inputs : []);
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(truth.Gradients[i] is null, actual.Gradients[i] is null);
            if (actual.Gradients[i] is not { } g) continue;
            Assert.Equal(inputs[i].DType, g.DType);
            Close.AssertUlps(g, truth.Gradients[i]!, c.GradientUlps, true, $"{c.Name}, {what}, gradient of operand {i}");
        }
        return actual;
    }

    private static Tensor[] WithShapes(OpCase c, DType type, params int[][] shapes) =>
        OpInputs.Make(c, type, [.. c.Args.Select((arg, i) => arg with { Shape = shapes[i % shapes.Length] })]);
}

namespace Facula.Tests.Ops;

public sealed partial class OpTests
{
    [Theory, MemberData(nameof(Differentiable))]
    public void Gradients_are_the_slopes(string name)
    {
        OpCase c = OpCases.Find(name);
        Assert.True(Autograd.GradCheck(c.Function, Leaves(c)));
    }

    [Theory, MemberData(nameof(TwiceDifferentiable))]
    public void Gradients_of_gradients_are_their_slopes(string name)
    {
        OpCase c = OpCases.Find(name);
        Assert.True(Autograd.GradGradCheck(c.Function, Leaves(c)));
    }

    /// <summary>Of two that broadcast the second is one row, so that the sum over the others is checked too.</summary>
    private static Tensor[] Leaves(OpCase c)
    {
        Tensor[] leaves = c.IsElementwise && c.Args.Length > 1
            ? WithShapes(c, DType.Float64, [2, 3], [3]) : c.IsElementwise ? WithShapes(c, DType.Float64, [5]) : OpInputs.Make(c, DType.Float64);
        foreach (Tensor leaf in leaves.Where(x => x.DType.IsFloatingPoint)) leaf.RequiresGrad = true;
        return leaves;
    }
}

namespace Facula.Tests.Ops;

/// <summary>One run of a case, forward and backward.</summary>
internal sealed class OpRun
{
    public required Tensor[] Outputs { get; init; }

    /// <summary>The gradient of each operand that has one.</summary>
    public required Tensor?[] Gradients { get; init; }

    public static OpRun Of(OpCase c, Tensor[] inputs, bool gradient = true)
    {
        Tensor[] leaves = [.. inputs.Select(x => x.Detach())];
        gradient &= c.HasGradient;
        if (gradient)
        {
            foreach (Tensor leaf in leaves.Where(x => x.DType.IsFloatingPoint)) leaf.RequiresGrad = true;
        }
        Tensor[] outputs = c.Function(leaves);
        var gradients = new Tensor?[leaves.Length];
        if (gradient)
        {
            Tensor[] differentiable = [.. outputs.Where(y => y.RequiresGrad)], wanted = [.. leaves.Where(x => x.RequiresGrad)];
            if (differentiable.Length == 0 && wanted.Length > 0)
                throw new InvalidOperationException($"{c.Name}: no result has a gradient, but the table says that it has one.");
            if (differentiable.Length > 0)
            {
                Tensor?[] found = Autograd.Grad(differentiable, wanted, [.. differentiable.Select(Cotangent)], allowUnused: true);
                for (int i = 0, w = 0; i < leaves.Length; i++)
                {
                    if (leaves[i].RequiresGrad) gradients[i] = found[w++];
                }
            }
        }
        return new() { Outputs = [.. outputs.Select(y => y.Detach())], Gradients = gradients };
    }

    /// <summary>The same for every type and device; exact in all of them.</summary>
    public static Tensor Cotangent(Tensor y)
    {
        var values = new double[y.Count];
        for (int i = 0; i < values.Length; i++) values[i] = 0.5 + i % 7 * 0.25;
        return Tensor.From(values, y.Shape).To(y.DType, y.Device);
    }
}

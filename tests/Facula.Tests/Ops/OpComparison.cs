namespace Facula.Tests.Ops;

/// <summary>
/// A case on a device against the processor: values, gradients and their gradients, in words where they differ. Knows no test framework, as tools/gpucheck is
/// built with it.
/// </summary>
internal static class OpComparison
{
    /// <summary>Values and gradients.</summary>
    /// <param name="c">The case.</param>
    /// <param name="device">Where it must do what the processor does.</param>
    /// <param name="type">The type of its operands.</param>
    /// <param name="args">Its operands, where they are others than those of its line.</param>
    /// <param name="seed">Which random numbers they are.</param>
    /// <param name="slack">How many times the errors allowed in the table are allowed here.</param>
    /// <param name="strided">Whether operands have gaps and another order of dimensions, and begin somewhere within their memory.</param>
    public static IEnumerable<string> Values(OpCase c, Device device, DType type, Arg[]? args = null, int seed = 0, double slack = 2, bool strided = false)
    {
        Tensor[] inputs = OpInputs.Make(c, type, args, seed), there = On(device, inputs);
        OpRun expected = OpRun.Of(c, inputs), actual = OpRun.Of(c, strided ? [.. there.Select(Strided)] : there);
        return [.. Find(c, device, inputs, expected.Outputs, actual.Outputs, slack * c.Ulps, c.IsElementwise, $"{c.Name}, {type.PyTorchName}, result"),
            .. Find(c, device, inputs, expected.Gradients, actual.Gradients, slack * c.GradientUlps, false, $"{c.Name}, {type.PyTorchName}, gradient")];
    }

    /// <summary>Gradients of gradients, in float64.</summary>
    public static IEnumerable<string> SecondGradients(OpCase c, Device device, int seed = 0)
    {
        Tensor[] inputs = OpInputs.Make(c, DType.Float64, seed: seed);
        return Find(c, device, inputs, Second(c, inputs), Second(c, On(device, inputs)), 128 * c.GradientUlps, false, $"{c.Name}, second gradient");
    }

    private static Tensor[] On(Device device, Tensor[] inputs) => [.. inputs.Select(x => x.To(device))];

    /// <summary>The same elements at other places.</summary>
    private static Tensor Strided(Tensor x)
    {
        if (x.Rank == 0) return x;
        int[] turned = [.. x.Shape.ToArray().Reverse()];
        turned[0] += 2;
        int[] order = [.. Enumerable.Range(0, x.Rank).Reverse()];
        Tensor view = Tensor.Zeros(new Shape(turned), x.DType, x.Device).Permute(order).Narrow(x.Rank - 1, 1, x.Size(x.Rank - 1));
        return view.CopyInPlace(x);
    }

    private static List<string> Find(OpCase c, Device device, Tensor[] inputs, Tensor?[] expected, Tensor?[] actual, double ulps, bool elementwise, string what)
    {
        if (expected.Length != actual.Length) return [$"{what}: there are {actual.Length}, should be {expected.Length}."];
        var found = new List<string>();
        for (int i = 0; i < expected.Length; i++)
        {
            string which = $"{what} {i} on {device}";
            if (expected[i] is null != actual[i] is null) found.Add($"{which}: is {(actual[i] is null ? "missing" : "there, and should not be")}.");
            if (expected[i] is not { } e || actual[i] is not { } a) continue;
            if (e.DType != a.DType) found.Add($"{which}: the type is {a.DType}, should be {e.DType}.");
            else if (a.Device != device) found.Add($"{which}: is on {a.Device}.");
            else if (Difference.InUlps(a, e.DType.IsFloatingPoint ? e.To(DType.Float64) : e, ulps, !elementwise, which,
                c.Cancels ? inputs : []) is { } difference)
                found.Add(difference);
        }
        return found;
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

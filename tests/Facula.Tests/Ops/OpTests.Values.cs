namespace Facula.Tests.Ops;

public sealed partial class OpTests
{
    private static readonly double[] Special =
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, 1, -1, 0.5, -0.5, 3, -3, 20, -20, 1000, -1000, 1e10, -1e10, 1e-10, -1e-10];

    [Theory, MemberData(nameof(ElementWise))]
    public void Special_values_give_the_reference_result(string name)
    {
        OpCase c = OpCases.Find(name);
        if (!c.Takes(DType.Float32)) return;
        double[] a = Special, b = Special;
        if (c.Args.Length == 2)
        {
            a = [.. Special.SelectMany(x => Special.Select(_ => x))];
            b = [.. Special.SelectMany(_ => Special)];
        }
        foreach (DType type in new[] { DType.Float32, DType.Float64 })
        {
            Tensor[] inputs = [.. new[] { a, b }.Take(c.Args.Length).Select(x => Tensor.From(x).To(type))];
            OpRun actual = OpRun.Of(c, inputs), truth = OpRun.Of(c, OpInputs.AsTruth(inputs));
            Close.AssertUlps(actual.Outputs[0], truth.Outputs[0], c.Ulps, false, $"{name}, special values in {type.PyTorchName}");
            double[] values = actual.Outputs[0].ToArray<double>();
            for (int i = 0; i < inputs.Length; i++)
            {
                if (actual.Gradients[i] is not { } g) continue;
                double[] gradients = g.ToArray<double>(), expected = truth.Gradients[i]!.To(Device.Cpu).ToArray<double>();
                for (int k = 0; k < a.Length; k++)
                {
                    string at = inputs.Length == 1 ? $"{a[k]}" : $"({a[k]}, {b[k]})";
                    if (double.IsNaN(expected[k]) != double.IsNaN(gradients[k])) Assert.Fail($"{name}: the gradient of operand {i} at {at} is {gradients[k]}, should be {expected[k]}.");
                    // Where the function has a finite value, overflow on the way must not make its slope no number.
                    bool finite = double.IsFinite(a[k]) && (inputs.Length == 1 || double.IsFinite(b[k])) && double.IsFinite(values[k]);
                    if (finite && double.IsNaN(gradients[k])) Assert.Fail($"{name}: the value at {at} is {values[k]}, but the gradient of operand {i} is NaN.");
                }
            }
            if (c.IsPartial || !values.Any(double.IsNaN)) continue;
            for (int k = 0; k < values.Length; k++)
            {
                bool finite = double.IsFinite(a[k]) && (inputs.Length == 1 || double.IsFinite(b[k]));
                if (finite && double.IsNaN(values[k])) Assert.Fail($"{name}: the value at {a[k]}{(inputs.Length == 1 ? "" : $", {b[k]}")} is NaN.");
            }
        }
    }

    [Theory, MemberData(nameof(ElementWise))]
    public void The_end_of_a_row_has_the_bits_of_its_middle(string name)
    {
        OpCase c = OpCases.Find(name);
        foreach (DType type in new[] { DType.Float32, DType.Float64, DType.Int64 }.Where(c.Takes))
        {
            Tensor[] all = WithShapes(c, type, [131]);
            Tensor expected = c.Function(all)[0];
            for (int n = 0; n <= 130; n++)
            {
                // From the second element on: rows need not be aligned.
                Tensor actual = c.Function([.. all.Select(x => x.Narrow(0, 1, n))])[0];
                Close.AssertSameBits(expected.Narrow(0, 1, n), actual, $"{name}, {type.PyTorchName}, length {n}");
            }
        }
    }
}

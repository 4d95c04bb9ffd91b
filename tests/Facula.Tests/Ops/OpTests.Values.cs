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
            Close.AssertUlps(actual.Outputs[0], truth.Outputs[0], c.Ulps, false, $"{name}, special values in {type.PyTorchName}", c.Cancels ? inputs : []);
            double[] values = actual.Outputs[0].ToArray<double>();
            for (int i = 0; i < inputs.Length; i++)
            {
                if (actual.Gradients[i] is not { } g) continue;
                double[] gradients = g.ToArray<double>(), expected = truth.Gradients[i]!.To(Device.Cpu).ToArray<double>();
                for (int k = 0; k < a.Length; k++)
                {
                    if (double.IsNaN(values[k])) continue;
                    string at = inputs.Length == 1 ? $"{a[k]}" : $"({a[k]}, {b[k]})";
                    if (double.IsNaN(expected[k]) != double.IsNaN(gradients[k]))
                        Assert.Fail($"{name}: the gradient of operand {i} at {at} is {gradients[k]}, should be {expected[k]}.");
                    // Where the function has a finite value, overflow on the way must not make its slope no number.
                    bool finite = double.IsFinite(a[k]) && (inputs.Length == 1 || (double.IsFinite(b[k]) && !c.IsPartial)) && double.IsFinite(values[k]);
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

    /// <summary>Ten thousand magnitudes from tiny to almost where exponentials leave the normal numbers: where a formula cancels,
    /// some of them show it.</summary>
    [Theory, MemberData(nameof(Continuous))]
    public void Errors_are_small_at_every_magnitude(string name)
    {
        OpCase c = OpCases.Find(name);
        var magnitudes = new double[10_000];
        for (int i = 0; i < magnitudes.Length; i++) magnitudes[i] = 1e-6 * Math.Pow(80e6, (double)i / magnitudes.Length);
        bool positive = c.Args[0].Low >= 0;
        Tensor x = Tensor.From([.. magnitudes, .. magnitudes.Select(m => positive ? 1 / m : -m)]).To(DType.Float32);
        Tensor truth = c.Function(OpInputs.AsTruth([x]))[0];
        Close.AssertUlps(c.Function([x])[0], truth, c.Ulps, false, $"{name}, all magnitudes", c.Cancels ? x : null);
    }

    public static TheoryData<string> Continuous { get; } = Where(c => c.IsElementwise && c.Args.Length == 1 && c.Gives == Gives.Float);

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

namespace Facula.Tests.Ops;

public sealed partial class OpTests
{
    [Theory, MemberData(nameof(All))]
    public void Every_type_gives_the_reference_result_or_is_refused(string name)
    {
        OpCase c = OpCases.Find(name);
        foreach (DType type in OpInputs.AllTypes)
        {
            Tensor[] inputs = OpInputs.Make(c, type);
            if (!c.Takes(type))
            {
                Assert.ThrowsAny<ArgumentException>(() => c.Function(inputs));
                continue;
            }
            OpRun run = AssertParity(c, inputs, type.PyTorchName);
            DType[] operands = [.. c.Args.Where(arg => arg.Type is null).Select(_ => type)];
            if (operands.Length == 0) operands = [.. inputs.Select(x => x.DType)];
            Assert.Equal(c.ResultOf(operands), run.Outputs[0].DType);
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public void Two_types_promote(string name)
    {
        OpCase c = OpCases.Find(name);
        foreach (DType first in OpInputs.AllTypes)
        {
            foreach (DType second in OpInputs.AllTypes)
            {
                DType[] types = [first, second];
                if (first == second || (c.Gives == Gives.First && !Holds(first, second)) || !types.Any(c.Takes)) continue;
                Tensor[] inputs = [.. c.Args.Select((arg, i) => OpInputs.Make(arg, types[i], (ulong)i))];
                if (!c.MixesBool && types.Contains(DType.Bool))
                {
                    Assert.ThrowsAny<ArgumentException>(() => c.Function(inputs));
                    continue;
                }
                // Compared in the promoted type, to which operands are rounded first.
                DType promoted = DType.Promote(first, second);
                Tensor[] same = [.. inputs.Select(x => x.To(promoted))];
                Tensor expected = c.Function(same)[0], actual = c.Function([.. inputs.Select(x => x.Clone())])[0];
                Assert.Equal(c.ResultOf(first, second), actual.DType);
                string what = $"{name}, {first.PyTorchName} and {second.PyTorchName}";
                if (c.Gives == Gives.First) expected = expected.To(first);
                // The 16-bit types round to float32 and compute there, so nothing is lost before the result.
                Close.AssertSameBits(expected, actual, what);
            }
        }
    }

    public static TheoryData<string> Pairs { get; } = Where(c => c.IsElementwise && c.Args.Length == 2);

    private static bool Holds(DType first, DType second) =>
        DType.Promote(first, second).IsFloatingPoint == first.IsFloatingPoint && (first != DType.Bool || second == DType.Bool);
}

namespace Facula.Tests.Ops;

public sealed partial class OpTests
{
    [Theory, MemberData(nameof(All))]
    public void Strided_operands_give_what_contiguous_ones_give(string name)
    {
        OpCase c = OpCases.Find(name);
        DType type = c.Takes(DType.Float32) ? DType.Float32 : c.Takes(DType.Int64) ? DType.Int64 : DType.Bool;
        foreach (Func<Tensor, Tensor> relayout in new[] { Transposed, Sliced, Expanded })
        {
            Tensor[] strided = [.. OpInputs.Make(c, type).Select(relayout)];
            OpRun actual = OpRun.Of(c, strided), expected = OpRun.Of(c, [.. strided.Select(x => x.CopyData())]);
            string what = $"{c.Name}, {relayout.Method.Name.ToLowerInvariant()}";
            for (int i = 0; i < expected.Outputs.Length; i++) AssertSame(c, expected.Outputs[i], actual.Outputs[i], $"{what}, result {i}");
            for (int i = 0; i < strided.Length; i++)
            {
                if (expected.Gradients[i] is { } gradient) AssertSame(c, gradient, actual.Gradients[i]!, $"{what}, gradient of operand {i}");
            }
        }
    }

    [Theory, MemberData(nameof(ElementWise))]
    public void Shapes_broadcast_down_to_nothing(string name)
    {
        OpCase c = OpCases.Find(name);
        DType type = c.Takes(DType.Float32) ? DType.Float32 : DType.Bool;
        foreach (int[][] shapes in (int[][][])[[[]], [[1]], [[0]], [[2, 0, 3]], [[2, 1, 3, 1, 2]]]) AssertParity(c, WithShapes(c, type, shapes), Text(shapes));
        if (c.Args.Length == 1) return;
        foreach (int[][] shapes in (int[][][])[[[3, 4], [4]], [[4], [3, 4]], [[3, 1], [1, 4]], [[], [3, 4]], [[3, 4], []], [[2, 1, 3], [4, 1]], [[0], [1]],
            [[3, 0], [1, 1]]])
        {
            int[] result = Layout.Broadcast(shapes[0], shapes[1])!;
            if (c.Gives == Gives.First && !result.AsSpan().SequenceEqual(shapes[0])) continue;
            OpRun run = AssertParity(c, WithShapes(c, type, shapes), Text(shapes));
            Assert.Equal(new Shape(result), run.Outputs[0].Shape);
        }
        Assert.ThrowsAny<ArgumentException>(() => c.Function(WithShapes(c, type, [3], [4])));
    }

    private static string Text(int[][] shapes) => string.Join(" and ", shapes.Select(shape => new Shape(shape)));

    private static void AssertSame(OpCase c, Tensor expected, Tensor actual, string what)
    {
        if (c.IsElementwise) Close.AssertSameBits(expected, actual, what);
        else Close.AssertUlps(actual, expected.DType.IsFloatingPoint ? expected.To(DType.Float64) : expected, c.GradientUlps, true, what);
    }

    private static Tensor Transposed(Tensor x) => x.Rank < 2 ? x : x.Transpose(0, -1).CopyData().Transpose(0, -1);

    /// <summary>Every other element of a larger tensor, from the second on.</summary>
    private static Tensor Sliced(Tensor x)
    {
        Tensor larger = Tensor.Full([.. x.Shape.Select(size => 2 * size + 2)], x.DType == DType.Bool ? true : 99, x.DType);
        for (int d = 0; d < x.Rank; d++) larger = Tensor.View(new SliceOp(d, 1, x.Shape[d], 2), larger);
        return larger.CopyInPlace(x);
    }

    /// <summary>The first slice again and again.</summary>
    private static Tensor Expanded(Tensor x) => x.Rank == 0 || x.Count == 0 ? x : x.Narrow(0, 0, 1).Expand(x.Shape.ToArray());
}

using System.Text.RegularExpressions;
using F = Facula.NN.Functional;

namespace Facula.Tests.Core;

/// <summary>Kernels reach the elements through holds alone, and let go of each.</summary>
[Collection(nameof(DroppedGraphTests))]
public sealed partial class HoldTests
{
    [GeneratedRegex(@"\bHold(Elements<\w+>|Bytes)?\(")]
    private static partial Regex Holds();

    [GeneratedRegex(@"using |=> |/// |return new\(|_hold = |_held = ")]
    private static partial Regex Uses();

    [Fact]
    public void Every_hold_is_taken_with_using()
    {
        string[] forgotten = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Facula"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .SelectMany(file =>
                File.ReadLines(file).Where(line => Holds().IsMatch(line) && !Uses().IsMatch(line) && !Declarations.Any(line.TrimStart().StartsWith))
                    .Select(line => $"{Path.GetFileName(file)}: {line.Trim()}"))];
        Assert.Empty(forgotten);
    }

    private static readonly string[] Declarations = ["public Hold", "private unsafe Hold", "private HeldSpan", "internal HeldSpan", "Hold hold = host.Hold"];

    [Fact]
    public void Whatever_is_computed_with_them_blocks_come_back_at_once()
    {
        const int Size = 1024;
        Tensor weight = Tensor.Randn(16, 16, 3, 3), labels = Tensor.Zeros([Size], DType.Int64), index = Tensor.Arange(Size);
        Func<Tensor, Tensor>[] operations =
        [
            x => x.Exp(), x => Via(x.T, y => x + y), x => x.Sum(), x => x.Sum(0), x => x.Softmax(1), x => x.CumSum(0), x => x.ArgMax(1), x => x.MatMul(x),
            x => Via(x.T, y => y.Contiguous()), x => x.To(DType.Float16),
            x => Via(x.Reshape(4, 16, 128, 128), y => F.Conv2d(y, weight)), x => Via(x.Reshape(4, 16, 128, 128), y => F.MaxPool2d(y, 2)),
            x => F.LayerNorm(x, [Size]), x => x.Sort(1).Values,
            x => x.IndexSelect(0, index), x => x.NonZero(), x => F.CrossEntropy(x, labels), x => Tensor.From(x.ToArray<float>()), x => x.FillInPlace(1),
            x => x.AddInPlace(x),
            x => { Assert.Throws<ArgumentOutOfRangeException>(() => x.IndexSelect(0, index + 1)); return x; },
            x => { Assert.Throws<ArgumentOutOfRangeException>(() => F.CrossEntropy(x, labels - 1)); return x; },
        ];
        var late = new List<int>();
        for (int i = 0; i < operations.Length; i++)
        {
            Tensor x = Tensor.Full([Size, Size], 2.0);
            operations[i](x);
            long before = MemoryPool.Outstanding;
            x.Dispose();
            if (before - MemoryPool.Outstanding < 4 << 20) late.Add(i);
        }

        Assert.Empty(late);

        static Tensor Via(Tensor view, Func<Tensor, Tensor> operation)
        {
            using (view) return operation(view);
        }
    }

    [Fact]
    public void A_layout_that_reaches_beyond_its_buffer_is_refused()
    {
        Tensor x = Tensor.Zeros(10, 10);
        foreach (Layout layout in (Layout[])[new([10, 10], [10, 1], 1), new([11, 10], [10, 1], 0), new([10], [-1], 5), new([2], [99, 1], 1),
            new([2], [long.MaxValue / 2], 0)])
        {
            Assert.Throws<InvalidOperationException>(() => x.Alias(layout));
            // A kernel's own layout, or one that another thread has changed meanwhile.
            Assert.Throws<InvalidOperationException>(() => x.Operand.With(layout).Hold().Dispose());
        }
    }
}

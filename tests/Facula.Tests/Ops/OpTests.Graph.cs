using System.Runtime.CompilerServices;

namespace Facula.Tests.Ops;

public sealed partial class OpTests
{
    /// <summary>A recorded run of a case: a loss over all its results, whose operands are no leaves.</summary>
    private static (Tensor Loss, Tensor[] Leaves, Tensor[] Between) Recorded(OpCase c)
    {
        Tensor[] leaves = Leaves(c), inputs = [.. leaves.Select(x => x.RequiresGrad ? x * 1 : x.Clone())], outputs = c.Function(inputs);
        Tensor loss = outputs.Where(y => y.RequiresGrad).Aggregate(Tensor.Zeros([], DType.Float64), (sum, y) => sum + y.Sum());
        return (loss, leaves, [.. inputs, .. outputs]);
    }

    [Theory, MemberData(nameof(Differentiable))]
    public void Backward_lets_go_of_what_was_saved_while_the_loss_is_held(string name)
    {
        (Tensor loss, WeakReference[] between) = RunBackward(name);
        for (int i = 0; i < 3 && between.Any(reference => reference.IsAlive); i++) GC.Collect();
        Assert.All(between, reference => Assert.False(reference.IsAlive));
        GC.KeepAlive(loss);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Tensor Loss, WeakReference[] Between) RunBackward(string name)
    {
        (Tensor loss, _, Tensor[] between) = Recorded(OpCases.Find(name));
        if (loss.RequiresGrad) loss.Backward();
        return (loss, [.. between.SelectMany(tensor => new object[] { tensor, tensor.Buffer }).Select(held => new WeakReference(held))]);
    }

    /// <summary>As PyTorch's: what saved nothing can be gone through again, anything else says what to do.</summary>
    [Theory, MemberData(nameof(Differentiable))]
    public void A_second_backward_adds_the_same_gradients_or_says_why_not(string name)
    {
        (Tensor loss, Tensor[] leaves, _) = Recorded(OpCases.Find(name));
        if (!loss.RequiresGrad) return;
        loss.Backward(retainGraph: true);
        Tensor[] twice = Twice(leaves);
        loss.Backward();
        AssertGradients(twice, leaves, name);
        foreach (Tensor leaf in leaves.Where(x => x.RequiresGrad && x.Grad is not null)) leaf.Grad = leaf.Grad! / 2;
        try
        {
            loss.Backward();
        }
        catch (InvalidOperationException e)
        {
            Assert.Contains("freed", e.Message);
            Assert.Contains("retainGraph: true", e.Message);
            return;
        }
        AssertGradients(twice, leaves, name);
    }

    [Theory, MemberData(nameof(Differentiable))]
    public void Two_threads_go_through_one_graph(string name)
    {
        (Tensor loss, Tensor[] leaves, _) = Recorded(OpCases.Find(name));
        if (!loss.RequiresGrad) return;
        loss.Backward(retainGraph: true);
        Tensor[] twice = Twice(leaves);
        foreach (Tensor leaf in leaves) leaf.Grad = null;
        TestThreads.Run(2, _ => loss.Backward(retainGraph: true));
        AssertGradients(twice, leaves, name);
    }

    private static Tensor[] Twice(Tensor[] leaves) => [.. leaves.Where(x => x.RequiresGrad && x.Grad is not null).Select(x => x.Grad! * 2)];

    private static void AssertGradients(Tensor[] expected, Tensor[] leaves, string what)
    {
        Tensor[] actual = [.. leaves.Where(x => x.RequiresGrad && x.Grad is not null).Select(x => x.Grad!)];
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < actual.Length; i++)
            Assert.True(expected[i].ToArray<double>().AsSpan().SequenceEqual(actual[i].ToArray<double>()), $"{what}, operand {i}");
    }
}

using System.Globalization;

namespace Facula.Backends.Cuda;

internal sealed partial class Assembler
{
    private const string Branch = "bra", BarrierName = "bar.sync";

    /// <summary>All threads of the block wait for each other, and see what they have written.</summary>
    public void Barrier() => Emit(BarrierName, [], PtxOperand.Of(PtxType.U32, 0));

    /// <summary>What is done where a predicate holds, and what where it does not.</summary>
    public void If(Value predicate, Action then, Action? otherwise = null)
    {
        string end = NewLabel(), second = otherwise is null ? end : NewLabel();
        GoTo(second, predicate, negated: true);
        then();
        if (otherwise is not null)
        {
            GoTo(end);
            Mark(second);
            otherwise();
        }
        Mark(end);
    }

    /// <summary>What is done as long as a condition holds.</summary>
    public void While(Func<Value> condition, Action body)
    {
        string start = NewLabel(), end = NewLabel();
        Mark(start);
        GoTo(end, condition(), negated: true);
        body();
        GoTo(start);
        Mark(end);
    }

    /// <summary>What is done once, and again as long as a condition holds.</summary>
    public void Repeat(Action body, Func<Value> condition)
    {
        string start = NewLabel();
        Mark(start);
        body();
        GoTo(start, condition());
    }

    /// <summary>Counts a register from a start up to an end, which is left out.</summary>
    public void For(PtxType type, Value start, Value end, Value step, Action<Value> body)
    {
        Value i = Variable(type, start);
        While(() => i < end, () =>
        {
            body(i);
            Set(i, i + step);
        });
    }

    private string NewLabel() => $"L{(_labels++).ToString(CultureInfo.InvariantCulture)}";

    private void Mark(string label) => Emit(new PtxInstruction(label, 0, []) { IsLabel = true });

    private void GoTo(string label, Value? guard = null, bool negated = false) =>
        Emit(new PtxInstruction(Branch, 0, [PtxOperand.Named(label)]) { Guard = guard, IsNegated = negated });
}

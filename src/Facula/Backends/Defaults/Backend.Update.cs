namespace Facula.Backends;

internal abstract partial class Backend
{
    /// <summary>Changes each parameter in place from its gradient and states, all in one go.</summary>
    public virtual void Update<TUpdate>(TUpdate update, ReadOnlySpan<UpdateTarget> targets) where TUpdate : struct, IUpdate
    {
        foreach (ref readonly UpdateTarget target in targets)
        {
            using var run = new ArrayNumber.Run(this, target.Parameter.Layout.Shape, target.Parameter.DType.Compute);
            Operand?[] operands = [target.Parameter, target.State1, target.State2, target.State3];
            var before = new ArrayNumber[operands.Length];
            for (int i = 0; i < before.Length; i++) before[i] = operands[i] is { } operand ? new(run, operand) : ArrayNumber.Const(0);
            (ArrayNumber parameter, ArrayNumber state1, ArrayNumber state2, ArrayNumber state3) = (before[0], before[1], before[2], before[3]);
            update.Invoke(ref parameter, new(run, target.Gradient), ref state1, ref state2, ref state3);
            ArrayNumber[] after = [parameter, state1, state2, state3];
            for (int i = 0; i < after.Length; i++)
            {
                // What one of the others was is read before that is written over.
                if (Array.IndexOf(before, after[i]) is >= 0 and int was && was != i) after[i] += ArrayNumber.Const(0);
            }
            for (int i = 0; i < after.Length; i++)
            {
                if (operands[i] is { } operand && !ReferenceEquals(after[i], before[i])) after[i].CopyTo(run, operand);
            }
        }
    }
}

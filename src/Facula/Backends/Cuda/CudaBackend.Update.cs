namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    private readonly KernelCache<UpdateKey> _updates = new(UpdateKernel.Build);

    public override void Update<TUpdate>(TUpdate update, ReadOnlySpan<UpdateTarget> targets)
    {
        FormulaKey formula = FormulaKey.OfUpdate(update);
        Span<double> parameters = stackalloc double[FormulaParameters.Values.Length];
        FormulaParameters.Values.CopyTo(parameters);
        while (targets.Length > 0)
        {
            // As many as are of the same types and go into one launch.
            UpdateKey key = KeyOf(formula, update.States, targets[0]);
            int count = 0;
            for (; count < targets.Length && count < key.Capacity; count++)
            {
                UpdateKey next = KeyOf(formula, update.States, targets[count]);
                if (next with { Lanes = key.Lanes } != key) break;
                key = key with { Lanes = Math.Min(key.Lanes, next.Lanes) };
            }
            Launch(key, targets[..count], parameters, OperationName<TUpdate>.Text);
            targets = targets[count..];
        }
    }

    private static UpdateKey KeyOf(FormulaKey formula, int states, in UpdateTarget target)
    {
        DType parameter = target.Parameter.DType, gradient = target.Gradient.DType, state = target.State1?.DType ?? parameter;
        int lanes = 16 / Math.Max(parameter.Size, Math.Max(gradient.Size, state.Size));
        bool isAligned = IsAligned(target.Parameter, lanes) && IsAligned(target.Gradient, lanes) && IsAligned(target.State1, lanes)
            && IsAligned(target.State2, lanes) && IsAligned(target.State3, lanes);
        return new(formula, parameter, gradient, state, states, isAligned ? lanes : 1);
    }

    private static bool IsAligned(in Operand? x, int lanes) => x is not { } operand || operand.Layout.Offset % lanes == 0;

    private void Launch(in UpdateKey key, ReadOnlySpan<UpdateTarget> targets, ReadOnlySpan<double> parameters, string operation)
    {
        using CudaLaunch launch = Start(_updates, key, operation);
        long blocks = 0;
        int entries = 0;
        foreach (ref readonly UpdateTarget target in targets)
        {
            long count = target.Parameter.Layout.Count;
            if (count == 0) continue;
            launch.Add(target.Parameter);
            launch.Add(target.Gradient);
            if (key.States > 0) launch.Add(target.State1!.Value);
            if (key.States > 1) launch.Add(target.State2!.Value);
            if (key.States > 2) launch.Add(target.State3!.Value);
            launch.Add((ulong)count);
            launch.Add((ulong)blocks);
            blocks += UpdateKernel.Blocks(count, key.Lanes);
            entries++;
        }
        for (int i = entries * key.Entry; i < key.Capacity * key.Entry; i++) launch.Add(0UL);
        launch.Add((uint)entries);
        foreach (double parameter in parameters) AddNumber(launch, parameter, key.Parameter.Compute);
        launch.Run(Check.Count(blocks));
    }
}

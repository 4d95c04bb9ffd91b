using System.Runtime.InteropServices;
using Facula.Backends;

namespace Facula.Optim;

/// <summary>An optimizer whose step is one kernel over all parameters.</summary>
public abstract class FusedOptimizer<TOptions> : Optimizer<TOptions> where TOptions : OptimizerOptions
{
    private readonly List<UpdateTarget> _targets = [];

    private protected FusedOptimizer(IEnumerable<Tensor> parameters, TOptions options) : base(parameters, options) { }

    /// <summary>The names of what is remembered of a parameter, in the order of the kernel's states; always the same lists.</summary>
    private protected abstract string[] StateNames(TOptions options);

    /// <summary>What is remembered starts at.</summary>
    private protected virtual double InitialState(TOptions options) => 0;

    private protected sealed override IReadOnlyList<string> NamesUnder(OptimizerOptions options) => StateNames((TOptions)options);

    private protected sealed override double InitialUnder(OptimizerOptions options) => InitialState((TOptions)options);

    /// <summary>Runs the kernel on parameters that are all at the same step, the first being 1.</summary>
    private protected abstract void Run(Backend backend, TOptions options, long step, ReadOnlySpan<UpdateTarget> targets);

    /// <inheritdoc/>
    protected sealed override void Update(ParameterGroup<TOptions> group)
    {
        TOptions options = group.Options;
        string[] names = StateNames(options);
        double initial = InitialState(options);
        long step = 0;
        Device? device = null;
        List<(Tensor Parameter, Tensor Copy)>? copies = null;
        try
        {
            for (int i = 0; i < group.Parameters.Count; i++)
            {
                Tensor parameter = group.Parameters[i];
                if (parameter.GradToUse is not { } gradient) continue;
                // Before anything of it is changed.
                if (gradient.Device != parameter.Device)
                    throw new InvalidOperationException($"Step: a parameter is on {parameter.Device}, its gradient on {gradient.Device}; " +
                        "move both by To(device) of the module.");
                ParameterState state = group.States[i];
                state.Prepare(names, parameter, initial);
                state.Step++;
                if (_targets.Count > 0 && (state.Step != step || parameter.Device != device)) Flush();
                (step, device) = (state.Step, parameter.Device);

                Tensor target = parameter;
                parameter.EnsureRowMajor();
                if (parameter.IsContiguous) parameter.Changed();
                else (copies ??= []).Add((parameter, target = parameter.CopyData()));
                gradient = gradient.To(parameter.DType).Contiguous();
                IReadOnlyList<Tensor> states = state.Tensors;
                _targets.Add(new(target.Operand, gradient.Operand, At(states, 0), At(states, 1), At(states, 2)));
            }
            if (_targets.Count > 0) Flush();
        }
        finally
        {
            _targets.Clear();
        }
        foreach ((Tensor parameter, Tensor copy) in copies ?? []) parameter.CopyInPlace(copy);

        void Flush()
        {
            Run(device!.Backend, options, step, CollectionsMarshal.AsSpan(_targets));
            _targets.Clear();
        }
    }

    private static Operand? At(IReadOnlyList<Tensor> states, int i) => i < states.Count ? states[i].Operand : null;
}

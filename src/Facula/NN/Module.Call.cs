namespace Facula.NN;

/// <summary>Sees, and by assigning changes, what goes into a module.</summary>
public delegate void ForwardPreHook<TIn>(Module module, ref TIn input);

/// <summary>Sees what went into a module and sees, and by assigning changes, what comes out.</summary>
public delegate void ForwardHook<TIn, TOut>(Module module, TIn input, ref TOut output);

/// <summary>
/// A module that computes: override <see cref="Forward"/>, and write <c>model.Call(x)</c> where PyTorch writes <c>model(x)</c>.
/// </summary>
/// <remarks>
/// C# lets no type define what a call of its objects means, so the call has a name; like PyTorch's it runs the hooks, and
/// <see cref="Forward"/> does not. A module converts to a function, so it can be given wherever one is wanted:
/// <c>Func&lt;Tensor, Tensor&gt; model = new Linear(3, 2);</c> makes <c>model(x)</c> itself valid.
/// </remarks>
public abstract class Module<TIn, TOut> : Module
{
    private List<ForwardPreHook<TIn>>? _preHooks;
    private List<ForwardHook<TIn, TOut>>? _hooks;

    /// <summary>Whether somebody watches what goes in or comes out.</summary>
    internal bool HasHooks => _preHooks is not null || _hooks is not null;

    /// <summary>What the module computes. Override it; call <see cref="Call"/>.</summary>
    public abstract TOut Forward(TIn input);

    /// <summary>Runs the module on an input: the hooks, and <see cref="Forward"/> between them. PyTorch's <c>model(x)</c>.</summary>
    public TOut Call(TIn input)
    {
        Check.Depth("Calls of modules");
        return HasHooks ? CallHooked(input) : Forward(input);
    }

    private TOut CallHooked(TIn input)
    {
        foreach (ForwardPreHook<TIn> hook in _preHooks ?? []) hook(this, ref input);
        TOut output = Forward(input);
        foreach (ForwardHook<TIn, TOut> hook in _hooks ?? []) hook(this, input, ref output);
        return output;
    }

    /// <summary>Has the function called before every <see cref="Forward"/>. torch.nn.Module.register_forward_pre_hook.</summary>
    /// <returns>Dispose it to take the hook away.</returns>
    public IDisposable RegisterForwardPreHook(ForwardPreHook<TIn> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        _preHooks = [.. _preHooks ?? [], hook];
        return new HookHandle(() => _preHooks = Without(_preHooks, hook));
    }

    /// <summary>Has the function called after every <see cref="Forward"/>. torch.nn.Module.register_forward_hook.</summary>
    /// <returns>Dispose it to take the hook away.</returns>
    public IDisposable RegisterForwardHook(ForwardHook<TIn, TOut> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        _hooks = [.. _hooks ?? [], hook];
        return new HookHandle(() => _hooks = Without(_hooks, hook));
    }

    /// <summary>The module as a function.</summary>
    public static implicit operator Func<TIn, TOut>(Module<TIn, TOut> module) => Check.NotNull(module, operation: "Conversion").Call;

    internal override IDisposable Observe(Action<Module, object?> observer) =>
        RegisterForwardHook((module, _, ref output) => observer(module, output));

    // Lists of hooks are replaced, never changed, so that a hook may add or take away hooks while they run.
    private static List<T>? Without<T>(List<T>? hooks, T hook)
    {
        List<T> left = [.. hooks ?? []];
        left.Remove(hook);
        return left.Count == 0 ? null : left;
    }

    private sealed class HookHandle(Action remove) : IDisposable
    {
        private Action? _remove = remove;

        public void Dispose() => Interlocked.Exchange(ref _remove, null)?.Invoke();
    }
}

/// <summary>A module of two inputs, such as a loss.</summary>
public abstract class Module<T1, T2, TOut> : Module<(T1, T2), TOut>
{
    /// <summary>What the module computes. Override it; call <see cref="Call"/>.</summary>
    public abstract TOut Forward(T1 first, T2 second);

    /// <inheritdoc/>
    public sealed override TOut Forward((T1, T2) input) => Forward(input.Item1, input.Item2);

    /// <summary>Runs the module on its inputs, with the hooks. PyTorch's <c>module(a, b)</c>.</summary>
    public TOut Call(T1 first, T2 second) => Call((first, second));

    /// <summary>The module as a function.</summary>
    public static implicit operator Func<T1, T2, TOut>(Module<T1, T2, TOut> module) => Check.NotNull(module, operation: "Conversion").Call;
}

public abstract partial class Module
{
    /// <summary>Has the function called with every output of this module; null for a kind of module that is never called.</summary>
    internal virtual IDisposable? Observe(Action<Module, object?> observer) => null;
}

using System.Runtime.CompilerServices;

namespace Facula;

/// <summary>Whether operations are recorded, per thread.</summary>
internal static class GradMode
{
    [ThreadStatic] private static bool t_disabled;
    [ThreadStatic] private static bool t_inference;

    public static bool IsEnabled { get => !t_disabled; set => t_disabled = !value; }

    public static bool IsInference { get => t_inference; set => t_inference = value; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Records(Tensor a) => a.RequiresGrad && !t_disabled;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Records(Tensor a, Tensor b) => (a.RequiresGrad || b.RequiresGrad) && !t_disabled;

    public static bool Records(params ReadOnlySpan<Tensor?> tensors)
    {
        if (t_disabled) return false;
        foreach (Tensor? tensor in tensors)
        {
            if (tensor is not null && tensor.RequiresGrad) return true;
        }
        return false;
    }
}

/// <summary>Restores the previous recording mode when disposed; made by <see cref="Autograd.NoGrad"/> and its kin.</summary>
public readonly ref struct GradModeScope
{
    private readonly bool _wasEnabled = GradMode.IsEnabled;
    private readonly bool _wasInference = GradMode.IsInference;

    internal GradModeScope(bool enabled, bool inference)
    {
        GradMode.IsEnabled = enabled;
        GradMode.IsInference = inference;
    }

    /// <summary>Restores the mode.</summary>
    public void Dispose()
    {
        GradMode.IsEnabled = _wasEnabled;
        GradMode.IsInference = _wasInference;
    }
}

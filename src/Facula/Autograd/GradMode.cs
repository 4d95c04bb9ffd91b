using System.Runtime.CompilerServices;

namespace Facula;

/// <summary>Whether operations are recorded, and whether backward looks for NaN, per thread: backward runs on the thread that calls it.</summary>
internal static class GradMode
{
    [ThreadStatic] private static bool t_disabled;
    [ThreadStatic] private static bool t_inference;
    [ThreadStatic] private static bool t_detectsAnomaly;

    public static bool IsEnabled { get => !t_disabled; set => t_disabled = !value; }

    public static bool IsInference { get => t_inference; set => t_inference = value; }

    public static bool DetectsAnomaly { get => t_detectsAnomaly; set => t_detectsAnomaly = value; }

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

/// <summary>Restores the previous modes when disposed; made by <see cref="Autograd.NoGrad"/> and its kin.</summary>
public readonly ref struct GradModeScope
{
    private readonly bool _wasEnabled = GradMode.IsEnabled;
    private readonly bool _wasInference = GradMode.IsInference;
    private readonly bool _detectedAnomaly = GradMode.DetectsAnomaly;

    internal GradModeScope(bool enabled, bool inference, bool detectsAnomaly)
    {
        GradMode.IsEnabled = enabled;
        GradMode.IsInference = inference;
        GradMode.DetectsAnomaly = detectsAnomaly;
    }

    /// <summary>Restores the modes.</summary>
    public void Dispose()
    {
        GradMode.IsEnabled = _wasEnabled;
        GradMode.IsInference = _wasInference;
        GradMode.DetectsAnomaly = _detectedAnomaly;
    }
}

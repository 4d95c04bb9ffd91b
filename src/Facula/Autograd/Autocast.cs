using System.Runtime.CompilerServices;

namespace Facula;

public static partial class Autograd
{
    /// <summary>
    /// Mixed precision, on this thread until the result is disposed, on any device: products and convolutions (MatMul, Bmm, AddMm, linear layers) are
    /// computed in the given 16-bit type, whose inputs of 16 and 32 bits are converted, and what 16 bits are too few for in Float32 (exponentials, logarithms,
    /// powers, reciprocals, sums, products of elements, norms, softmax, layer and group norms, losses); everything else in the type that its inputs have.
    /// Float64 is left alone. Parameters keep their type, and get gradients of it. Run forward and loss inside; backward uses the types that forward used.
    /// <c>using (Autograd.Autocast(DType.BFloat16)) loss = F.CrossEntropy(model.Call(x), y);</c>, with Float16 together with <see cref="Optim.GradScaler"/>.
    /// torch.autocast; what is computed how is from PyTorch's list for CUDA, except that BinaryCrossEntropy is computed in Float32, not refused.
    /// </summary>
    /// <param name="type">BFloat16 or Float16.</param>
    /// <param name="enabled">Whether to: false switches it off inside another.</param>
    /// <exception cref="ArgumentException">The type is another one.</exception>
    public static AutocastScope Autocast(DType type, bool enabled = true)
    {
        if (type != DType.BFloat16 && type != DType.Float16)
        {
            throw new ArgumentException($"Autocast: {type.PyTorchName} is no type to compute products in instead of float32; use bfloat16 or float16.",
                nameof(type));
        }
        return new(enabled ? new AutocastState(type) : null);
    }

    /// <summary>Whether this thread is in <see cref="Autocast"/>. torch.is_autocast_enabled.</summary>
    public static bool IsAutocastEnabled => AutocastMode.IsOn;
}

/// <summary>Restores the previous mode when disposed; made by <see cref="Autograd.Autocast"/>.</summary>
public readonly ref struct AutocastScope
{
    private readonly AutocastState? _outer;

    internal AutocastScope(AutocastState? state)
    {
        _outer = AutocastMode.State;
        AutocastMode.State = state;
    }

    /// <summary>Restores the mode, and lets go of the parameters' converted copies.</summary>
    public void Dispose() => AutocastMode.State = _outer;
}

/// <summary>A scope's type, and the parameters that have been converted to it, once for all their uses.</summary>
internal sealed class AutocastState(DType type)
{
    private readonly Dictionary<Tensor, (int Version, Tensor Converted)> _parameters = new(ReferenceEqualityComparer.Instance);

    public DType Type => type;

    public Tensor Convert(Tensor x)
    {
        // Only what is recorded: a copy made without recording would lead no gradient back.
        if (!x.IsLeaf || !GradMode.Records(x)) return x.To(type);
        int version = x.Buffer.Version;
        if (_parameters.TryGetValue(x, out (int Version, Tensor Converted) known) && known.Version == version) return known.Converted;
        Tensor converted = x.To(type);
        _parameters[x] = (version, converted);
        return converted;
    }
}

/// <summary>What operations ask of <see cref="Autograd.Autocast"/>.</summary>
internal static class AutocastMode
{
    [ThreadStatic] private static AutocastState? t_state;

    public static AutocastState? State { get => t_state; set => t_state = value; }

    public static bool IsOn => t_state is not null;

    /// <summary>An operand of a product: in the scope's type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Tensor Narrow(Tensor x) => t_state is { } state ? NarrowTo(state, x) : x;

    /// <summary>An operand that 16 bits are too few for: in Float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Tensor Widen(Tensor x) => Widens(x) ? x.To(DType.Float32) : x;

    /// <summary>Whether a tensor has 16 bits, and operations that those are too few for want it in Float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Widens(Tensor? x) => t_state is not null && Is16Bit(x);

    // Nulls pass: operations refuse them in their own words.
    private static bool Is16Bit(Tensor? x) => x is { DType.Kind: ElementType.Float16 or ElementType.BFloat16 };

    private static Tensor NarrowTo(AutocastState state, Tensor x) =>
        x is not { DType.Kind: ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 } || x.DType == state.Type ? x : state.Convert(x);
}

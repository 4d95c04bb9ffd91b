using System.Numerics;

namespace Facula;

/// <summary>How <see cref="Tensor.ToString(PrintOptions)"/> prints: <c>new() { Precision = 2 }</c>. torch.set_printoptions.</summary>
public sealed record PrintOptions
{
    private static volatile PrintOptions s_default = new();

    /// <summary>What <see cref="Tensor.ToString()"/> goes by, in the whole process: <c>PrintOptions.Default = new() { Precision = 2 }</c>.</summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public static PrintOptions Default { get => s_default; set => s_default = Check.NotNull(value); }

    /// <summary>Digits after the point; 4 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than 99.</exception>
    public int Precision { get; init => field = InRange(nameof(Precision), value, 0, 99); } = 4;

    /// <summary>Tensors of more elements are shown by their edges; 1000 unless set, long.MaxValue shows everything.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long Threshold { get; init => field = InRange(nameof(Threshold), value, 0, long.MaxValue); } = 1000;

    /// <summary>How many elements (rows, ...) are shown at either end of a dimension that is cut short; 3 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1, or more than a million.</exception>
    public int EdgeItems { get; init => field = InRange(nameof(EdgeItems), value, 1, 1_000_000); } = 3;

    /// <summary>Characters a line has room for; 80 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int LineWidth { get; init => field = InRange(nameof(LineWidth), value, 1, int.MaxValue); } = 80;

    /// <summary>
    /// Scientific notation: always, never, or (null, unless set) where the elements differ too much, or are too large or small, for the other.
    /// </summary>
    public bool? SciMode { get; init; }

    private static T InRange<T>(string name, T value, T least, T most) where T : INumber<T> => value >= least && value <= most ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"PrintOptions.{name}: must be between {least} and {most}.");
}

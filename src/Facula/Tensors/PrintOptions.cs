using System.Numerics;

namespace Facula;

/// <summary>How <see cref="Tensor.ToString"/> prints, for the whole process. torch.set_printoptions.</summary>
public static class PrintOptions
{
    /// <summary>Digits after the point; 4 at first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than 99.</exception>
    public static int Precision { get; set => field = InRange(nameof(Precision), value, 0, 99); } = 4;

    /// <summary>Tensors of more elements are shown by their edges; 1000 at first, long.MaxValue shows everything.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public static long Threshold { get; set => field = InRange(nameof(Threshold), value, 0, long.MaxValue); } = 1000;

    /// <summary>How many elements (rows, ...) are shown at either end of a dimension that is cut short; 3 at first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1, or more than a million.</exception>
    public static int EdgeItems { get; set => field = InRange(nameof(EdgeItems), value, 1, 1_000_000); } = 3;

    /// <summary>Characters a line has room for; 80 at first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public static int LineWidth { get; set => field = InRange(nameof(LineWidth), value, 1, int.MaxValue); } = 80;

    /// <summary>Scientific notation: always, never, or (null, at first) where the elements differ too much, or are too large or small, for the other.</summary>
    public static bool? SciMode { get; set; }

    private static T InRange<T>(string name, T value, T least, T most) where T : INumber<T> => value >= least && value <= most ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"PrintOptions.{name}: must be between {least} and {most}.");
}

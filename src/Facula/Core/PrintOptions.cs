namespace Facula;

/// <summary>How <see cref="Tensor.ToString"/> prints, for the whole process. torch.set_printoptions.</summary>
public static class PrintOptions
{
    /// <summary>Digits after the point; 4 at first.</summary>
    public static int Precision { get; set; } = 4;

    /// <summary>Tensors of more elements are shown by their edges; 1000 at first, long.MaxValue shows everything.</summary>
    public static long Threshold { get; set; } = 1000;

    /// <summary>How many elements (rows, ...) are shown at either end of a dimension that is cut short; 3 at first.</summary>
    public static int EdgeItems { get; set; } = 3;

    /// <summary>Characters a line has room for; 80 at first.</summary>
    public static int LineWidth { get; set; } = 80;

    /// <summary>Scientific notation: always, never, or (null, at first) where the elements differ too much, or are too large or small, for the other.</summary>
    public static bool? SciMode { get; set; }
}

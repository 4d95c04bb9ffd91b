using System.Diagnostics.CodeAnalysis;

namespace Facula.Backends;

/// <summary>Labels that name no class.</summary>
internal static class LabelCheck
{
    [DoesNotReturn]
    public static void Throw(long label, long row, int classes, long ignored) => throw new ArgumentOutOfRangeException("labels", label,
        $"crossEntropy: the label of row {row} is {label}, but there are {classes} classes, numbered 0 to {classes - 1}" +
        (ignored >= 0 ? "." : $" ({ignored} marks rows to leave out)."));
}

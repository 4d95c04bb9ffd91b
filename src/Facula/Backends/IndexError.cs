using System.Diagnostics.CodeAnalysis;

namespace Facula.Backends;

/// <summary>The errors for an index that a tensor does not have and a label that names no class; the same from every backend.</summary>
internal static class IndexError
{
    /// <summary>What cross-entropy calls itself where it gathers by labels, whose indices are labels and elements rows.</summary>
    public const string CrossEntropy = "crossEntropy";

    [DoesNotReturn]
    public static void Throw(string operation, long index, long size, int dim, long position)
    {
        if (operation == CrossEntropy) ThrowLabel(index, position, size);
        throw new ArgumentOutOfRangeException(nameof(index), index,
            $"{operation}: index {index} (element {position} of the index) is out of range for dimension {dim}, which has size {size}.");
    }

    [DoesNotReturn]
    public static void ThrowLabel(long label, long row, long classes) => throw new ArgumentOutOfRangeException("labels", label,
        $"{CrossEntropy}: the label of row {row} is {label}, but there are {classes} classes, numbered 0 to {classes - 1}; rows to leave out have the label " +
        "ignoreIndex.");
}

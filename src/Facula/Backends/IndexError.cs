using System.Diagnostics.CodeAnalysis;

namespace Facula.Backends;

/// <summary>The error for an index that a tensor does not have; the same from every backend.</summary>
internal static class IndexError
{
    [DoesNotReturn]
    public static void Throw(string operation, long index, long size, int dim, long position) => throw new ArgumentOutOfRangeException(nameof(index), index,
        $"{operation}: index {index} (element {position} of the index) is out of range for dimension {dim}, which has size {size}.");
}

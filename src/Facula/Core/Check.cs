using System.Diagnostics.CodeAnalysis;

namespace Facula;

/// <summary>Checks of arguments; each names the operation, what came and what would fit.</summary>
internal static class Check
{
    /// <summary>A dimension counted from either end, as a non-negative one. A tensor of rank 0 may be treated as of rank 1, as in PyTorch.</summary>
    public static int Dim(string operation, int dim, int rank)
    {
        int limit = Math.Max(1, rank);
        if (dim < -limit || dim >= limit)
            throw new ArgumentOutOfRangeException(nameof(dim), dim, $"{operation}: a tensor of rank {rank} has dimensions {-limit} to {limit - 1}.");
        return dim < 0 ? dim + limit : dim;
    }

    /// <summary>Distinct dimensions in ascending order; none given means all.</summary>
    public static int[] Dims(string operation, ReadOnlySpan<int> dims, int rank)
    {
        if (dims.Length == 0) return [.. Enumerable.Range(0, rank)];
        var result = new int[dims.Length];
        for (int i = 0; i < dims.Length; i++) result[i] = Dim(operation, dims[i], rank);
        Array.Sort(result);
        for (int i = 1; i < result.Length; i++)
        {
            if (result[i] == result[i - 1]) throw new ArgumentException($"{operation}: dimension {result[i]} is given twice.", nameof(dims));
        }
        return rank == 0 ? [] : result;
    }

    public static void SameDevice(string operation, Tensor a, Tensor b)
    {
        if (a.Device != b.Device) ThrowDevices(operation, a, b);
    }

    [DoesNotReturn]
    private static void ThrowDevices(string operation, Tensor a, Tensor b) =>
        throw new ArgumentException($"{operation}: one operand is on {a.Device}, the other on {b.Device}; move one with To(device).");

    [DoesNotReturn]
    public static int[] ThrowBroadcast(string operation, Layout a, Layout b) => throw new ArgumentException(
        $"{operation}: shapes {a} and {b} do not broadcast: aligned at the last dimension, each pair of sizes must be equal or one of them 1.");

    public static void Floating(string operation, Tensor x)
    {
        if (!x.DType.IsFloatingPoint)
            throw new ArgumentException($"{operation}: needs a floating-point tensor, but this one is {x.DType.PyTorchName}; convert it with To(DType.Float32).");
    }

    public static void Rank(string operation, Tensor x, int rank)
    {
        if (x.Rank != rank) throw new ArgumentException($"{operation}: needs a tensor of rank {rank}, but this one has shape {x.Shape}.");
    }
}

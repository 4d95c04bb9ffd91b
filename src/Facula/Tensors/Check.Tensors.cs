using System.Diagnostics.CodeAnalysis;

namespace Facula;

// What is checked of tensors.

internal static partial class Check
{
    /// <summary>A dimension of a tensor that must have some, negative ones counted from the end.</summary>
    public static int DimOf(string operation, int dim, Tensor x)
    {
        if (x.Rank == 0) throw new ArgumentException($"{operation}: a tensor of rank 0, a single number, has no dimension {dim}.", nameof(dim));
        return Dim(operation, dim, x.Rank);
    }

    public static void SameDevice(string operation, Tensor a, Tensor b)
    {
        if (a.Device != b.Device) ThrowDevices(operation, a, b);
    }

    [DoesNotReturn]
    private static void ThrowDevices(string operation, Tensor a, Tensor b) =>
        throw new ArgumentException($"{operation}: one operand is on {a.Device}, the other on {b.Device}; move one with To(device).");

    /// <summary>An input and the weights that it meets are of one type.</summary>
    public static void SameType(string operation, Tensor input, Tensor weight, Tensor? bias)
    {
        if (input.DType != weight.DType || (bias is not null && bias.DType != weight.DType)) ThrowTypes(operation, input, weight, bias);
    }

    [DoesNotReturn]
    private static void ThrowTypes(string operation, Tensor input, Tensor weight, Tensor? bias)
    {
        string origin = input.DType == DType.Float64 && weight.DType == DType.Float32 ? " A literal 1.0 makes float64; write 1f, or Tensor.From(values, " +
            "DType.Float32)." : "";
        throw new ArgumentException($"{operation}: the input is {input.DType.PyTorchName}, the weight {weight.DType.PyTorchName}" +
            $"{(bias is null ? "" : $" and the bias {bias.DType.PyTorchName}")}; convert the input with To(DType.{weight.DType}), or the module with " +
                $"To(dtype).{origin}");
    }

    public static void Floating(string operation, Tensor x)
    {
        NotNull(x, operation: operation);
        if (!x.DType.IsFloatingPoint)
            throw new ArgumentException($"{operation}: needs a floating-point tensor, but this one is {x.DType.PyTorchName}; convert it with " +
                $"To(DType.Float32).");
    }

    public static void Rank(string operation, Tensor x, int rank)
    {
        NotNull(x, operation: operation);
        if (x.Rank != rank) throw new ArgumentException($"{operation}: needs a tensor of rank {rank}, but this one has shape {x.Shape}.");
    }
}

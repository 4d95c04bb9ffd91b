using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

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

    /// <summary>Refuses infinities and NaN.</summary>
    public static double Finite(string operation, double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!double.IsFinite(value)) ThrowSetting(operation, value, name, "must be a finite number");
        return value;
    }

    /// <summary>Refuses NaN, infinities and what is less than 0.</summary>
    public static double NotNegative(string operation, double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0 && double.IsFinite(value))) ThrowSetting(operation, value, name, "must be a finite number, at least 0");
        return value;
    }

    /// <summary>Refuses NaN, infinities and what is not greater than 0.</summary>
    public static double Positive(string operation, double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value > 0 && double.IsFinite(value))) ThrowSetting(operation, value, name, "must be a finite number, greater than 0");
        return value;
    }

    /// <summary>Refuses NaN and what is outside [0, 1]: probabilities and shares.</summary>
    public static double Fraction(string operation, double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value is >= 0 and <= 1)) ThrowSetting(operation, value, name, "must be between 0 and 1");
        return value;
    }

    /// <summary>Refuses NaN and what is outside [0, 1): shares that something is divided by the rest of.</summary>
    public static double LessThanOne(string operation, double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value is >= 0 and < 1)) ThrowSetting(operation, value, name, "must be at least 0 and less than 1");
        return value;
    }

    /// <summary>Refuses NaN.</summary>
    public static double Number(string operation, double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (double.IsNaN(value)) ThrowSetting(operation, value, name, "must be a number, or infinity");
        return value;
    }

    /// <summary>Refuses NaN and what is less than 0, but not infinity: limits, which may be none.</summary>
    public static double Limit(string operation, double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0)) ThrowSetting(operation, value, name, "must be at least 0, or infinity");
        return value;
    }

    [DoesNotReturn]
    private static void ThrowSetting(string operation, double value, string name, string rule) =>
        throw new ArgumentOutOfRangeException(name, value, $"{operation}: {name} {rule}.");

    /// <summary>Refuses a tensor with an element that is NaN or outside [0, 1]; what says which tensor it is.</summary>
    public static void Probabilities(string operation, Tensor x, string what)
    {
        if (x.Count == 0) return;
        using GradModeScope scope = Autograd.NoGrad();
        using Tensor outside = Tensor.Allocate(Layout.Scalar, DType.Float32, x.Device);
        x.Device.Backend.Reduce(new OutsideOp(), x.DType.Compute, outside.Operand, x.Operand);
        if (outside.Item() != 0) throw new ArgumentException($"{operation}: all elements of {what} must be probabilities, between 0 and 1, but some are not; of logits take the Sigmoid first.");
    }

    /// <summary>1 if an element is outside [0, 1], else 0.</summary>
    private readonly struct OutsideOp : IReduce
    {
        public double Identity => 0;
        public bool IsSum => false;
        public T Prepare<T>(T x) where T : INum<T> => T.Select(T.And(x >= T.Zero, x <= T.One), T.Zero, T.One);
        public T Combine<T>(T a, T b) where T : INum<T> => T.Max(a, b);
        public T Finish<T>(T y) where T : INum<T> => y;
    }
}

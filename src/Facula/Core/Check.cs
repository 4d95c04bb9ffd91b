using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Facula;

/// <summary>Checks of arguments; each names the operation, what came and what would fit.</summary>
internal static partial class Check
{
    /// <summary>The argument, which must be there: <c>Check.NotNull(input).Relu()</c>. The error names it and the operation.</summary>
    public static T NotNull<T>([NotNull] T? value, [CallerArgumentExpression(nameof(value))] string name = "", [CallerMemberName] string operation = "")
        where T : class =>
        value ?? ThrowNull<T>(name, operation);

    /// <summary>Items none of which may be missing.</summary>
    public static T[] NoneNull<T>([NotNull] IEnumerable<T>? values, [CallerArgumentExpression(nameof(values))] string name = "",
        [CallerMemberName] string operation = "")
        where T : class
    {
        T[] items = [.. NotNull(values, name, operation)];
        int missing = Array.IndexOf(items, null);
        return missing < 0 ? items : throw new ArgumentException($"{operation}: item {missing} of {name} is null.", name);
    }

    /// <summary>Throws where calls are nested so deeply that the stack might end, which would be the end of the process.</summary>
    public static void Depth(string what)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) ThrowDepth(what);
    }

    [DoesNotReturn]
    private static void ThrowDepth(string what) =>
        throw new InvalidOperationException($"{what} are nested too deeply, or without end: there is no room left on the stack.");

    [DoesNotReturn]
    private static T ThrowNull<T>(string name, string operation) =>
        throw new ArgumentNullException(name, $"{(operation == ".ctor" ? "A constructor" : operation)}: {name} is null.");

    /// <summary>A place in a list.</summary>
    public static int Index(int index, int count, [CallerMemberName] string operation = "") => (uint)index < (uint)count ? index
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"{operation}: " +
            $"{(count == 0 ? "there is nothing" : $"there are {count}, at indices 0 to {count - 1}")}.");

    /// <summary>A dimension counted from either end, as a non-negative one. A tensor of rank 0 may be treated as of rank 1, as in PyTorch.</summary>
    public static int Dim(string operation, int dim, int rank)
    {
        int limit = Math.Max(1, rank);
        if (dim < -limit || dim >= limit)
            throw new ArgumentOutOfRangeException(nameof(dim), dim, $"{operation}: a tensor of rank {rank} has dimensions {-limit} to {limit - 1}.");
        return dim < 0 ? dim + limit : dim;
    }

    /// <summary>The size of a dimension that has been worked out in 64 bits.</summary>
    public static int Size(object caller, long size, string what = "a dimension of the result") => size is >= 0 and <= int.MaxValue ? (int)size
        : throw new ArgumentException($"{caller}: {what} would be {size}, but sizes are from 0 to {int.MaxValue}.");

    /// <summary>A product of sizes that is to be kept in 32 bits.</summary>
    public static int Product(object caller, string what, params ReadOnlySpan<int> sizes)
    {
        long product = 1;
        foreach (int size in sizes) product = Math.Min(product, int.MaxValue + 1L) * size;
        return Size(caller, product, what);
    }

    /// <summary>A number of elements, rows or parts that a kernel counts in 32 bits.</summary>
    public static int Count(long count) => Size("A kernel", count, "the number of what it goes through");

    /// <summary>
    /// The size of an input with its padding, along which a kernel moves; kernels compute places in it in 32 bits.
    /// </summary>
    public static int Padded(object caller, int size, long padding) => Size(caller, size + padding, "the size of the input with its padding");

    /// <summary>Whether all that a layout reaches lies in the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Fits(Layout layout, DType type, Buffer buffer) => layout.End * type.Size <= buffer.Bytes;

    [DoesNotReturn]
    public static void ThrowReach(Layout layout, DType type, Buffer buffer) => throw new InvalidOperationException(
        $"A {type.PyTorchName} tensor of shape {layout} that ends at element {layout.End} does not lie within its memory of {buffer.Bytes} bytes.");

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

    [DoesNotReturn]
    public static int[] ThrowBroadcast(string operation, Layout a, Layout b) => throw new ArgumentException(
        $"{operation}: shapes {a} and {b} do not broadcast: aligned at the last dimension, each pair of sizes must be equal or one of them 1.");

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
}

using System.Globalization;

namespace Facula.Tests.Ops;

/// <summary>Where tensors differ, in words; null where they do not. Knows no test framework, as tools/gpucheck is built with it.</summary>
internal static class Difference
{
    /// <summary>
    /// Elements that are not within a number of units in the last place of the truth, a float64 tensor: units of each element, or, where
    /// normwise, of the largest; scales are operands that count as well. What overflows the type is infinite; NaN is where the truth has it, and nowhere else.
    /// </summary>
    public static string? InUlps(Tensor actual, Tensor truth, double ulps, bool normwise, string what, params ReadOnlySpan<Tensor?> scales)
    {
        if (truth.Shape != actual.Shape) return $"{what}: the shape is {actual.Shape}, should be {truth.Shape}.";
        DType type = actual.DType;
        double[] a = actual.To(Device.Cpu).ToArray<double>(), t = truth.To(Device.Cpu).ToArray<double>();
        if (type.IsFloatingPoint && type != DType.Float64)
        {
            // To the type and back, except that what is exact enough stays so.
            double[] rounded = Tensor.From(t).To(type).ToArray<double>();
            for (int i = 0; i < t.Length; i++) t[i] = double.IsInfinity(rounded[i]) ? rounded[i] : t[i];
        }
        double largest = normwise ? t.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max() : 0;
        double[] size = [.. t.Select(x => Math.Max(Math.Abs(x), largest))];
        foreach (Tensor? scale in scales)
        {
            if (scale is null) continue;
            double[] operand = scale.Expand(truth.Shape.ToArray()).ToArray<double>();
            for (int i = 0; i < t.Length; i++) size[i] = Math.Max(size[i], Math.Abs(operand[i]));
        }
        for (int i = 0; i < t.Length; i++)
        {
            bool good = type.IsFloatingPoint && double.IsFinite(t[i]) && double.IsFinite(a[i])
                ? Math.Abs(a[i] - t[i]) <= ulps * Ulp(size[i], type)
                : a[i].Equals(t[i]) || a[i] == t[i];
            if (!good)
            {
                double off = Math.Abs(a[i] - t[i]) / Ulp(size[i], type);
                return string.Create(CultureInfo.InvariantCulture,
                    $"{what}: element {i} of {actual.Shape} is {a[i]:R}, should be {t[i]:R}; off by {off:G4} ulps of {type.PyTorchName}, allowed {ulps}.");
            }
        }
        return null;
    }

    /// <summary>Shape, type or bits that are not the same; any NaN equals any other.</summary>
    public static string? InBits(Tensor expected, Tensor actual, string what)
    {
        if (expected.Shape != actual.Shape) return $"{what}: the shape is {actual.Shape}, should be {expected.Shape}.";
        if (expected.DType != actual.DType) return $"{what}: the type is {actual.DType}, should be {expected.DType}.";
        double[] e = expected.To(Device.Cpu).ToArray<double>(), a = actual.To(Device.Cpu).ToArray<double>();
        for (int i = 0; i < e.Length; i++)
        {
            bool same = double.IsNaN(e[i]) ? double.IsNaN(a[i]) : BitConverter.DoubleToInt64Bits(e[i]) == BitConverter.DoubleToInt64Bits(a[i]);
            if (same) continue;
            return string.Create(CultureInfo.InvariantCulture, $"{what}: element {i} of {e.Length} is {a[i]:R}, should have the bits of {e[i]:R}.");
        }
        return null;
    }

    /// <summary>
    /// The distance between neighbouring numbers of the type; near the smallest normal number that of somewhat larger ones, because factors
    /// of a product may have fallen below it.
    /// </summary>
    private static double Ulp(double value, DType type)
    {
        (int digits, int lowest) = type.Kind switch
        {
            ElementType.Float64 => (52, -1022),
            ElementType.Float32 => (23, -126),
            ElementType.Float16 => (10, -14),
            _ => (7, -126),
        };
        int exponent = value == 0 ? lowest : Math.Max(lowest + 4, Math.ILogB(value));
        return Math.ScaleB(1, exponent - digits);
    }
}

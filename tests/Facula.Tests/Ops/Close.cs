using System.Globalization;

namespace Facula.Tests.Ops;

/// <summary>Comparisons of tensors that say where they differ.</summary>
internal static class Close
{
    /// <summary>
    /// Asserts that elements are within a number of units in the last place of the truth, a float64 tensor: units of each element, or, where
    /// normwise, of the largest; scales are operands that count as well. What overflows the type is infinite; NaN is where the truth has it, and nowhere else.
    /// </summary>
    public static void AssertUlps(Tensor actual, Tensor truth, double ulps, bool normwise, string what, params ReadOnlySpan<Tensor?> scales)
    {
        Assert.Equal(truth.Shape, actual.Shape);
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
                Assert.Fail(string.Create(CultureInfo.InvariantCulture,
                    $"{what}: element {i} of {actual.Shape} is {a[i]:R}, should be {t[i]:R}; off by {off:G4} ulps of {type.PyTorchName}, allowed {ulps}."));
            }
        }
    }

    /// <summary>Asserts that two tensors have the same shape, type and bits; any NaN equals any other.</summary>
    public static void AssertSameBits(Tensor expected, Tensor actual, string what)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.DType, actual.DType);
        double[] e = expected.ToArray<double>(), a = actual.ToArray<double>();
        for (int i = 0; i < e.Length; i++)
        {
            bool same = double.IsNaN(e[i]) ? double.IsNaN(a[i]) : BitConverter.DoubleToInt64Bits(e[i]) == BitConverter.DoubleToInt64Bits(a[i]);
            if (same) continue;
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{what}: element {i} of {e.Length} is {a[i]:R}, should have the bits of {e[i]:R}."));
        }
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

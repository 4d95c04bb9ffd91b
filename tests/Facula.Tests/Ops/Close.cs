namespace Facula.Tests.Ops;

/// <summary>Comparisons of tensors that say where they differ.</summary>
internal static class Close
{
    /// <summary>Asserts that elements are within a number of units in the last place of the truth; see <see cref="Difference.InUlps"/>.</summary>
    public static void AssertUlps(Tensor actual, Tensor truth, double ulps, bool normwise, string what, params ReadOnlySpan<Tensor?> scales) =>
        AssertNone(Difference.InUlps(actual, truth, ulps, normwise, what, scales));

    /// <summary>Asserts that two tensors have the same shape, type and bits; any NaN equals any other.</summary>
    public static void AssertSameBits(Tensor expected, Tensor actual, string what) => AssertNone(Difference.InBits(expected, actual, what));

    private static void AssertNone(string? difference)
    {
        if (difference is not null) Assert.Fail(difference);
    }
}

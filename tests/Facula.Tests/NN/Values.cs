using System.Globalization;

namespace Facula.Tests.NN;

internal static class Values
{
    /// <summary>Asserts that elements are as expected, up to an error relative to the larger of each and 1.</summary>
    public static void AssertClose(double[] expected, Tensor actual, double tolerance, string what = "")
    {
        double[] values = actual.To(Device.Cpu).ToArray<double>();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            if (!(Math.Abs(values[i] - expected[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i]))))
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{what}: element {i} is {values[i]:R}, should be {expected[i]:R}."));
        }
    }
}

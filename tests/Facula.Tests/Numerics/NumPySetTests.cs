using System.Globalization;

namespace Facula.Tests.Numerics;

/// <summary>
/// NumPy's own validation sets for its vectorised functions (numpy/_core/tests/data, BSD-3-Clause): arguments and results as bits. They are not part of
/// this repository.
/// </summary>
[Trait("Suite", "OpTable")]
public sealed class NumPySetTests
{
    [Theory]
    [InlineData("exp")]
    [InlineData("log")]
    [InlineData("sin")]
    [InlineData("cos")]
    [InlineData("tanh")]
    public void Function_agrees_with_the_set_of_NumPy(string function)
    {
        string path = Repository.SharedOrSkip("reference", "numpy-umath", $"umath-validation-set-{function}.csv");
        ElementaryCase c = ElementaryCase.Find(function);
        var singles = new List<(float X, float Y)>();
        var doubles = new List<(double X, double Y)>();
        foreach (string line in File.ReadLines(path).Skip(1))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            string[] cells = line.Split(',');
            ulong x = Bits(cells[1]), y = Bits(cells[2]);
            if (cells[0] == "np.float32") singles.Add((BitConverter.UInt32BitsToSingle((uint)x), BitConverter.UInt32BitsToSingle((uint)y)));
            else if (cells[0] == "np.float64") doubles.Add((BitConverter.UInt64BitsToDouble(x), BitConverter.UInt64BitsToDouble(y)));
            else Assert.Fail($"A line of {path} is of no known type: {line}");
        }
        Assert.True(singles.Count > 100 && doubles.Count > 100);
        foreach (string lanes in ElementaryCase.Lanes)
        {
            float[] x = [.. singles.Select(s => s.X)], y = c.Run(lanes, x, x);
            for (int i = 0; i < y.Length; i++)
                Check(Order(y[i]) - Order(singles[i].Y), float.IsNaN(y[i]) == float.IsNaN(singles[i].Y),
                    $"{function}({x[i]:R}) in {lanes}<float> is {y[i]:R}, in NumPy {singles[i].Y:R}");
            double[] u = [.. doubles.Select(d => d.X)], v = c.Run(lanes, u, u);
            for (int i = 0; i < v.Length; i++)
                Check(Order(v[i]) - Order(doubles[i].Y), double.IsNaN(v[i]) == double.IsNaN(doubles[i].Y),
                    $"{function}({u[i]:R}) in {lanes}<double> is {v[i]:R}, in NumPy {doubles[i].Y:R}");
        }
    }

    /// <summary>At most two numbers apart, which is what we claim; the sets allow one to four.</summary>
    private static void Check(long apart, bool bothNumbers, FormattableString what) =>
        Assert.True(bothNumbers && Math.Abs(apart) <= 2, what.ToString(CultureInfo.InvariantCulture));

    private static ulong Bits(string hex) => ulong.Parse(hex.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // The place of a number among all of its type; NaN's are all the same.
    private static long Order(float x) => float.IsNaN(x) ? 0 : BitConverter.SingleToInt32Bits(x) is var bits && bits < 0 ? int.MinValue - (long)bits : bits;
    private static long Order(double x) => double.IsNaN(x) ? 0 : BitConverter.DoubleToInt64Bits(x) is var bits && bits < 0 ? long.MinValue - bits : bits;
}

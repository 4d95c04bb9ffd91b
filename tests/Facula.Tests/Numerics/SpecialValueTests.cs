using System.Numerics;

namespace Facula.Tests.Numerics;

/// <summary>
/// Results that are exact by definition: those of C (C99, annex F.9), which PyTorch has too. Each is looked at alone, and next to ordinary numbers in
/// one vector.
/// </summary>
[Trait("Suite", "OpTable")]
public sealed class SpecialValueTests
{
    private const double NaN = double.NaN, Infinity = double.PositiveInfinity;

    private static readonly Dictionary<string, (double X, double Y)[]> Values = new()
    {
        ["exp"] = [(0, 1), (-0.0, 1), (Infinity, Infinity), (-Infinity, 0), (1e10, Infinity), (-1e10, 0), (NaN, NaN)],
        ["expm1"] = [(0, 0), (-0.0, -0.0), (Infinity, Infinity), (-Infinity, -1), (1e10, Infinity), (-1e10, -1), (NaN, NaN)],
        ["log"] = [(1, 0), (0, -Infinity), (-0.0, -Infinity), (-1, NaN), (-1e-40, NaN), (-Infinity, NaN), (Infinity, Infinity), (NaN, NaN)],
        ["log1p"] = [(0, 0), (-0.0, -0.0), (-1, -Infinity), (-1.5, NaN), (-Infinity, NaN), (Infinity, Infinity), (NaN, NaN)],
        ["sin"] = [(0, 0), (-0.0, -0.0), (Infinity, NaN), (-Infinity, NaN), (NaN, NaN)],
        ["cos"] = [(0, 1), (-0.0, 1), (Infinity, NaN), (-Infinity, NaN), (NaN, NaN)],
        ["tan"] = [(0, 0), (-0.0, -0.0), (Infinity, NaN), (-Infinity, NaN), (NaN, NaN)],
        ["tanh"] = [(0, 0), (-0.0, -0.0), (Infinity, 1), (-Infinity, -1), (1e10, 1), (-1e10, -1), (NaN, NaN)],
        ["sigmoid"] = [(0, 0.5), (-0.0, 0.5), (Infinity, 1), (-Infinity, 0), (1e10, 1), (-1e10, 0), (NaN, NaN)],
        ["erf"] = [(0, 0), (-0.0, -0.0), (Infinity, 1), (-Infinity, -1), (1e10, 1), (-1e10, -1), (NaN, NaN)],
        ["sqrt"] = [(0, 0), (-0.0, -0.0), (1, 1), (4, 2), (Infinity, Infinity), (-Infinity, NaN), (-1, NaN), (NaN, NaN)],
    };

    public static TheoryData<string, string> FunctionsAndLanes { get; } =
        [.. Values.Keys.SelectMany(f => ElementaryCase.Lanes.Select(lanes => new TheoryDataRow<string, string>(f, lanes)))];

    public static TheoryData<string> Lanes { get; } = [.. ElementaryCase.Lanes];

    [Theory, MemberData(nameof(FunctionsAndLanes))]
    public void Function_at_special_values(string function, string lanes)
    {
        (double X, double Y)[] values = Values[function];
        double[] x = [.. values.Select(v => v.X)], y = [.. values.Select(v => v.Y)];
        Check(ElementaryCase.Find(function), lanes, x, x, y);
    }

    [Theory, MemberData(nameof(Lanes))]
    public void Tiny_numbers_are_their_own_sine(string lanes)
    {
        foreach (string function in (string[])["sin", "tan", "tanh", "expm1", "log1p"])
        {
            double[] x = [double.Epsilon, -double.Epsilon, 3e-310, -3e-310, 1e-300, -1e-300];
            Assert.Equal(x, ElementaryCase.Find(function).Run(lanes, x, x));
            float[] s = [float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f, 1e-38f, -1e-37f];
            Assert.Equal(s, ElementaryCase.Find(function).Run(lanes, s, s));
        }
    }

    [Theory, MemberData(nameof(Lanes))]
    public void Pow_at_special_values(string lanes)
    {
        var cases = new List<(double X, double Y, double Power)>
        {
            // Whatever the other number is.
            (NaN, 0, 1), (NaN, -0.0, 1), (Infinity, 0, 1), (0, 0, 1), (-0.0, 0, 1), (0, -0.0, 1), (-2, 0, 1),
            (1, NaN, 1), (1, Infinity, 1), (1, -Infinity, 1), (1, 1e10, 1),
            (NaN, 1, NaN), (2, NaN, NaN), (NaN, NaN, NaN), (-1, NaN, NaN), (0, NaN, NaN), (Infinity, NaN, NaN), (NaN, Infinity, NaN), (NaN, -3, NaN),
            // Zeros keep their sign under odd powers.
            (0, 3, 0), (-0.0, 3, -0.0), (0, 2, 0), (-0.0, 2, 0), (-0.0, 0.5, 0), (0, -3, Infinity), (-0.0, -3, -Infinity), (-0.0, -2, Infinity),
            (-0.0, -0.5, Infinity),
            (0, Infinity, 0), (-0.0, Infinity, 0), (0, -Infinity, Infinity), (-0.0, -Infinity, Infinity),
            // Negative numbers have powers that are integers only.
            (-2, 3, -8), (-2, 2, 4), (-2, -1, -0.5), (-2, 0.5, NaN), (-2, -1.5, NaN), (-8, 1.0 / 3, NaN), (-1, 1e10, 1), (-1, 1e300, 1), (-1, 16777215, -1),
            (-1, Infinity, 1), (-1, -Infinity, 1),
            // Infinities.
            (2, Infinity, Infinity), (2, -Infinity, 0), (0.5, Infinity, 0), (0.5, -Infinity, Infinity), (-2, Infinity, Infinity), (-0.5, Infinity, 0),
            (-0.5, -Infinity, Infinity),
            (Infinity, 2, Infinity), (Infinity, -2, 0), (Infinity, 0.5, Infinity), (-Infinity, 3, -Infinity), (-Infinity, 2, Infinity), (-Infinity, -3, -0.0),
            (-Infinity, -2, 0), (-Infinity, 0.5, Infinity), (-Infinity, -0.5, 0), (Infinity, Infinity, Infinity), (Infinity, -Infinity, 0),
            // Too large and too small.
            (10, 400, Infinity), (-10, 401, -Infinity), (10, -400, 0), (-10, -401, -0.0), (0.1, 400, 0), (0.1, -400, Infinity),
            // Exact ones.
            (2, 10, 1024), (3, 4, 81), (10, 3, 1000), (4, 0.5, 2), (2, -3, 0.125),
        };
        Check(ElementaryCase.Find("pow"), lanes, [.. cases.Select(c => c.X)], [.. cases.Select(c => c.Y)], [.. cases.Select(c => c.Power)]);
    }

    [Theory, MemberData(nameof(Lanes))]
    public void Pow_of_every_sort_with_every_sort_is_as_in_System_Math(string lanes)
    {
        double[] sorts = [0, 0.25, 0.5, 1, 1.5, 2, 3, 7, 1000.5, 1 - 1.0 / (1L << 53), 1 + 1.0 / (1L << 52), 9007199254740991, 9007199254740992, 1e22,
            1.0000001e22, 1e150, 1e300,
            double.MaxValue, 2.2250738585072014e-308, 2.225073858507201e-308, 1e-310, double.Epsilon, 1e-160, 1e-22, Infinity];
        double[] all = [.. sorts, .. sorts.Select(x => -x), NaN], x = [.. all.SelectMany(a => all.Select(_ => a))], y = [.. all.SelectMany(_ => all)];
        double[] powers = ElementaryCase.Find("pow").Run(lanes, x, y);
        for (int i = 0; i < powers.Length; i++)
        {
            double expected = Math.Pow(x[i], y[i]);
            bool same = double.IsNaN(expected) ? double.IsNaN(powers[i])
                : Math.Abs(BitConverter.DoubleToInt64Bits(powers[i]) - BitConverter.DoubleToInt64Bits(expected))
                    <= (double.IsInfinity(expected) || expected == 0 ? 0 : 2);
            Assert.True(same, $"pow({x[i]:R}, {y[i]:R}) in {lanes}<double> is {powers[i]:R}, in System.Math {expected:R}.");
        }
    }

    private static void Check(ElementaryCase c, string lanes, double[] a, double[] b, double[] expected)
    {
        CheckIn(c, lanes, a, b, expected);
        CheckIn(c, lanes, [.. a.Select(x => (float)x)], [.. b.Select(x => (float)x)], [.. expected.Select(x => (float)x)]);
    }

    private static void CheckIn<T>(ElementaryCase c, string lanes, T[] a, T[] b, T[] expected) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T ordinary = T.CreateChecked(0.75);
        for (int i = 0; i < a.Length; i++)
        {
            // A 1/3 that is rounded to float is still no integer, and float's powers of 10 end earlier: all rows hold for both types.
            T alone = c.Run(lanes, [a[i]], [b[i]])[0];
            T[] mixed = c.Run(lanes, [.. Enumerable.Repeat(ordinary, 17), a[i], .. Enumerable.Repeat(ordinary, 46)],
                [.. Enumerable.Repeat(ordinary, 17), b[i], .. Enumerable.Repeat(ordinary, 46)]);
            foreach (T y in new[] { alone, mixed[17] })
            {
                bool same = T.IsNaN(expected[i]) ? T.IsNaN(y) : y == expected[i] && T.IsNegative(y) == T.IsNegative(expected[i]);
                Assert.True(same, $"{c}({a[i]}, {b[i]}) in {lanes}<{typeof(T).Name}> is {y}, should be {expected[i]}.");
            }
            Assert.All(mixed.Take(17).Concat(mixed.Skip(18)), y => Assert.Equal(mixed[0], y));
        }
    }
}

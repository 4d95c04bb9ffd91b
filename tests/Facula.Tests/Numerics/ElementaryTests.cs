using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Facula.Tests.Numerics;

/// <summary>Errors of the elementary functions, in units of the last place, for every number type, over all magnitudes; again without wide vectors
/// (IsaTierTests).</summary>
[Trait("Suite", "OpTable")]
public sealed class ElementaryTests
{
    private static readonly bool Fused = Fma.IsSupported || AdvSimd.IsSupported;
    private static readonly ConcurrentDictionary<string, (double[] A, double[] B, Exact[] Truth)> Doubles = new();

    public static TheoryData<string> Functions { get; } = [.. ElementaryCase.All.Select(c => c.Name)];

    public static TheoryData<string, string> FunctionsAndLanes { get; } =
        [.. ElementaryCase.All.SelectMany(c => ElementaryCase.Lanes.Select(lanes => new TheoryDataRow<string, string>(c.Name, lanes)))];

    [Theory, MemberData(nameof(FunctionsAndLanes))]
    public void Float_is_within_its_units(string function, string lanes)
    {
        ElementaryCase c = ElementaryCase.Find(function);
        (float[] a, float[] b) = Singles(c);
        float[] y = c.Run(lanes, a, b);
        var worst = new Worst(c, lanes);
        for (int i = 0; i < a.Length; i++)
        {
            double truth = c.InDouble(a[i], b[i]);
            if (float.IsFinite(y[i]) && Math.Abs(truth) > float.MaxValue * (1 + 1e-7))
                Assert.Fail($"{c}<float>({a[i]:R}, {b[i]:R}) is {y[i]:R}, should be infinite.");
            double got = float.IsInfinity(y[i]) ? Math.CopySign(Math.ScaleB(1, 128), y[i]) : y[i];
            if (double.IsInfinity(truth) || Math.Abs(truth) > Math.ScaleB(1, 128)) truth = Math.CopySign(Math.ScaleB(1, 128), truth);
            int unit = Math.Max(-126, truth == 0 ? -126 : Math.Min(127, Math.ILogB(truth))) - 23;
            worst.See((got - truth) * Math.ScaleB(1, -unit), a[i], b[i], y[i]);
        }
        worst.Check("float");
    }

    [Theory, MemberData(nameof(FunctionsAndLanes))]
    public void Double_is_within_its_units(string function, string lanes)
    {
        ElementaryCase c = ElementaryCase.Find(function);
        (double[] a, double[] b, Exact[] truth) = Doubles.GetOrAdd(function, _ => Points(c));
        double[] y = c.Run(lanes, a, b);
        var worst = new Worst(c, lanes);
        for (int i = 0; i < a.Length; i++) worst.See(truth[i].Ulps(y[i], false), a[i], b[i], y[i]);
        worst.Check("double");
    }

    public static TheoryData<string> Lanes { get; } = [.. ElementaryCase.Lanes];

    /// <summary>The greatest and least results, of numbers around 1 and where their logarithm is put together in another way.</summary>
    [Theory, MemberData(nameof(Lanes))]
    public void Powers_of_doubles_are_within_their_units_where_the_logarithm_counts_most(string lanes)
    {
        var random = new Random(3);
        ElementaryCase c = ElementaryCase.Find("pow");
        double[] a =
            [.. Enumerable.Range(0, 1500)
                .Select(i => ((double[])[2.0 / 3, 0.7071, 0.95, 1, 1.05, 4.0 / 3, 1.4142, 2.8284])[i % 8]
                    * (1 + (random.NextDouble() - 0.5) * Math.ScaleB(1, -random.Next(4, 30))))];
        double[] b = [.. a.Select(x => (random.NextDouble() < 0.5 ? -1 : 1) * (600 + 100 * random.NextDouble()) / Math.Log(x))];
        double[] y = c.Run(lanes, a, b);
        var worst = new Worst(c, lanes);
        for (int i = 0; i < a.Length; i++) worst.See(Exact.Pow(a[i], b[i]).Ulps(y[i], false), a[i], b[i], y[i]);
        worst.Check("double");
    }

    [Theory, MemberData(nameof(Functions))]
    public void Every_width_gives_the_same_bits(string function)
    {
        ElementaryCase c = ElementaryCase.Find(function);
        (float[] a, float[] b) = Singles(c, 20_000);
        AssertSame(c, a, b);
        (double[] x, double[] y, _) = Doubles.GetOrAdd(function, _ => Points(c));
        AssertSame(c, x, y);
        double[] special = [.. Special], first = [.. special.SelectMany(s => special.Select(_ => s))], second = [.. special.SelectMany(_ => special)];
        AssertSame(c, first, second);
        AssertSame(c, [.. first.Select(s => (float)s)], [.. second.Select(s => (float)s)]);
    }

    private static readonly double[] Special =
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, 1, -1, 0.5, -0.5, 2, 3, -3, 20.25, -20, 1000, -1000, 1e10, -1e10,
            1e30, -1e30, 1e-10,
            -1e-10, double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon, 1e-310, float.Epsilon, 1e-40, -1e-40, float.MaxValue];

    private static void AssertSame<T>(ElementaryCase c, T[] a, T[] b) where T : unmanaged, INumber<T>
    {
        T[] expected = c.Run("Num", a, b);
        foreach (string lanes in ElementaryCase.Lanes.Skip(1))
        {
            T[] actual = c.Run(lanes, a, b);
            for (int i = 0; i < a.Length; i++)
            {
                bool same = T.IsNaN(expected[i]) ? T.IsNaN(actual[i]) : expected[i] == actual[i] && T.IsNegative(expected[i]) == T.IsNegative(actual[i]);
                if (!same) Assert.Fail($"{c}({a[i]}, {b[i]}) is {actual[i]} in {lanes}<{typeof(T).Name}>, but {expected[i]} in one lane.");
            }
        }
    }

    /// <summary>All magnitudes evenly, the ordinary range, and both sides of multiples of pi/2 and ln 2 and of numbers where formulas change;
    /// mixed, so that one vector holds all sorts.</summary>
    private static double[] Spread(ElementaryCase c, int count, bool isFloat, ulong seed)
    {
        var random = new Random((int)seed);
        double high = isFloat ? c.HighSingle : c.High;
        var points = new List<double>();
        double[] steps = [Math.PI / 2, Math.Log(2), 0.125, 0.5];
        while (points.Count < count)
        {
            double any = isFloat ? BitConverter.Int32BitsToSingle((int)random.NextInt64(1L << 32))
                : BitConverter.Int64BitsToDouble(random.NextInt64() << 1 | random.NextInt64() & 1);
            double step = steps[random.Next(steps.Length)] * random.Next(-600, 600),
                off = Math.ScaleB(random.NextDouble() - 0.5, -random.Next(isFloat ? 30 : 60));
            foreach (double x in new[] { any, random.NextDouble() * 20 - 10, random.NextDouble() * 4 - 2, step + off })
            {
                double value = isFloat ? (float)x : x;
                if (double.IsFinite(value) && value >= c.Low && value <= high) points.Add(value);
            }
        }
        return [.. points];
    }

    private static (double[] A, double[] B) Pairs(ElementaryCase c, int count, bool isFloat)
    {
        double[] a = Spread(c, count, isFloat, 1), b = new double[a.Length];
        if (!c.TakesTwo) return (a, b);
        var random = new Random(2);
        double limit = isFloat ? 105 : 746;
        for (int i = 0; i < b.Length; i++)
        {
            // Mostly powers that are neither 0 nor infinite, up to the ends of the range.
            double log = Math.Log(a[i]), y = (random.NextDouble() * 2 - 1) * limit / (log == 0 ? 1 : log) * (i % 3 == 0 ? 0.1 : 1);
            if (i % 7 == 0) y = Math.Round(y);
            b[i] = isFloat ? (float)y : y;
            if (!double.IsFinite(b[i]) || (isFloat && !float.IsFinite((float)b[i]))) b[i] = i % 100;
        }
        return (a, b);
    }

    private static (float[] A, float[] B) Singles(ElementaryCase c, int count = 300_000)
    {
        (double[] a, double[] b) = Pairs(c, count, true);
        return ([.. a.Select(x => (float)x)], [.. b.Select(x => (float)x)]);
    }

    private static (double[] A, double[] B, Exact[] Truth) Points(ElementaryCase c)
    {
        (double[] a, double[] b) = Pairs(c, 2000, false);
        return (a, b, [.. a.Zip(b, (x, y) => c.Exactly(x, y))]);
    }

    private sealed class Worst(ElementaryCase c, string lanes)
    {
        private double _off = -1;
        private string _where = "";

        public void See(double off, double a, double b, double y)
        {
            if (Math.Abs(off) <= _off) return;
            _off = double.IsNaN(off) ? double.PositiveInfinity : Math.Abs(off);
            _where = c.TakesTwo ? string.Create(CultureInfo.InvariantCulture, $"({a:R}, {b:R}) = {y:R}")
                : string.Create(CultureInfo.InvariantCulture, $"({a:R}) = {y:R}");
        }

        public void Check(string type)
        {
            double allowed = Fused ? c.Ulps : c.UnfusedUlps;
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{c} in {lanes}<{type}>: at most {_off:F3} units, at {c}{_where}"));
            Assert.True(_off <= allowed, string.Create(CultureInfo.InvariantCulture,
                $"{c}{_where} in {lanes}<{type}> is off by {_off:G4} units of the last place; allowed {allowed}."));
        }
    }
}

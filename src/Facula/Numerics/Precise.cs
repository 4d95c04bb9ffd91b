namespace Facula.Numerics;

internal readonly partial struct Real
{
    public static Real Expm1(Real a) => Precise.Expm1(a.Value);
    public static Real Log1p(Real a) => Precise.Log1p(a.Value);
    public static Real Erf(Real a) => Precise.Erf(a.Value);
    public static Real Erfcx(Real a) => Precise.Erfcx(a.Value);
}

/// <summary>
/// The elementary functions that System.Math lacks, to about one unit in the last place of double, for the reference backend and the tests.
/// Short before fast, and by other ways than <see cref="Elementary"/>, so that the two can be checked against each other.
/// </summary>
internal static class Precise
{
    /// <summary>e^x - 1.</summary>
    public static double Expm1(double x)
    {
        // Out there the subtraction is exact, and the error of e^x at most half a unit of the result.
        if (!(x > -0.288 && x < 0.406)) return Math.Exp(x) - 1;
        // Taylor's series, x + x^2 (1/2 + x/6 + ...), summed from the small end so that only the last two additions round noticeably.
        double q = 0;
        for (int k = InverseFactorials.Length - 1; k >= 2; k--) q = Math.FusedMultiplyAdd(q, x, InverseFactorials[k]);
        return Math.FusedMultiplyAdd(x * x, q, x);
    }

    /// <summary>ln(1 + x).</summary>
    public static double Log1p(double x)
    {
        double u = 1 + x;
        if (u <= 0 || double.IsPositiveInfinity(u)) return Math.Log(u);
        if (Math.Abs(x) < 1e-8) return x - x * x / 2;
        // What rounding added to u, taken off again to first order. (Kahan's correction, as in the GNU Scientific Library.)
        return Math.Log(u) - ((u - 1) - x) / u;
    }

    /// <summary>The error function.</summary>
    public static double Erf(double x)
    {
        double a = Math.Abs(x), z = x * x;
        if (a < 1)
        {
            // Maclaurin's series (Abramowitz and Stegun 7.1.5) with x taken out, so that the sum is a small correction.
            double q = 0;
            for (int k = ErfSeries.Length - 1; k >= 0; k--) q = Math.FusedMultiplyAdd(q, z, ErfSeries[k]);
            return Math.FusedMultiplyAdd(x, q, x);
        }
        if (!(a < 6)) return double.IsNaN(x) ? x : Math.Sign(x);
        return Math.CopySign(1 - Math.Exp(-z) * Erfcx(a), x);
    }

    /// <summary>e^(x^2) erfc(x) for x >= 0.</summary>
    public static double Erfcx(double x)
    {
        double z = x * x;
        if (x < 0.25) return Math.Exp(z) * (1 - Erf(x));
        // The trapezoidal rule with step 1/2, and its residue term, which counts up to 2 pi (Matta and Reichl, Mathematics of Computation 25, 1971); its
        // own error is e^-39.
        double sum = 0;
        for (int n = Gaussians.Length - 1; n > 0; n--) sum += 2 * Gaussians[n] / (z + 0.25 * n * n);
        double rule = x * (sum + 1 / z) / (2 * Math.PI);
        return x < 2 * Math.PI ? rule - 2 * Math.Exp(z) / (Math.Exp(4 * Math.PI * x) - 1) : rule;
    }

    private static readonly double[] InverseFactorials = Table(16, k => 1 / Factorial(k));
    private static readonly double[] ErfSeries =
        Table(19, k => k == 0 ? 0.12837916709551257 : (k % 2 == 0 ? 1.1283791670955126 : -1.1283791670955126) / (Factorial(k) * (2 * k + 1)));
    private static readonly double[] Gaussians = Table(13, n => Math.Exp(-0.25 * n * n));

    private static double Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);

    private static double[] Table(int length, Func<int, double> entry)
    {
        var table = new double[length];
        for (int i = 0; i < length; i++) table[i] = entry(i);
        return table;
    }
}

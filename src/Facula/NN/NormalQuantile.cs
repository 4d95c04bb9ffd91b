namespace Facula.NN;

/// <summary>The normal distribution's cumulative probability and its inverse, for initialisation.</summary>
internal static class NormalQuantile
{
    /// <summary>The probability that a standard normal number is below x, by its continued fraction or series.</summary>
    public static double Cdf(double x)
    {
        if (Math.Abs(x) > 38) return x > 0 ? 1 : 0;
        double density = Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
        if (Math.Abs(x) < 3)
        {
            // x + x^3/3 + x^5/(3*5) + ...
            double term = x, sum = x;
            for (int n = 3; Math.Abs(term) > 1e-18; n += 2) sum += term *= x * x / n;
            return 0.5 + density * sum;
        }
        double fraction = Math.Abs(x);
        for (int n = 200; n > 0; n--) fraction = Math.Abs(x) + n / fraction;
        return x > 0 ? 1 - density / fraction : density / fraction;
    }

    /// <summary>The number below which a standard normal one is with probability p: Wichura 1988, algorithm AS 241 (PPND16).</summary>
    public static double Of(double p)
    {
        double q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            double r = 0.180625 - q * q;
            return q * Ratio(r,
                [2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
                    133.14166789178437745, 3.387132872796366608],
                [5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077, 687.1870074920579083,
                    42.313330701600911252, 1]);
        }
        double tail = q < 0 ? p : 1 - p;
        if (tail <= 0) return q < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        double root = Math.Sqrt(-Math.Log(tail));
        double x = root <= 5
            ? Ratio(root - 1.6,
                [7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504,
                    5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734],
                [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455,
                    1.6763848301838038494, 2.05319162663775882187, 1])
            : Ratio(root - 5,
                [2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093, 0.29656057182850489123,
                    1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772],
                [2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525,
                    0.13692988092273580531, 0.59983220655588793769, 1]);
        return q < 0 ? -x : x;
    }

    private static double Ratio(double r, ReadOnlySpan<double> numerator, ReadOnlySpan<double> denominator)
    {
        double a = 0, b = 0;
        foreach (double c in numerator) a = a * r + c;
        foreach (double c in denominator) b = b * r + c;
        return a / b;
    }
}

using System.Numerics;

namespace Facula.Tests.Numerics;

/// <summary>A number of 320 bits, so exact that it can judge functions of double: mantissa * 2^exponent. Plain and slow.</summary>
internal readonly struct Exact
{
    private const int Bits = 320;
    private readonly BigInteger mantissa;
    private readonly int exponent;

    private Exact(BigInteger mantissa, int exponent)
    {
        int extra = (int)mantissa.GetBitLength() - Bits;
        (this.mantissa, this.exponent) = extra > 0 ? (mantissa >> extra, exponent + extra) : (mantissa, exponent);
    }

    public static readonly Exact Zero = 0.0, One = 1.0, Half = 0.5;

    /// <summary>pi and ln 2 with more bits than the exponent of a double, by Machin's formula and its like.</summary>
    private const int LongBits = 1500;
    private static readonly BigInteger LongPi = 4 * (4 * Arctangent(5) - Arctangent(239));
    private static readonly Exact Pi = new(LongPi, -LongBits), Ln2 = new(2 * AreaTangent(3), -LongBits);

    public static implicit operator Exact(double value)
    {
        if (!double.IsFinite(value)) throw new ArgumentOutOfRangeException(nameof(value));
        if (value == 0) return default;
        long bits = BitConverter.DoubleToInt64Bits(value);
        int biased = (int)(bits >> 52) & 0x7FF;
        long fraction = bits & 0xFFFFFFFFFFFFF;
        if (biased != 0) fraction |= 1L << 52;
        return new(value < 0 ? -fraction : fraction, Math.Max(biased, 1) - 1075);
    }

    public bool IsZero => mantissa.IsZero;
    public int Sign => mantissa.Sign;

    /// <summary>floor(log2 |x|).</summary>
    private int Exponent => exponent + (int)BigInteger.Abs(mantissa).GetBitLength() - 1;

    public static Exact operator -(Exact a) => new(-a.mantissa, a.exponent);
    public static Exact operator -(Exact a, Exact b) => a + -b;
    public static Exact operator *(Exact a, Exact b) => new(a.mantissa * b.mantissa, a.exponent + b.exponent);

    public static Exact operator +(Exact a, Exact b)
    {
        if (a.IsZero || b.IsZero) return a.IsZero ? b : a;
        if (a.Exponent < b.Exponent) (a, b) = (b, a);
        if (a.Exponent - b.Exponent > 2 * Bits) return a;
        int low = Math.Min(a.exponent, b.exponent);
        return new((a.mantissa << a.exponent - low) + (b.mantissa << b.exponent - low), low);
    }

    public static Exact operator /(Exact a, Exact b)
    {
        int shift = Math.Max(0, Bits + (int)(b.mantissa.GetBitLength() - a.mantissa.GetBitLength()) + 1);
        return new((a.mantissa << shift) / b.mantissa, a.exponent - shift - b.exponent);
    }

    public static bool operator <(Exact a, Exact b) => (a - b).Sign < 0;
    public static bool operator >(Exact a, Exact b) => (a - b).Sign > 0;

    public static Exact Abs(Exact a) => new(BigInteger.Abs(a.mantissa), a.exponent);

    private Exact TimesPowerOfTwo(int n) => new(mantissa, exponent + n);

    /// <summary>The nearest double, or almost; far outside its range infinity or zero.</summary>
    public double ToDouble()
    {
        if (IsZero) return 0;
        int extra = (int)BigInteger.Abs(mantissa).GetBitLength() - 62;
        return Math.ScaleB((double)(extra > 0 ? mantissa >> extra : mantissa << -extra), exponent + extra);
    }

    /// <summary>
    /// How far a result is off, in units of the last place that the exact number has in float or double. Infinity counts as the number that would
    /// come after the largest one.
    /// </summary>
    public double Ulps(double actual, bool isFloat)
    {
        if (double.IsNaN(actual)) return double.PositiveInfinity;
        Exact end = new(1, isFloat ? 128 : 1024), a = double.IsInfinity(actual) ? (actual > 0 ? end : -end) : actual;
        if (Abs(this) > end) return (Sign > 0 ? end : -end).Ulps(actual, isFloat);
        int lowest = isFloat ? -126 : -1022, digits = isFloat ? 23 : 52;
        int unit = Math.Clamp(IsZero ? lowest : Exponent, lowest, isFloat ? 127 : 1023) - digits;
        return (this - a).TimesPowerOfTwo(-unit).ToDouble();
    }

    public static Exact Sqrt(Exact x)
    {
        if (x.IsZero) return x;
        int shift = 2 * Bits + (x.exponent & 1);
        BigInteger square = x.mantissa << shift, root = BigInteger.One << (int)(square.GetBitLength() + 1) / 2;
        while (true)
        {
            BigInteger next = (root + square / root) >> 1;
            if (next >= root) return new(root, (x.exponent - shift) / 2);
            root = next;
        }
    }

    public static Exact Exp(Exact x)
    {
        if (x.IsZero) return One;
        double power = Math.Round((x / Ln2).ToDouble());
        if (Math.Abs(power) > 1e6) return new(1, power > 0 ? 1_000_000 : -1_000_000);
        int n = (int)power;
        return (Expm1Series(x - (Exact)n * Ln2) + One).TimesPowerOfTwo(n);
    }

    public static Exact Expm1(Exact x) => Abs(x) < Half ? Expm1Series(x) : Exp(x) - One;

    public static Exact Log(Exact x)
    {
        Exact y = x.Exponent is 0 or -1 ? Math.Log(x.ToDouble()) : (Exact)x.Exponent * Ln2 + Math.Log(x.TimesPowerOfTwo(-x.Exponent).ToDouble());
        return y + TinyLog1p(x * Exp(-y) - One);
    }

    public static Exact Log1p(Exact x)
    {
        if (Abs(x) > Half) return Log(One + x);
        if (x.IsZero) return x;
        double near = x.ToDouble();
        Exact y = Math.Abs(near) < 1e-5 ? near - near * near / 2 : 2 * Math.Atanh(near / (2 + near));
        return y + TinyLog1p((x - Expm1(y)) * Exp(-y));
    }

    /// <summary>ln(1 + d), for what is left of a number after division by e to the power of its logarithm in double.</summary>
    private static Exact TinyLog1p(Exact d) => d * (One - d * (Half - d * (One / 3.0 - d * (0.25 - d * (One / 5.0 - d * (One / 6.0))))));

    public static Exact Sin(Exact x) => SinAfter(x, 0);
    public static Exact Cos(Exact x) => SinAfter(x, 1);
    public static Exact Tan(Exact x) => Sin(x) / Cos(x);

    /// <summary>The sine some quarter turns after x.</summary>
    private static Exact SinAfter(Exact x, int quarters)
    {
        (int quadrant, Exact r) = (0, x);
        if (x.Exponent >= -1)
        {
            // x less whole quarter turns, with as many bits of pi as that takes.
            BigInteger at = x.exponent + LongBits >= 0 ? x.mantissa << x.exponent + LongBits : x.mantissa >> -x.exponent - LongBits, quarter = LongPi >> 1;
            BigInteger turns = BigInteger.Divide(2 * at + (at.Sign < 0 ? -quarter : quarter), 2 * quarter);
            r = new(at - turns * quarter, -LongBits);
            quadrant = (int)(turns & 3);
        }
        quadrant = quadrant + quarters & 3;
        Exact y = (quadrant & 1) == 0 ? Series(r, -r * r, k => 2.0 * k * (2 * k + 1)) : Series(One, -r * r, k => (2.0 * k - 1) * (2 * k));
        return quadrant >= 2 ? -y : y;
    }

    public static Exact Tanh(Exact x)
    {
        Exact t = Expm1(x + x);
        return t / (t + 2.0);
    }

    public static Exact Sigmoid(Exact x) => One / (One + Exp(-x));

    public static Exact Erf(Exact x)
    {
        if (x.IsZero) return x;
        if (Abs(x) > 2.5) return x.Sign > 0 ? One - Erfc(x) : Erfc(-x) - One;
        // Maclaurin's series: x^(2k+1) / (k! (2k+1)) with alternating signs.
        Exact power = x, sum = x;
        for (int k = 1; !IsNegligible(power, sum); k++)
        {
            power = -power * x * x / (double)k;
            sum += power / (2.0 * k + 1);
        }
        return (sum + sum) / Sqrt(Pi);
    }

    /// <summary>1 - erf(x), for x > 2.5.</summary>
    private static Exact Erfc(Exact x) => Erfcx(x) * Exp(-x * x);

    /// <summary>e^(x^2) (1 - erf(x)), for x >= 0.</summary>
    public static Exact Erfcx(Exact x)
    {
        if (!(x > 2.5)) return Exp(x * x) * (One - Erf(x));
        // Laplace's continued fraction (Abramowitz and Stegun 7.1.14), from the far end; at 2.5 it takes this many steps for 160 bits.
        Exact tail = x;
        for (int k = 300; k >= 1; k--) tail = x + (Exact)(0.5 * k) / tail;
        return One / (tail * Sqrt(Pi));
    }

    /// <summary>x^y, for x > 0.</summary>
    public static Exact Pow(Exact x, Exact y) => Exp(y * Log(x));

    private static bool IsNegligible(Exact term, Exact sum) => term.IsZero || term.Exponent < sum.Exponent - Bits;

    private static Exact Expm1Series(Exact x) => Series(x, x, k => k + 1.0);

    /// <summary>The sum of terms, each the one before times factor / divisor(k).</summary>
    private static Exact Series(Exact first, Exact factor, Func<int, double> divisor)
    {
        Exact term = first, sum = first;
        for (int k = 1; !IsNegligible(term, sum); k++)
        {
            term = term * factor / divisor(k);
            sum += term;
        }
        return sum;
    }

    // arctan(1/n) and artanh(1/n), as fixed-point numbers.
    private static BigInteger Arctangent(int n) => Tangents(n, -1);
    private static BigInteger AreaTangent(int n) => Tangents(n, 1);

    private static BigInteger Tangents(int n, int sign)
    {
        BigInteger power = (BigInteger.One << LongBits + 32) / n, sum = power;
        for (int k = 3; !power.IsZero; k += 2)
        {
            power = sign * power / (n * n);
            sum += power / k;
        }
        return sum >> 32;
    }
}

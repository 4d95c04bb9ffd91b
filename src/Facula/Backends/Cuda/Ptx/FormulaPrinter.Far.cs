using System.Numerics;
using Facula.Numerics;

namespace Facula.Backends.Cuda;

internal static partial class FormulaPrinter
{
    // 1.5 * 2^52, to which quarter turns are added.
    private const long QuarterTurns = 0x4338000000000000;

    private static readonly Lazy<long[]> s_twoOverPi = new(TwoOverPi);

    /// <summary>
    /// Sine, cosine or tangent of a double however large: the product with those bits of 2 / pi that matter gives quarter turns and a remainder (Payne and
    /// Hanek, "Radian reduction for trigonometric functions", SIGNUM Newsletter 18, 1983), which goes into the same polynomials as small numbers. Of 0 it is
    /// not computed, as that stands for numbers which are not far.
    /// </summary>
    private static Value Far(Assembler k, Opcode opcode, Value x)
    {
        Value result = k.Variable(PtxType.F64, opcode == Opcode.FarCos ? 1.0 : 0.0);
        k.If(k.NotEqual(x, 0.0), () =>
        {
            (Value quarters, Value r, Value low) = Reduce(k, x);
            Value y = Print(k, opcode == Opcode.FarTan ? s_tan.Value : opcode == Opcode.FarSin ? s_sin.Value : s_cos.Value, [r, low, quarters], [])[0];
            // Of infinity and NaN there is none: x - x is NaN, else 0, which may be added to any number.
            k.Set(result, y + (x - x));
        });
        return result;
    }

    private static readonly Lazy<Recording> s_sin = new(() => new(Elementary.SinOfReduced<Recorder<double>, double>(Input(0), Input(1), Input(2))));

    private static readonly Lazy<Recording> s_cos =
        new(() => new(Elementary.SinOfReduced<Recorder<double>, double>(Input(0), Input(1), Input(2) + Recorder<double>.Const(1))));

    private static readonly Lazy<Recording> s_tan = new(() => new(Elementary.TanOfReduced<Recorder<double>, double>(Input(0), Input(1), Input(2))));

    private static Recorder<double> Input(int index) => Recorder<double>.Input(index);

    /// <summary>x as quarter turns, added to 1.5 * 2^52, and a remainder of at most half of one, as a sum of two numbers. For numbers beyond 2^15.</summary>
    private static (Value Quarters, Value R, Value Low) Reduce(Assembler k, Value x)
    {
        Value bits = k.BitsOf(x), negative = bits.As(PtxType.S64) < 0;
        Value fraction = (bits & ((1L << 52) - 1)) | (1L << 52), exponent = k.Convert(PtxType.U32, bits >> 52) & 0x7FF;

        // x = fraction 2^(exponent - 1075). Bits of 2 / pi whose product is a multiple of four turn nothing; the table begins with 64 zeros.
        Value first = exponent - 1013, at = k.MultiplyAddWide(first >> 6, 8, k.ConstantTable("two_over_pi", s_twoOverPi.Value)), shift = first & 63;
        Value[] words = [.. Enumerable.Range(0, 4).Select(i => k.LoadConstant(PtxType.U64, at, 8 * i))];
        Value high = Joined(words[0], words[1]), middle = Joined(words[1], words[2]), low = Joined(words[2], words[3]);
        Value p0 = fraction * low;
        (Value p1, Value carry) = Sum(fraction * middle, k.MultiplyHigh(fraction, low));
        Value p2 = fraction * high + k.MultiplyHigh(fraction, middle) + carry;

        // Two bits of turns, then what is left of one, as a signed number: beyond a half it is that much less than the next.
        Value upper = (p2 << 2) | (p1 >> 62), lower = (p1 << 2) | (p0 >> 62), less = upper.As(PtxType.S64) < 0;
        Value turns = (p2 >> 62) + (upper >> 63);
        upper = k.Select(less, !upper + k.Select(PtxType.U64, k.Equal(lower, 0), 1, 0), upper);
        lower = k.Select(less, -lower.As(PtxType.S64), lower.As(PtxType.S64)).As(PtxType.U64);
        turns = k.Select(negative, -turns.As(PtxType.S64), turns.As(PtxType.S64)) & 3;

        // No double is so near to a quarter turn that the first word would be 0.
        Value zeros = k.LeadingZeros(upper);
        shift = zeros;
        Value v1 = Joined(upper, lower), v0 = lower << zeros;
        Value scale = k.Reinterpret(PtxType.F64, (1023 - 64 - k.Convert(PtxType.S64, zeros)) << 52);
        Value f = k.Convert(PtxType.F64, v1 & ~0x7FFL) * scale;
        Value rest = k.Convert(PtxType.F64, ((v1 & 0x7FF) << 53) | (v0 >> 11)) * (scale * Math.ScaleB(1, -53));
        Value sign = k.Select(PtxType.F64, k.Compare("ne", k.Select(PtxType.U32, less, 1, 0), k.Select(PtxType.U32, negative, 1, 0)), -1.0, 1.0);

        // Times pi / 2, of which the two parts are Math.PI / 2 and what rounding took from it.
        Value product = f * (Math.PI / 2), error = k.MultiplyAdd(f, Math.PI / 2, -product);
        error = k.MultiplyAdd(f, 6.123233995736766e-17, error);
        error = k.MultiplyAdd(rest, Math.PI / 2, error);
        Value r = product + error;
        return (k.Reinterpret(PtxType.F64, turns + QuarterTurns), r * sign, ((product - r) + error) * sign);

        Value Joined(Value above, Value below) => (above << shift) | (below >> (64 - shift));

        (Value, Value) Sum(Value a, Value b)
        {
            Value sum = a + b;
            return (sum, k.Select(PtxType.U64, sum < a, 1, 0));
        }
    }

    /// <summary>64 zeros and the first bits of 2 / pi behind the point, by Machin's formula, pi / 4 = 4 arctan(1 / 5) - arctan(1 / 239).</summary>
    private static long[] TwoOverPi()
    {
        const int Words = 20, Guard = 64;
        int bits = 64 * Words + Guard;
        BigInteger one = BigInteger.One << bits, pi = 4 * (4 * ArcTangent(5) - ArcTangent(239));
        BigInteger quotient = (one << 64 * (Words - 1) + 1) / pi;
        return [.. Enumerable.Range(0, Words).Select(i => unchecked((long)(ulong)(quotient >> 64 * (Words - 1 - i) & ulong.MaxValue)))];

        BigInteger ArcTangent(int inverse)
        {
            BigInteger power = one / inverse, sum = 0;
            for (int n = 1; !power.IsZero; n += 2, power /= inverse * inverse) sum += n % 4 == 1 ? power / n : -(power / n);
            return sum;
        }
    }
}

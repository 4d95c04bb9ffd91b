using System.Numerics;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Tests.Numerics;

/// <summary>An elementary function as the number types have it; those of one number ignore the second.</summary>
internal interface IFormula
{
    static abstract V Of<V>(V a, V b) where V : INum<V>;
}

/// <summary>One elementary function: how to compute it, what it should be, and where.</summary>
internal abstract class ElementaryCase
{
    public required string Name { get; init; }

    /// <summary>The truth to more digits than double has.</summary>
    public required Func<Exact, Exact, Exact> Exactly { get; init; }

    /// <summary>The truth for float.</summary>
    public required Func<double, double, double> InDouble { get; init; }

    /// <summary>The error allowed, in units of the last place, and where the hardware cannot round a * b + c once.</summary>
    public double Ulps { get; init; } = 2;
    public double UnfusedUlps { get; init; } = 2;

    public double Low { get; init; } = double.NegativeInfinity;
    public double High { get; init; } = double.PositiveInfinity;
    /// <summary>The upper end for float, where another.</summary>
    public double HighSingle { get => double.IsNaN(field) ? High : field; init; } = double.NaN;
    public bool TakesTwo { get; init; }

    /// <summary>The function of one pair of numbers of any type.</summary>
    public abstract V Apply<V>(V a, V b) where V : INum<V>;

    public abstract T[] Run<V, T>(T[] a, T[] b) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>;

    public override string ToString() => Name;

    /// <summary>The function over a type of float or double, by the type's name.</summary>
    public T[] Run<T>(string lanes, T[] a, T[] b) where T : unmanaged, INumber<T> => lanes switch
    {
        "Num" => Run<Num<T>, T>(a, b),
        "Simd128" => Run<Simd128<T>, T>(a, b),
        "Simd256" => Run<Simd256<T>, T>(a, b),
        _ => Run<Simd512<T>, T>(a, b),
    };

    /// <summary>The number types that this machine has.</summary>
    public static IEnumerable<string> Lanes
    {
        get
        {
            yield return "Num";
            if (Vector128.IsHardwareAccelerated) yield return "Simd128";
            if (Vector256.IsHardwareAccelerated) yield return "Simd256";
            if (Vector512.IsHardwareAccelerated) yield return "Simd512";
        }
    }

    public static ElementaryCase[] All { get; } =
    [
        new Of<ExpFormula> { Name = "exp", Exactly = (x, _) => Exact.Exp(x), InDouble = (x, _) => Math.Exp(x) },
        new Of<Expm1Formula> { Name = "expm1", Exactly = (x, _) => Exact.Expm1(x), InDouble = (x, _) => Precise.Expm1(x), UnfusedUlps = 4 },
        new Of<LogFormula> { Name = "log", Exactly = (x, _) => Exact.Log(x), InDouble = (x, _) => Math.Log(x), Low = double.Epsilon, UnfusedUlps = 4 },
        new Of<Log1pFormula> { Name = "log1p", Exactly = (x, _) => Exact.Log1p(x), InDouble = (x, _) => Precise.Log1p(x), Low = -1 + 1e-16, UnfusedUlps = 4 },
        new Of<SinFormula> { Name = "sin", Exactly = (x, _) => Exact.Sin(x), InDouble = (x, _) => Math.Sin(x) },
        new Of<CosFormula> { Name = "cos", Exactly = (x, _) => Exact.Cos(x), InDouble = (x, _) => Math.Cos(x) },
        new Of<TanFormula> { Name = "tan", Exactly = (x, _) => Exact.Tan(x), InDouble = (x, _) => Math.Tan(x) },
        new Of<TanhFormula> { Name = "tanh", Exactly = (x, _) => Exact.Tanh(x), InDouble = (x, _) => Math.Tanh(x), UnfusedUlps = 4 },
        new Of<SigmoidFormula> { Name = "sigmoid", Exactly = (x, _) => Exact.Sigmoid(x), InDouble = (x, _) => Real.Sigmoid(x).Value, UnfusedUlps = 4 },
        new Of<ErfFormula> { Name = "erf", Exactly = (x, _) => Exact.Erf(x), InDouble = (x, _) => Precise.Erf(x), UnfusedUlps = 4 },
        new Of<ErfcxFormula> { Name = "erfcx", Exactly = (x, _) => Exact.Erfcx(x), InDouble = (x, _) => Precise.Erfcx(x), Low = 0, High = 27, HighSingle = 10,
            Ulps = 4, UnfusedUlps = 8 },
        new Of<SqrtFormula> { Name = "sqrt", Exactly = (x, _) => Exact.Sqrt(x), InDouble = (x, _) => Math.Sqrt(x), Low = 0, Ulps = 0.50001,
            UnfusedUlps = 0.50001 },
        new Of<PowFormula> { Name = "pow", Exactly = Exact.Pow, InDouble = Math.Pow, Low = double.Epsilon, TakesTwo = true },
    ];

    public static ElementaryCase Find(string name) => All.Single(c => c.Name == name);

    private sealed unsafe class Of<TFormula> : ElementaryCase where TFormula : struct, IFormula
    {
        public override V Apply<V>(V a, V b) => TFormula.Of(a, b);

        public override T[] Run<V, T>(T[] a, T[] b)
        {
            var y = new T[a.Length];
            fixed (T* pa = a, pb = b, py = y)
            {
                nint i = 0;
                for (; i <= a.Length - V.Count; i += V.Count) TFormula.Of(V.Load(pa + i), V.Load(pb + i)).Store(py + i);
                if (i < a.Length) V.StorePartial(TFormula.Of(V.LoadPartial(pa + i, a.Length - i), V.LoadPartial(pb + i, a.Length - i)), py + i, a.Length - i);
            }
            return y;
        }
    }

    private struct ExpFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Exp(a); }
    private struct Expm1Formula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Expm1(a); }
    private struct LogFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Log(a); }
    private struct Log1pFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Log1p(a); }
    private struct SinFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Sin(a); }
    private struct CosFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Cos(a); }
    private struct TanFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Tan(a); }
    private struct TanhFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Tanh(a); }
    private struct SigmoidFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Sigmoid(a); }
    private struct ErfFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Erf(a); }
    private struct ErfcxFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Erfcx(a); }
    private struct SqrtFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Sqrt(a); }
    private struct PowFormula : IFormula { public static V Of<V>(V a, V b) where V : INum<V> => V.Pow(a, b); }
}

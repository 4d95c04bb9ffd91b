using System.Numerics;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Tests.Numerics;

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

    public unsafe T[] Run<V, T>(T[] a, T[] b) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        var y = new T[a.Length];
        fixed (T* pa = a, pb = b, py = y)
        {
            nint i = 0;
            for (; i <= a.Length - V.Count; i += V.Count) Apply(V.Load(pa + i), V.Load(pb + i)).Store(py + i);
            if (i < a.Length) V.StorePartial(Apply(V.LoadPartial(pa + i, a.Length - i), V.LoadPartial(pb + i, a.Length - i)), py + i, a.Length - i);
        }
        return y;
    }

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
        new Of<ExpOp> { Name = "exp", Exactly = (x, _) => Exact.Exp(x), InDouble = (x, _) => Math.Exp(x) },
        new Of<Expm1Op> { Name = "expm1", Exactly = (x, _) => Exact.Expm1(x), InDouble = (x, _) => Precise.Expm1(x), UnfusedUlps = 4 },
        new Of<LogOp> { Name = "log", Exactly = (x, _) => Exact.Log(x), InDouble = (x, _) => Math.Log(x), Low = double.Epsilon, UnfusedUlps = 4 },
        new Of<Log1pOp> { Name = "log1p", Exactly = (x, _) => Exact.Log1p(x), InDouble = (x, _) => Precise.Log1p(x), Low = -1 + 1e-16, UnfusedUlps = 4 },
        new Of<SinOp> { Name = "sin", Exactly = (x, _) => Exact.Sin(x), InDouble = (x, _) => Math.Sin(x) },
        new Of<CosOp> { Name = "cos", Exactly = (x, _) => Exact.Cos(x), InDouble = (x, _) => Math.Cos(x) },
        new Of<TanOp> { Name = "tan", Exactly = (x, _) => Exact.Tan(x), InDouble = (x, _) => Math.Tan(x) },
        new Of<TanhOp> { Name = "tanh", Exactly = (x, _) => Exact.Tanh(x), InDouble = (x, _) => Math.Tanh(x), UnfusedUlps = 4 },
        new Of<SigmoidOp> { Name = "sigmoid", Exactly = (x, _) => Exact.Sigmoid(x), InDouble = (x, _) => Real.Sigmoid(x).Value, UnfusedUlps = 4 },
        new Of<ErfOp> { Name = "erf", Exactly = (x, _) => Exact.Erf(x), InDouble = (x, _) => Precise.Erf(x), UnfusedUlps = 4 },
        new Of<ErfcxOp> { Name = "erfcx", Exactly = (x, _) => Exact.Erfcx(x), InDouble = (x, _) => Precise.Erfcx(x), Low = 0, High = 27, HighSingle = 10,
            Ulps = 4, UnfusedUlps = 8 },
        new Of<SqrtOp> { Name = "sqrt", Exactly = (x, _) => Exact.Sqrt(x), InDouble = (x, _) => Math.Sqrt(x), Low = 0, Ulps = 0.50001,
            UnfusedUlps = 0.50001 },
        new OfTwo<PowOp> { Name = "pow", Exactly = Exact.Pow, InDouble = Math.Pow, Low = double.Epsilon, TakesTwo = true },
    ];

    public static ElementaryCase Find(string name) => All.Single(c => c.Name == name);

    private sealed class Of<TOp> : ElementaryCase where TOp : struct, IUnaryOp
    {
        public override V Apply<V>(V a, V b) => default(TOp).Forward(a);
    }

    private sealed class OfTwo<TOp> : ElementaryCase where TOp : struct, IBinaryOp
    {
        public override V Apply<V>(V a, V b) => default(TOp).Forward(a, b);
    }
}

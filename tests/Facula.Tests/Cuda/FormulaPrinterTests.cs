using System.Numerics;
using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.Numerics;
using Facula.Tests.Numerics;
using Facula.Tests.Ops;

namespace Facula.Tests.Gpu;

/// <summary>What is made of a recorded formula computes, on the emulator, the bits that the processor computes.</summary>
public sealed class FormulaPrinterTests
{
    private static readonly double[] Values = [-2.75, -1, -0.3, -0.0, 0, 0.2, 0.5, 1, 1.5, 4, 30, -120, 2e4, 1e30, 1e300, -1e300, 1e-40, 5e-324, -1e-310,
        double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    public static TheoryData<string> Functions { get; } = [.. ElementaryCase.All.Select(c => c.Name)];

    [Theory, MemberData(nameof(Functions))]
    public void Elementary_functions_have_the_bits_of_the_processor(string name)
    {
        Check<float>();
        Check<double>();

        void Check<T>() where T : unmanaged, INumber<T>, IBinaryFloatingPointIeee754<T>
        {
            ElementaryCase function = ElementaryCase.Find(name);
            // Sines of numbers beyond those are not the processor's own.
            double[] values = name is "sin" or "cos" or "tan" ? [.. Values.Where(x => !(Math.Abs(x) > 1e5))] : Values;
            CheckBits<T>(function.Apply(Recorder<T>.Input(0), Recorder<T>.Input(1)), (a, b) => function.Apply<Num<T>>(new(a), new(b)).Value, values);
        }
    }

    [Fact]
    public void Instructions_have_the_bits_of_the_processor()
    {
        Check<float>();
        Check<double>();

        static void Check<T>() where T : unmanaged, INumber<T>, IBinaryFloatingPointIeee754<T>
        {
            Recorder<T> a = Recorder<T>.Input(0), b = Recorder<T>.Input(1);
            (Recorder<T> Recorded, Func<Num<T>, Num<T>, Num<T>> Computed)[] cases =
            [
                (Remainder(a, b), Remainder),
                (Recorder<T>.Min(a, b), Num<T>.Min),
                (Recorder<T>.Max(a, b), Num<T>.Max),
                (Recorder<T>.CopySign(a, b), Num<T>.CopySign),
                (Recorder<T>.AtLeast(a, Recorder<T>.Const(1)), (x, _) => Num<T>.AtLeast(x, Num<T>.Const(1))),
                (Recorder<T>.AtMost(a, Recorder<T>.Const(1)), (x, _) => Num<T>.AtMost(x, Num<T>.Const(1))),
                (a / b, (x, y) => x / y),
                (Recorder<T>.MultiplyAdd(a, b, a), (x, y) => Num<T>.MultiplyAdd(x, y, x)),
                (Recorder<T>.Round(a) + Recorder<T>.Floor(b), (x, y) => Num<T>.Round(x) + Num<T>.Floor(y)),
                (Recorder<T>.Truncate(a) - Recorder<T>.Ceiling(b), (x, y) => Num<T>.Truncate(x) - Num<T>.Ceiling(y)),
                (Recorder<T>.Select(Recorder<T>.And(a >= b, Recorder<T>.Not(Recorder<T>.Equal(b, Recorder<T>.Const(0)))), -a, Recorder<T>.Abs(b)),
                    (x, y) => Num<T>.Select(Num<T>.And(x >= y, Num<T>.Not(Num<T>.Equal(y, Num<T>.Const(0)))), -x, Num<T>.Abs(y))),
            ];
            foreach ((Recorder<T> recorded, Func<Num<T>, Num<T>, Num<T>> computed) in cases)
                CheckBits<T>(recorded, (x, y) => computed(new(x), new(y)).Value, Values);
        }
    }

    [Fact]
    public void Whole_numbers_are_those_of_the_processor()
    {
        Recorder<long> a = Recorder<long>.Input(0), b = Recorder<long>.Input(1);
        long[] values = [0, 1, -1, 2, 3, -5, 17, 1L << 31, -(1L << 40), long.MaxValue, long.MinValue + 1];
        (Recorder<long>, Func<Num<long>, Num<long>, Num<long>>)[] cases =
        [
            (Recorder<long>.Pow(a, b), Num<long>.Pow),
            (Recorder<long>.Abs(a) * b, (x, y) => Num<long>.Abs(x) * y),
            (Recorder<long>.Max(a, b) - Recorder<long>.Min(a, Recorder<long>.Const(3)), (x, y) => Num<long>.Max(x, y) - Num<long>.Min(x, new(3))),
            (Recorder<long>.Select(a > b, a / Recorder<long>.Const(7), Remainder(b, Recorder<long>.Const(7))),
                (x, y) => Num<long>.Select(x > y, x / new Num<long>(7), Remainder(y, new Num<long>(7)))),
        ];
        long[] left = [.. values.SelectMany(x => values.Select(_ => x))], right = [.. values.SelectMany(_ => values)];
        foreach ((Recorder<long> recorded, Func<Num<long>, Num<long>, Num<long>> computed) in cases)
            Assert.Equal(left.Zip(right, (x, y) => computed(new(x), new(y)).Value), Run(new(recorded), left, right));
    }

    /// <summary>To a unit of the last place, where the processor asks the operating system.</summary>
    [Fact]
    public void Sines_of_huge_numbers_are_reduced_by_as_many_bits_of_pi_as_that_takes()
    {
        var random = new Random(3);
        double[] doubles = [1e5 + 1, -1e22, double.MaxValue, double.NaN, double.PositiveInfinity,
            .. Enumerable.Range(0, 200).Select(_ => (random.NextDouble() - 0.5) * Math.ScaleB(1, random.Next(20, 1020)))];
        float[] singles = [3e6f + 1, float.MaxValue, -1e30f,
            .. Enumerable.Range(0, 100).Select(_ => (random.NextSingle() - 0.5f) * MathF.ScaleB(1, random.Next(30, 127)))];
        (Func<double, double> Exactly, Func<Recorder<double>, Recorder<double>> OfDouble, Func<Recorder<float>, Recorder<float>> OfSingle)[] functions =
        [
            (Math.Sin, Sin, Sin), (Math.Cos, Cos, Cos), (Math.Tan, Tan, Tan),
        ];
        foreach (var (exactly, ofDouble, ofSingle) in functions)
        {
            double[] computed = Run(new(ofDouble(Recorder<double>.Input(0))), doubles, doubles);
            float[] computedSingles = Run(new(ofSingle(Recorder<float>.Input(0))), singles, singles);
            for (int i = 0; i < doubles.Length; i++)
                Assert.True(IsNear(exactly(doubles[i]), computed[i]), $"{doubles[i]:R}: {computed[i]:R}, not {exactly(doubles[i]):R}");
            for (int i = 0; i < singles.Length; i++) Assert.InRange(computedSingles[i] / exactly(singles[i]), 1 - 2e-7, 1 + 2e-7);
        }

        // Nearer to a multiple of pi / 2 than any other double: Muller, "Elementary Functions", 2006, chapter 11. Some C libraries are wrong here.
        double[] nearest = [6381956970095103 * Math.ScaleB(1, 797)];
        Assert.Equal(-4.68716592425462761112e-19, Run(new(Cos(Recorder<double>.Input(0))), nearest, nearest)[0]);

        static bool IsNear(double expected, double actual) => double.IsNaN(expected) ? double.IsNaN(actual)
            : Math.Abs(expected - actual) <= 1.01 * (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected));

        static T Sin<T>(T x) where T : INum<T> => T.Sin(x);
        static T Cos<T>(T x) where T : INum<T> => T.Cos(x);
        static T Tan<T>(T x) where T : INum<T> => T.Tan(x);
    }

    private static V Remainder<V>(V a, V b) where V : INum<V> => V.Remainder(a, b);

    private static void CheckBits<T>(Recorder<T> recorded, Func<T, T, T> computed, double[] values) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(1);
        double[] all = [.. values, .. Enumerable.Range(0, 10).Select(_ => random.NextDouble() * 20 - 10)];
        T[] a = [.. all.SelectMany(x => all.Select(_ => T.CreateTruncating(x)))], b = [.. all.SelectMany(_ => all.Select(T.CreateTruncating))];
        T[] results = Run(new(recorded), a, b);
        for (int i = 0; i < a.Length; i++)
        {
            T expected = computed(a[i], b[i]), actual = results[i];
            bool same = T.IsNaN(expected) ? T.IsNaN(actual) : expected == actual && T.IsNegative(expected) == T.IsNegative(actual);
            if (!same) Assert.Fail($"Of {a[i]} and {b[i]}, in {typeof(T).Name}, it is {expected}, but {actual} by\n{new Recording(recorded)}");
        }
    }

    /// <summary>The formula of one or two inputs, run for each pair of them.</summary>
    private static T[] Run<T>(Recording formula, T[] a, T[] b) where T : unmanaged
    {
        const int Threads = 128;
        var k = new Assembler("formula", Threads);
        PtxType type = FormulaPrinter.TypeOf(DType.Of<T>());
        Value x = k.Pointer(8), y = k.Pointer(8), z = k.Pointer(8), count = k.Parameter(PtxType.U32);
        Value i = ElementKernel.ThreadIndex(k, PtxType.U32);
        k.If(i < count, () =>
        {
            Value At(Value pointer) => k.MultiplyAddWide(i, type.Size(), pointer);
            Value result = FormulaPrinter.Print(k, formula, [k.LoadGlobal(type, At(x))[0], k.LoadGlobal(type, At(y))[0]], [])[0];
            k.StoreGlobal(type, At(z), [result]);
        });
        using var program = new EmulatedProgram();
        ulong to = program.Allocate(a.Length * type.Size());
        var grid = new CudaGrid((a.Length + Threads - 1) / Threads, 1, 1, Threads);
        program.Succeed(program.Run(k.Build().Ptx, grid, 0, program.Upload<T>(a), program.Upload<T>(b), to, (uint)a.Length));
        return program.Download<T>(to, a.Length);
    }
}

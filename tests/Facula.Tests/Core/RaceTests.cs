using System.Diagnostics;
using F = Facula.NN.Functional;

namespace Facula.Tests.Core;

/// <summary>
/// What other threads do to a tensor while a kernel works on it may make its numbers wrong, but touches no other tensor, and neither hangs nor ends
/// the process, which is why each case has one of its own.
/// </summary>
public sealed class RaceTests
{
    private const string Variable = "FACULA_TEST_RACE";

    [Theory(Timeout = 120_000), Trait("Starts", "processes")]
    [InlineData(nameof(Disposal))]
    [InlineData(nameof(Indices))]
    [InlineData(nameof(Masks))]
    public async Task In_a_process_of_its_own(string race)
    {
        using Process child = TestProcess.Start(new Dictionary<string, string> { [Variable] = race }, "-method", $"*.{nameof(Race)}");
        (int code, string output) = await TestProcess.RunToEnd(child, TestContext.Current.CancellationToken);
        Assert.True(code == 0, output);
    }

    [Fact]
    public void Race()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } race) return;
        // Kernels stay on their caller's thread, and the processors are free for the others.
        CpuSettings.ThreadCount = 1;
        if (race == nameof(Disposal)) Disposal();
        else if (race == nameof(Indices)) Indices();
        else Masks();
    }

    /// <summary>While one thread computes with a tensor, another disposes of it and makes the next, which gets its memory.</summary>
    private static void Disposal()
    {
        const int Rounds = 40, Size = 512;
        Tensor weight = Tensor.Randn(16, 8, 3, 3), labels = Tensor.Zeros([Size], DType.Int64), index = Tensor.Arange(Size);
        Tensor fixedOne = Tensor.Randn(Size, Size);
        (string Name, Func<Tensor, Tensor> Run)[] operations =
        [
            ("fill", x => x.FillInPlace(3)), ("add in place", x => x.AddInPlace(fixedOne).FillInPlace(3)),
            ("copy in place", x => x.CopyInPlace(fixedOne).FillInPlace(3)),
            ("scatter in place", x => x.IndexAddInPlace(0, index, fixedOne).FillInPlace(3)),
            ("exp", x => x.Exp()), ("add", x => x + fixedOne), ("broadcast", x => x * x.Sum(1, keepDim: true)), ("sum", x => x.Sum()),
            ("sum of columns", x => x.Sum(0)),
            ("softmax", x => x.Softmax(1)), ("cumsum", x => x.CumSum(0)), ("argmax", x => x.ArgMax(1)), ("matmul", x => x.MatMul(fixedOne)),
            ("transpose", x => x.T.Contiguous()),
            ("convert", x => x.To(DType.Float16)), ("conv", x => F.Conv2d(x.Reshape(2, 8, 128, 128), weight)),
            ("pool", x => F.MaxPool2d(x.Reshape(2, 8, 128, 128), 2)),
            ("layer norm", x => F.LayerNorm(x, [Size])), ("sort", x => x.Sort(1).Values), ("gather", x => x.IndexSelect(0, index)),
            ("nonzero", x => x.NonZero()),
            ("cross-entropy", x => F.CrossEntropy(x, labels)), ("array", x => Tensor.From(x.ToArray<float>())),
        ];
        foreach ((string name, Func<Tensor, Tensor> run) in operations)
        {
            using Tensor calm = Tensor.Full([Size, Size], 3.0);
            float[] expected = run(calm).To(DType.Float32).ToArray<float>();
            for (int round = 0; round < Rounds; round++)
            {
                Tensor x = Tensor.Full([Size, Size], 3.0);
                string? wrong = null;
                using var started = new ManualResetEventSlim();
                var worker = new Thread(() =>
                {
                    try
                    {
                        for (int i = 0; i < 1000; i++)
                        {
                            Tensor y = run(x);
                            started.Set();
                            if (!ReferenceEquals(x, y) && !y.To(DType.Float32).ToArray<float>().AsSpan().SequenceEqual(expected)) wrong = "the result differs";
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                    catch (Exception e)
                    {
                        wrong = e.ToString();
                    }
                    started.Set();
                });
                worker.Start();
                started.Wait();
                Thread.SpinWait(round * 97 % 4000);
                x.Dispose();
                using Tensor other = Tensor.Full([Size, Size], 5.0);
                worker.Join();
                Assert.True(wrong is null, $"{name}: {wrong}");
                Assert.True((other == 5).All().Item<bool>(), $"{name}: another tensor was changed");
            }
        }
    }

    /// <summary>While one thread goes by an index, another lets one of its elements be outside at times.</summary>
    private static void Indices()
    {
        const int Count = 4000, Rows = 50;
        Tensor index = Tensor.Zeros([Count], DType.Int64), wide = Tensor.Full([Rows, 64], 3.0), narrow = Tensor.Full([Rows, 2], 3.0),
            line = Tensor.Full([Rows], 3.0);
        Tensor source = Tensor.Full([Count, 64], 3.0), narrowSource = Tensor.Full([Count, 2], 3.0), weights = Tensor.Ones(Rows);
        Tensor logits = Tensor.Full([Count, Rows], 3.0), table = Tensor.Full([Rows, 64], 3.0, requiresGrad: true);
        using Stopper flips = Repeat(i => index.AsSpan<long>()[^1] = i % 2 == 0 ? Rows - 1 : 1L << 40);
        (string Name, Func<Tensor> Run, float[]? Values)[] operations =
        [
            ("rows", () => wide.IndexSelect(0, index), [3]), ("short rows", () => narrow.IndexSelect(0, index), [3]),
            ("elements", () => line.Gather(0, index), [3]),
            ("lines", () => wide.Gather(0, index.Unsqueeze(1).Expand(Count, 64)), [3]), ("positions", () => wide[index], [3]),
            ("two", () => wide[index, index], [3]),
            ("add rows", () => wide.IndexAdd(0, index, source), null), ("add short rows", () => narrow.IndexAdd(0, index, narrowSource), null),
            ("scatter", () => wide.Scatter(0, index.Unsqueeze(1).Expand(Count, 64), source), [3]), ("scatter elements", () => line.Scatter(0, index, 3), [3]),
            ("scatter sums", () => line.ScatterAdd(0, index, Tensor.Ones(Count)), null),
            ("half sums", () => line.To(DType.Float16).ScatterAdd(0, index, Tensor.Ones([Count], DType.Float16)), null),
            ("one-hot", () => index.OneHot(Rows), [0, 1]), ("loss", () => Slope(x => F.CrossEntropy(x, index)), null),
            ("weighted loss", () => Slope(x => F.CrossEntropy(x, index, weights)), null),
            ("narrow labels", () => Slope(x => F.CrossEntropy(x, index.To(DType.Int32))), null), ("likelihood", () => Slope(x => F.NllLoss(x, index)), null),
            ("embedding", () => { Tensor y = F.Embedding(index, table); y.Sum().Backward(); return y.Detach(); }, [3]),
        ];
        Run(operations);

        Tensor Slope(Func<Tensor, Tensor> loss)
        {
            Tensor x = logits.Clone();
            x.RequiresGrad = true;
            loss(x).Backward();
            return x.Grad!;
        }
    }

    /// <summary>While one thread goes by a mask, another turns all of it over.</summary>
    private static void Masks()
    {
        Tensor mask = Tensor.Zeros([3, 70_000], DType.Bool), flat = Tensor.Zeros([5000], DType.Bool), x = Tensor.Full([3, 70_000], 3.0),
            y = Tensor.Full([5000], 3.0);
        using Stopper turns = Repeat(i =>
        {
            mask.AsSpan<bool>().Fill(i % 2 == 0);
            flat.AsSpan<bool>().Fill(i % 2 == 0);
        });
        Run(
        [
            ("nonzero", () => mask.NonZero().Select(1, 0), [0, 1, 2]), ("nonzero of a line", () => flat.NonZero() < 5000, [1]),
            ("nonzero, not in order", () => mask.T.NonZero().Select(1, 1), [0, 1, 2]),
            ("select", () => x[mask], [3]), ("select from a line", () => y[flat], [3]), ("masked select", () => x.MaskedSelect(mask), [3]),
            ("where", () => y[Tensor.Where(flat)[0]], [3]),
            ("fill", () => x.MaskedFill(mask, 3), [3]), ("write", () => { x[mask] = 3; return x; }, [3]),
        ]);
    }

    /// <summary>Each for a fifth of a second. They may refuse what they see; of what they give, every element is one of the values.</summary>
    private static void Run((string Name, Func<Tensor> Run, float[]? Values)[] operations)
    {
        foreach ((string name, Func<Tensor> run, float[]? values) in operations)
        {
            int refused = 0, done = 0;
            for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalMilliseconds < 200;)
            {
                try
                {
                    float[] result = run().To(DType.Float32).ToArray<float>();
                    done++;
                    if (values is not null) Assert.True(!result.AsSpan().ContainsAnyExcept(values), $"{name}: an element of no tensor");
                }
                catch (ArgumentException)
                {
                    refused++;
                }
            }
            Assert.True(done > 0 || refused > 0, name);
        }
    }

    private static Stopper Repeat(Action<int> action)
    {
        bool stop = false;
        var thread = new Thread(() =>
        {
            for (int i = 0; !Volatile.Read(ref stop); i++) action(i);
        });
        thread.Start();
        return new(() =>
        {
            Volatile.Write(ref stop, true);
            thread.Join();
        });
    }

    private sealed class Stopper(Action stop) : IDisposable
    {
        public void Dispose() => stop();
    }
}

using Facula.NN;
using Facula.Optim;
using Facula.Tests.Ops;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>
/// Steps of training with 1, 2, 3, 5, 8 and 16 threads end at the same bits: outputs, gradients, parameters, statistics. The sizes are such that
/// kernels which ask for the number of threads choose differently: whole panes or phases in normalisation, pieces of a weight's gradient, shares of an index.
/// </summary>
[Collection("Threads")]
public sealed class ThreadBitsTests
{
    private sealed record Case(Func<Generator, Module<Tensor, Tensor>> Make, int[] Shape)
    {
        public int? Words { get; init; }
    }

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["linear"] = new(g => new Sequential(new Linear(300, 200, generator: g), new Relu(), new Linear(200, 10, generator: g)), [97, 300]),
        ["linear of one row"] = new(g => new Linear(700, 900, generator: g), [1, 700]),
        ["3x3 convolution, few channels"] = new(g => new Conv2d(3, 16, 3, padding: 1, generator: g), [5, 3, 33, 31]),
        ["3x3 convolution of one sample"] = new(g => new Conv2d(64, 64, 3, padding: 1, generator: g), [1, 64, 28, 28]),
        ["3x3 convolution, more channels in"] = new(g => new Conv2d(128, 48, 3, padding: 1, generator: g), [6, 128, 12, 12]),
        ["3x3 convolution, more channels out"] = new(g => new Conv2d(48, 160, 3, padding: 1, generator: g), [6, 48, 12, 12]),
        ["3x3 convolution, large sums"] = new(g => new Conv2d(256, 256, 3, padding: 1, generator: g), [2, 256, 8, 8]),
        ["5x5 convolution"] = new(g => new Conv2d(16, 32, 5, padding: 2, generator: g), [4, 16, 20, 20]),
        ["1x1 convolution"] = new(g => new Conv2d(64, 96, 1, generator: g), [4, 64, 19, 19]),
        ["strided convolution"] = new(g => new Conv2d(24, 40, 3, stride: 2, padding: 1, generator: g), [4, 24, 25, 25]),
        ["dilated convolution"] = new(g => new Conv2d(24, 24, 3, dilation: 2, padding: 2, generator: g), [3, 24, 21, 21]),
        ["grouped convolution"] = new(g => new Conv2d(32, 32, 3, padding: 1, groups: 4, generator: g), [4, 32, 17, 17]),
        ["depthwise convolution"] = new(g => new Conv2d(64, 64, 3, padding: 1, groups: 64, generator: g), [4, 64, 19, 19]),
        ["1-d convolution"] = new(g => new Conv1d(16, 32, 5, padding: 2, generator: g), [6, 16, 300]),
        ["3-d convolution"] = new(g => new Conv3d(8, 16, 3, padding: 1, generator: g), [2, 8, 9, 10, 11]),
        ["transposed convolution"] = new(g => new ConvTranspose2d(32, 16, 3, stride: 2, padding: 1, generator: g), [4, 32, 13, 13]),
        ["batch norm"] = new(g => new Sequential(new BatchNorm2d(32), new Relu()), [8, 32, 30, 30]),
        ["batch norm of few channels"] = new(_ => new BatchNorm2d(3), [16, 3, 64, 64]),
        ["batch norm of vectors"] = new(_ => new BatchNorm1d(200), [500, 200]),
        ["instance norm of many samples"] = new(_ => new InstanceNorm2d(16, affine: true), [40, 16, 20, 20]),
        ["group norm of few samples"] = new(_ => new GroupNorm(4, 32), [7, 32, 40, 40]),
        ["group norm of many samples"] = new(_ => new GroupNorm(8, 32), [70, 32, 12, 12]),
        ["layer norm"] = new(_ => new LayerNorm(300), [400, 300]),
        ["rms norm"] = new(_ => new RmsNorm(300), [400, 300]),
        ["embedding"] = new(g => new Embedding(2000, 64, generator: g), [3000]) { Words = 2000 },
        ["embedding of few words"] = new(g => new Embedding(20, 128, generator: g), [3000]) { Words = 20 },
        ["pools"] = new(_ => new Sequential(new MaxPool2d(3, stride: 2, padding: 1), new AvgPool2d(2)), [8, 32, 41, 41]),
        ["adaptive pool and upsampling"] = new(_ => new Sequential(new AdaptiveAvgPool2d(7), new Upsample(scaleFactor: 3)), [8, 32, 40, 40]),
        ["dropout"] = new(_ => new Dropout(0.3), [300, 500]),
        ["small network"] = new(g => new Sequential(new Conv2d(3, 32, 3, padding: 1, generator: g), new BatchNorm2d(32), new Relu(), new MaxPool2d(2),
            new Conv2d(32, 64, 3, padding: 1, generator: g), new BatchNorm2d(64), new Gelu(), new AdaptiveAvgPool2d(1), new Flatten(),
            new Linear(64, 10, generator: g)), [16, 3, 32, 32]),
    };

    public static TheoryData<string> Names { get; } = [.. Cases.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Training_ends_at_the_same_bits(string name)
    {
        Tensor[] expected = Train(name, 1);
        foreach (int threads in new[] { 2, 3, 5, 8, 16 })
        {
            Tensor[] actual = Train(name, threads);
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
                Close.AssertSameBits(expected[i], actual[i], $"{name}, {threads} threads, tensor {i} of {expected.Length}");
        }
    }

    private static Tensor[] Train(string name, int threads)
    {
        int before = CpuSettings.ThreadCount;
        CpuSettings.ThreadCount = threads;
        try
        {
            Case c = Cases[name];
            Module<Tensor, Tensor> model = c.Make(new Generator(1));
            Tensor x = c.Words is { } words ? Tensor.RandInt(words, c.Shape, generator: new Generator(2)) : Tensor.Randn(c.Shape, generator: new Generator(2));
            if (c.Words is null) x.RequiresGrad = true;
            Tensor[] parameters = [.. model.Parameters()];
            Optimizer? optimizer = parameters.Length == 0 ? null : new AdamW(parameters, 0.01);
            var seen = new List<Tensor>();
            Generator.Seed(5);
            for (int step = 0; step < 2; step++)
            {
                Tensor y = model.Call(x), target = Tensor.Randn(y.Shape, generator: new Generator(3 + step));
                F.MseLoss(y, target).Backward();
                seen.Add(y.Detach());
                if (x.RequiresGrad) seen.Add(x.Grad!.Clone());
                seen.AddRange(parameters.Select(parameter => parameter.Grad!.Clone()));
                optimizer?.Step();
                optimizer?.ZeroGrad();
            }
            seen.AddRange(model.StateDict().Values.Select(tensor => tensor.Detach().Clone()));
            return [.. seen];
        }
        finally
        {
            CpuSettings.ThreadCount = before;
        }
    }

    public static TheoryData<string> Optimizers { get; } = ["sgd", "adam", "adamw", "adagrad", "rmsprop"];

    [Theory, MemberData(nameof(Optimizers))]
    public void Optimizers_end_at_the_same_bits(string name)
    {
        Tensor Run(int threads)
        {
            int before = CpuSettings.ThreadCount;
            CpuSettings.ThreadCount = threads;
            try
            {
                Tensor parameter = Tensor.Randn([100_003], generator: new Generator(1));
                parameter.RequiresGrad = true;
                Optimizer optimizer = name switch
                {
                    "sgd" => new Sgd([parameter], 0.1, momentum: 0.9, weightDecay: 0.01),
                    "adam" => new Adam([parameter], 0.01, weightDecay: 0.01),
                    "adamw" => new AdamW([parameter], 0.01),
                    "adagrad" => new Adagrad([parameter], 0.01),
                    _ => new RmsProp([parameter], 0.01, momentum: 0.9),
                };
                for (int step = 0; step < 3; step++)
                {
                    parameter.Grad = Tensor.Randn([100_003], generator: new Generator(2 + step));
                    GradientClipping.ClipGradNorm([parameter], 5);
                    optimizer.Step();
                }
                return parameter.Detach();
            }
            finally
            {
                CpuSettings.ThreadCount = before;
            }
        }
        Tensor expected = Run(1);
        foreach (int threads in new[] { 2, 3, 5, 8, 16 }) Close.AssertSameBits(expected, Run(threads), $"{name}, {threads} threads");
    }

    /// <summary>What the table of operations is too small for.</summary>
    [Fact]
    public void Reductions_sorts_and_random_numbers_have_the_same_bits()
    {
        Tensor[] Run(int threads)
        {
            int before = CpuSettings.ThreadCount;
            CpuSettings.ThreadCount = threads;
            try
            {
                var random = new Generator(4);
                Tensor x = Tensor.Randn([601, 503], generator: random), half = x.To(DType.Float16), index = Tensor.RandInt(601, [20_000], generator: random);
                return
                [
                    x, x.Sum(), x.Sum(0), x.Sum(1), x.Mean(), x.Var(0), x.Norm(), x.Flatten().Sum(), half.Sum(), half.Sum(0), x.Max(0).Values, x.ArgMax(),
                    half.ArgMax(), x.ArgMin(1),
                    x.CumSum(0), x.CumSum(1), half.Flatten().CumSum(0), x.Softmax(0), x.LogSoftmax(1), x.LogSumExp(0), x.Sort(1).Values,
                    x.Sort(0, true).Indices, x.TopK(7, 1).Values,
                    x.MatMul(x.T), half.MatMul(half.T), x.T.MatMul(x), (x > 0).NonZero(), x.IndexSelect(0, index),
                    Tensor.Zeros(601, 503).IndexAdd(0, index, x.IndexSelect(0, index)),
                    Tensor.Rand([100_003], generator: random), Tensor.RandPerm(10_007, generator: random), x.T.Contiguous(), x.Exp().Log1p(), x.Prod(0),
                ];
            }
            finally
            {
                CpuSettings.ThreadCount = before;
            }
        }
        Tensor[] expected = Run(1);
        foreach (int threads in new[] { 2, 3, 5, 8, 16 })
        {
            Tensor[] actual = Run(threads);
            for (int i = 0; i < expected.Length; i++) Close.AssertSameBits(expected[i], actual[i], $"{threads} threads, result {i}");
        }
    }
}

using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.GpuCheck;

/// <summary>What is timed, with PyTorch's figures and the targets. Data are random; what fits the caches comes in several copies, in turn.</summary>
internal static class SpeedCases
{
    /// <summary>Where <see cref="SpeedCase.PyTorch"/> comes from.</summary>
    public const string Source = "PyTorch 2.11 with CUDA 13.0 on an H200, measured on 2026-11-28 with this project's GPU trials";

    private const int Copies = 4;

    public static IEnumerable<SpeedCase> All => [.. Elements, .. Products, .. Convolutions, .. Optimizers, .. Steps];

    private static IEnumerable<SpeedCase> Elements
    {
        get
        {
            const int count = 64 << 20, rows = 8192, columns = 4096;
            const double bytes = 4.0 * count, rowBytes = 2 * 4.0 * rows * columns;
            static Func<Device, Action> Of(Func<Tensor, Tensor> function, params int[] shape) => device =>
            {
                Tensor x = Tensor.Randn(new Shape(shape), device: device);
                return Quietly(() => function(x).Dispose());
            };
            yield return new("copy 64M", "TB/s", 2 * bytes, Of(x => x.Clone(), count)) { PyTorch = 3.93, Target = 1 };
            yield return new("add 64M", "TB/s", 3 * bytes, Of(x => x + x.Detach(), count)) { PyTorch = 4.15, Target = 1 };
            yield return new("gelu 64M", "TB/s", 2 * bytes, Of(x => x.Gelu(), count)) { PyTorch = 3.85, Target = 1 };
            yield return new("sum 64M", "TB/s", bytes, Of(x => x.Sum(), count)) { PyTorch = 3.18, Target = 1 };
            yield return new("softmax 8192x4096", "TB/s", rowBytes, Of(x => x.Softmax(-1), rows, columns)) { PyTorch = 2.09, Target = 1.5 };
            yield return new("layer norm 8192x4096", "TB/s", rowBytes, device =>
            {
                Tensor x = Tensor.Randn(new Shape([rows, columns]), device: device), weight = Tensor.Randn(new Shape([columns]), device: device),
                    bias = Tensor.Randn(new Shape([columns]), device: device);
                return Quietly(() => F.LayerNorm(x, [columns], weight, bias).Dispose());
            })
            { PyTorch = 2.28, Target = 1.3 };
        }
    }

    private static IEnumerable<SpeedCase> Products
    {
        get
        {
            int[] sizes = [512, 1024, 2048, 4096, 8192];
            (string Name, DType Type, bool Tf32, double Target, double[] PyTorch)[] kinds =
            [
                ("fp32", DType.Float32, false, 0.95, [5.0, 26, 48, 50, 51]), ("tf32", DType.Float32, true, 1.1, [4.5, 45, 236, 349, 352]),
                ("bf16", DType.BFloat16, false, 1, [6.5, 35, 330, 667, 686]),
            ];
            foreach ((string name, DType type, bool tf32, double target, double[] figures) in kinds)
            {
                foreach ((int i, int n) in sizes.Index())
                {
                    yield return new($"product {name} {n}", "TFLOP/s", 2.0 * n * n * n, device =>
                    {
                        Tensor[] a = Random(device, type, n, n), b = Random(device, type, n, n);
                        int turn = 0;
                        return Quietly(() => a[turn = (turn + 1) % Copies].MatMul(b[turn]).Dispose());
                    })
                    { PyTorch = figures[i], Target = target, AllowsTf32 = tf32 };
                }
            }
        }
    }

    /// <summary>3x3, one element of padding: with bias and ReLU, and both gradients of the convolution alone.</summary>
    private static IEnumerable<SpeedCase> Convolutions
    {
        get
        {
            (int Inputs, int Outputs, int Side, double[] PyTorch)[] layers = [(32, 64, 32, [104, 110]), (128, 128, 16, [280, 315]), (256, 256, 8, [341, 449])];
            (string Name, DType Type, bool Tf32)[] kinds = [("fp32", DType.Float32, false), ("tf32", DType.Float32, true), ("bf16", DType.BFloat16, false)];
            foreach ((string name, DType type, bool tf32) in kinds)
            {
                foreach ((int inputs, int outputs, int side, double[] figures) in layers)
                {
                    foreach (int batch in (int[])[128, 1024])
                    {
                        string which = $"conv {name} {inputs}-{outputs} at {side}x{side}, batch {batch}";
                        double work = 2.0 * 9 * inputs * outputs * side * side * batch;
                        // Only the bf16 ones were measured.
                        double? figure = type == DType.BFloat16 ? figures[batch == 128 ? 0 : 1] : null;
                        yield return new($"{which}, forward", "TFLOP/s", work, device =>
                        {
                            var layer = new Sequential(new Conv2d(inputs, outputs, 3, padding: 1), new Relu());
                            layer.To(type).To(device);
                            Tensor[] x = Random(device, type, batch, inputs, side, side);
                            int turn = 0;
                            return Quietly(() => layer.Call(x[turn = (turn + 1) % Copies]).Dispose());
                        })
                        { PyTorch = figure, Target = 1.5, AllowsTf32 = tf32 };
                        foreach (bool isWeight in (bool[])[false, true])
                        {
                            yield return new($"{which}, gradient of the {(isWeight ? "weight" : "input")}", "TFLOP/s", work, device =>
                            {
                                Tensor x = Random(device, type, batch, inputs, side, side)[0], w = Random(device, type, outputs, inputs, 3, 3)[0];
                                Tensor wanted = isWeight ? w : x;
                                wanted.RequiresGrad = true;
                                Tensor y = F.Conv2d(x, w, padding: 1), g = Random(device, type, batch, outputs, side, side)[0];
                                return () => Autograd.Grad(y, wanted, g, retainGraph: true).Dispose();
                            })
                            { Target = 1, AllowsTf32 = tf32 };
                        }
                    }
                }
            }
        }
    }

    private static IEnumerable<SpeedCase> Optimizers
    {
        get
        {
            yield return new("adam 1.2M", "ms", 0, device =>
            {
                Tensor[] parameters = [.. new int[][] { [1024, 784], [1024], [400, 1024], [400], [10, 400], [10] }
                    .Select(shape => Tensor.Randn(new Shape(shape), device: device, requiresGrad: true))];
                foreach (Tensor parameter in parameters) parameter.Grad = parameter.RandnLike();
                var optimizer = new Adam(parameters, 1e-3);
                return optimizer.Step;
            })
            { PyTorch = 0.063, Target = 1 };
        }
    }

    /// <summary>Whole steps: forward, loss, backward, optimizer.</summary>
    private static IEnumerable<SpeedCase> Steps
    {
        get
        {
            foreach ((string name, int batch, Func<Module<Tensor, Tensor>> model, Func<IEnumerable<Tensor>, Optimizer> optimizer, double figure) in
                new (string, int, Func<Module<Tensor, Tensor>>, Func<IEnumerable<Tensor>, Optimizer>, double)[]
                {
                    ("mlp32 sgd", 128, () => Mlp(32), p => new Sgd(p, 0.1), 1.19), ("mlp32 sgd", 1024, () => Mlp(32), p => new Sgd(p, 0.1), 1.26),
                    ("mlp256 adam", 128, () => Mlp(256), p => new Adam(p), 1.27), ("mlp256 adam", 1024, () => Mlp(256), p => new Adam(p), 1.47),
                })
                yield return new($"{name}, batch {batch}, eager", "ms", 0, Step(model, optimizer, null, batch, 784)) { PyTorch = figure, Target = 12 };

            foreach ((string precision, int batch, double figure, double? target) in new (string, int, double, double?)[]
            {
                ("fp32", 128, 3.9, null), ("tf32", 128, 3.7, 3), ("bf16", 128, 4.7, null),
                ("fp32", 1024, 25.7, 1), ("tf32", 1024, 8.1, 1.1), ("bf16", 1024, 5.0, 1.2),
            })
            {
                yield return new($"cnn adam {precision}, batch {batch}, eager", "ms", 0,
                    Step(Tests.Devices.Network.UpTo(1024)[1].New, p => new Adam(p), precision == "bf16" ? DType.BFloat16 : null, batch, 3, 32, 32))
                { PyTorch = figure, Target = target, AllowsTf32 = precision == "tf32" };
            }
        }
    }

    private static Sequential Mlp(int hidden) => new(new Linear(784, hidden), new Relu(), new Linear(hidden, 10));

    private static Func<Device, Action> Step(Func<Module<Tensor, Tensor>> make, Func<IEnumerable<Tensor>, Optimizer> optimizer, DType? autocast, int batch,
        params int[] shape) => device =>
    {
        Module<Tensor, Tensor> model = make();
        model.To(device);
        Optimizer steps = optimizer(model.Parameters());
        Tensor[] images = Random(device, DType.Float32, [batch, .. shape]);
        Tensor[] labels = [.. Enumerable.Range(0, Copies).Select(_ => Tensor.RandInt(0, 10, new Shape([batch])).To(device))];
        int turn = 0;
        Tensor Loss(int i) => F.CrossEntropy(model.Call(images[i]), labels[i]);
        return () =>
        {
            turn = (turn + 1) % Copies;
            Tensor loss;
            if (autocast is { } type)
            {
                using AutocastScope scope = Autograd.Autocast(type);
                loss = Loss(turn);
            }
            else loss = Loss(turn);
            loss.Backward();
            steps.Step();
            steps.ZeroGrad();
        };
    };

    private static Tensor[] Random(Device device, DType type, params int[] shape) =>
        [.. Enumerable.Range(0, Copies).Select(_ => Tensor.Randn(new Shape(shape), device: device).To(type))];

    /// <summary>Without recording.</summary>
    private static Action Quietly(Action action) => () =>
    {
        using GradModeScope scope = Autograd.NoGrad();
        action();
    };
}

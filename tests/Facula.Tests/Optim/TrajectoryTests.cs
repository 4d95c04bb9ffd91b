using System.Text.Json;
using Facula.NN;
using Facula.Optim;

namespace Facula.Tests.Optim;

/// <summary>
/// A small network trained for 1,001 steps must go where PyTorch's optimizers take it. The expected parameters are those of PyTorch's own C++
/// tests (test/cpp/api/optim_baseline.h, PyTorch 1.9), kept as numbers in shared/data/reference/optimizer-trajectories.json beside the repository.
/// </summary>
public sealed class TrajectoryTests
{
    private static readonly Dictionary<string, Func<Tensor[], Optimizer>> Optimizers = new()
    {
        ["Adam"] = p => new Adam(p, 1),
        ["Adam_with_weight_decay"] = p => new Adam(p, 1, weightDecay: 1e-2),
        ["Adam_with_weight_decay_and_amsgrad"] = p => new Adam(p, 1, weightDecay: 1e-6, amsGrad: true),
        ["AdamW"] = p => new AdamW(p, 1),
        ["AdamW_without_weight_decay"] = p => new AdamW(p, 1, weightDecay: 0),
        ["AdamW_with_amsgrad"] = p => new AdamW(p, 1, amsGrad: true),
        ["Adagrad"] = p => new Adagrad(p, 1),
        ["Adagrad_with_weight_decay"] = p => new Adagrad(p, 1, weightDecay: 1e-2),
        ["Adagrad_with_weight_decay_and_lr_decay"] = p => new Adagrad(p, 1, weightDecay: 1e-6, learningRateDecay: 1e-3),
        ["RMSprop"] = p => new RmsProp(p, 0.1),
        ["RMSprop_with_weight_decay"] = p => new RmsProp(p, 0.1, weightDecay: 1e-2),
        ["RMSprop_with_weight_decay_and_centered"] = p => new RmsProp(p, 0.1, weightDecay: 1e-6, centered: true),
        ["RMSprop_with_weight_decay_and_centered_and_momentum"] = p => new RmsProp(p, 0.1, weightDecay: 1e-6, centered: true, momentum: 0.9),
        ["SGD"] = p => new Sgd(p, 0.1),
        ["SGD_with_weight_decay"] = p => new Sgd(p, 0.1, weightDecay: 1e-2),
        ["SGD_with_weight_decay_and_momentum"] = p => new Sgd(p, 0.1, momentum: 0.9, weightDecay: 1e-2),
        ["SGD_with_weight_decay_and_nesterov_momentum"] = p => new Sgd(p, 0.1, momentum: 0.9, weightDecay: 1e-6, nesterov: true),
    };

    public static TheoryData<string> Names => [.. Optimizers.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Optimizer_goes_where_PyTorch_goes(string name)
    {
        using JsonDocument reference = Reference();
        JsonElement samples = reference.RootElement.GetProperty("optimizers").GetProperty(name).GetProperty("samples");
        Tensor[] p = Initial(reference.RootElement.GetProperty("initialParameters"));
        Optimizer optimizer = Optimizers[name](p);
        Tensor x = Tensor.From(new double[,] { { 0.1, 0.2 }, { 0.3, 0.4 }, { 0.5, 0.6 } });
        double worst = 0;
        for (int step = 1; step <= 1001; step++)
        {
            optimizer.ZeroGrad();
            Tensor hidden = Functional.Linear(x, p[0], p[1]).Sigmoid();
            Functional.Linear(hidden, p[2], p[3]).Sigmoid().Sum().Backward();
            optimizer.Step();
            if ((step - 1) % 100 != 0) continue;
            JsonElement sample = samples[(step - 1) / 100];
            for (int i = 0; i < p.Length; i++)
            {
                double[] actual = p[i].ToArray<double>();
                double[] expected = [.. sample[i].EnumerateArray().Select(value => value.GetDouble())];
                Assert.Equal(expected.Length, actual.Length);
                for (int k = 0; k < actual.Length; k++) worst = Math.Max(worst, Math.Abs(actual[k] - expected[k]) / Math.Max(1, Math.Abs(expected[k])));
            }
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {worst:E1}");
        Assert.True(worst < 1e-12, $"{name}: parameters differ from PyTorch's by {worst:E2}.");
    }

    [Fact]
    public void Every_reference_trajectory_is_tested()
    {
        using JsonDocument reference = Reference();
        Assert.Equal(Optimizers.Keys.Order(), reference.RootElement.GetProperty("optimizers").EnumerateObject().Select(entry => entry.Name).Order());
    }

    private static Tensor[] Initial(JsonElement values)
    {
        return [Of("W1", 3, 2), Of("b1", 3), Of("W2", 1, 3), Of("b2", 1)];

        Tensor Of(string name, params int[] shape) =>
            Tensor.From<double>([.. values.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())], shape, requiresGrad: true);
    }

    private static JsonDocument Reference()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Facula.slnx"))) root = root.Parent;
        string path = Path.Combine(root?.FullName ?? ".", "..", "shared", "data", "reference", "optimizer-trajectories.json");
        if (!File.Exists(path)) Assert.Skip($"There are no reference trajectories at {path}.");
        return JsonDocument.Parse(File.ReadAllBytes(path));
    }
}

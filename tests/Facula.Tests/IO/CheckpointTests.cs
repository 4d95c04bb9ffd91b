using System.Diagnostics;
using Facula.Data;
using Facula.IO;
using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests.IO;

/// <summary>Runs alone: a checkpoint has the state of the default generator, which all of a process share.</summary>
[CollectionDefinition(nameof(CheckpointTests), DisableParallelization = true), Collection(nameof(CheckpointTests))]
public sealed class CheckpointTests
{
    private const string KilledVariable = "FACULA_CHECKPOINT_TO_KILL";

    /// <summary>
    /// A small run that uses everything that has a state: shuffling, dropout, Adam with momentum, two schedules, a default generator and one of its own.
    /// </summary>
    private sealed class Run
    {
        public readonly Sequential Model = new(new Linear(4, 8), new Relu(), new Dropout(0.3), new Linear(8, 3));
        public readonly Generator Shuffling = new(99);
        public readonly Optimizer Optimizer;
        public readonly ILrScheduler[] Schedulers;
        private readonly DataLoader _loader;
        private readonly LrScheduler _decay;
        private readonly ReduceLrOnPlateau _plateau;

        public Run(Func<IEnumerable<Tensor>, Optimizer> optimizer)
        {
            Optimizer = optimizer(Model.Parameters());
            _decay = new StepLr(Optimizer, 2, 0.5);
            _plateau = new ReduceLrOnPlateau(Optimizer, patience: 0);
            Schedulers = [_decay, _plateau];
            var data = new TensorDataset(Tensor.Rand([30, 4], generator: new Generator(1)), Tensor.RandInt(0, 3, [30], generator: new Generator(2)));
            _loader = new DataLoader(data, 7, shuffle: true, options: new() { Generator = Shuffling, Workers = 1 });
        }

        public Dictionary<string, Generator> Generators => new() { ["shuffling"] = Shuffling };

        public void Train(int epochs)
        {
            for (int epoch = 0; epoch < epochs; epoch++)
            {
                foreach (var (x, y) in _loader)
                {
                    F.CrossEntropy(Model.Call(x), y).Backward();
                    Optimizer.Step();
                    Optimizer.ZeroGrad();
                }
                _decay.Step();
                // A loss that stops falling after the third epoch.
                _plateau.Step(Math.Max(1, 4 - _decay.LastEpoch));
            }
        }

        public float[][] Weights => [.. Model.Parameters().Select(parameter => parameter.ToArray<float>())];
    }

    public static TheoryData<string> Optimizers => ["sgd", "adam", "rmsprop", "adagrad"];

    private static Optimizer Make(string name, IEnumerable<Tensor> parameters) => name switch
    {
        "sgd" => new Sgd(parameters, 0.05, momentum: 0.9, nesterov: true),
        "adam" => new Adam(parameters, 0.01, amsGrad: true, weightDecay: 0.01),
        "rmsprop" => new RmsProp(parameters, 0.01, momentum: 0.5, centered: true),
        _ => new Adagrad(parameters, 0.05, learningRateDecay: 0.01),
    };

    [Theory, MemberData(nameof(Optimizers))]
    public void Resumed_run_goes_on_bit_for_bit(string optimizer)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("run.safetensors");
        Generator.Seed(5);
        var straight = new Run(parameters => Make(optimizer, parameters));
        straight.Train(2);
        Checkpoint.Save(path, straight.Model, straight.Optimizer, epoch: 2, straight.Generators, straight.Schedulers);
        straight.Train(3);

        // Another process would start from other weights and another seed.
        Generator.Seed(123);
        var resumed = new Run(parameters => Make(optimizer, parameters));
        resumed.Train(1);
        Assert.Equal(2, Checkpoint.Load(path, resumed.Model, resumed.Optimizer, resumed.Generators, resumed.Schedulers));
        resumed.Train(3);
        Assert.Equal(straight.Weights, resumed.Weights);
        Assert.Equal(straight.Optimizer.ParameterGroups[0].LearningRate, resumed.Optimizer.ParameterGroups[0].LearningRate);
    }

    [Fact]
    public void Failed_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("c");
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidOperationException();
        }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact, Trait("Starts", "processes")]
    public async Task Killed_at_any_instant_leaves_a_whole_checkpoint()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("run.safetensors");
        Generator.Seed(1);
        var run = new Run(parameters => Make("adam", parameters));
        Checkpoint.Save(path, run.Model, run.Optimizer, 0, run.Generators);
        int last = 0;
        for (int kill = 0; kill < 4; kill++)
        {
            using Process child = TestProcess.Start(new Dictionary<string, string> { [KilledVariable] = path }, "-method", $"*.{nameof(Saves_until_killed)}");
            var clock = Stopwatch.StartNew();
            // Until it has saved at least once, then a few milliseconds more, different each time.
            while (Checkpoint.Load(path, run.Model, run.Optimizer, run.Generators) <= last && clock.Elapsed < TimeSpan.FromSeconds(30))
                await Task.Delay(1, TestContext.Current.CancellationToken);
            await Task.Delay(3 * kill + 1, TestContext.Current.CancellationToken);
            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            int epoch = Checkpoint.Load(path, run.Model, run.Optimizer, run.Generators);
            Assert.True(epoch > last, $"the child saved nothing in {clock.Elapsed}: {await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)}");
            last = epoch;
        }
    }

    /// <summary>In a child: saves over and over. Otherwise nothing.</summary>
    [Fact]
    public void Saves_until_killed()
    {
        if (Environment.GetEnvironmentVariable(KilledVariable) is not { } path) return;
        var run = new Run(parameters => Make("adam", parameters));
        int epoch = Checkpoint.Load(path, run.Model, run.Optimizer, run.Generators);
        run.Train(1);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(30)) Checkpoint.Save(path, run.Model, run.Optimizer, ++epoch, run.Generators);
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("run.safetensors");
        var model = new Linear(3, 2);
        Checkpoint.Save(path, model);
        Assert.Contains("optimizer", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(path, model, new Sgd(model.Parameters(), 0.1))).Message);
        var other = new Linear(4, 2);
        float[] kept = other.Weight.ToArray<float>();
        Assert.Contains("weight", Assert.Throws<ArgumentException>(() => Checkpoint.Load(path, other)).Message);
        Assert.Equal(kept, other.Weight.ToArray<float>());
        Checkpoint.Save(path, model, new Adam(model.Parameters(), 0.1));
        var same = new Linear(3, 2);
        float[] mine = same.Weight.ToArray<float>();
        var groups = new Adam([same.Weight], 0.1);
        groups.AddParameterGroup([same.Bias!]);
        Assert.Contains("groups", Assert.Throws<ArgumentException>(() => Checkpoint.Load(path, same, groups)).Message);
        Assert.Equal(mine, same.Weight.ToArray<float>());
        Assert.Contains("schedulers", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(path, model, schedulers: [new StepLr(groups, 1)])).Message);
        var cosine = new CosineAnnealingLr(new Adam(model.Parameters(), 0.1), 5);
        cosine.Step();
        // Infinity, the best loss before the first epoch, is no number that JSON has.
        Checkpoint.Save(path, model, schedulers: [cosine, new ReduceLrOnPlateau(new Adam(model.Parameters(), 0.1))]);
        var plateau = new ReduceLrOnPlateau(new Adam(model.Parameters(), 0.1));
        plateau.Step(1);
        var fresh = new CosineAnnealingLr(new Adam(model.Parameters(), 0.1), 5);
        Assert.Contains("kind", Assert.Throws<ArgumentException>(() => Checkpoint.Load(path, model, schedulers: [fresh, new CosineAnnealingLr(groups, 5)])).Message);
        Assert.Contains("2 groups", Assert.Throws<ArgumentException>(() => Checkpoint.Load(path, model, schedulers: [new CosineAnnealingLr(groups, 5), plateau])).Message);
        Assert.Equal((0, 0.1), (fresh.LastEpoch, fresh.LearningRates[0]));
        Assert.Contains("2 schedules, but 1", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(path, model, schedulers: [fresh])).Message);
        Checkpoint.Load(path, model, schedulers: [fresh, plateau]);
        Assert.Equal((1, double.PositiveInfinity), (fresh.LastEpoch, plateau.Best));
        model.Save(path);
        Assert.Contains("epoch", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(path, model)).Message);
    }

    [Fact]
    public void Module_files_come_back()
    {
        using var folder = new TemporaryFolder();
        var model = new Linear(3, 2);
        model.Save(folder.File("m"));
        var other = new Linear(3, 2);
        Assert.Empty(other.Load(folder.File("m")).MissingKeys);
        Assert.Equal(model.Weight.ToArray<float>(), other.Weight.ToArray<float>());
    }
}

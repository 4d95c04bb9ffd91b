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
            Assert.True(epoch > last,
                $"the child saved nothing in {clock.Elapsed}: {await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)}");
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
        Assert.Contains("kind",
            Assert.Throws<ArgumentException>(() => Checkpoint.Load(path, model, schedulers: [fresh, new CosineAnnealingLr(groups, 5)])).Message);
        Assert.Contains("2 groups",
            Assert.Throws<ArgumentException>(() => Checkpoint.Load(path, model, schedulers: [new CosineAnnealingLr(groups, 5), plateau])).Message);
        Assert.Equal((0, 0.1), (fresh.LastEpoch, fresh.LearningRates[0]));
        Assert.Contains("2 schedules, but 1", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(path, model, schedulers: [fresh])).Message);
        Checkpoint.Load(path, model, schedulers: [fresh, plateau]);
        Assert.Equal((1, double.PositiveInfinity), (fresh.LastEpoch, plateau.Best));
        model.Save(path);
        Assert.Contains("epoch", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(path, model)).Message);
    }

    /// <summary>A checkpoint with one thing changed in its texts or tensors.</summary>
    private static string Altered(TemporaryFolder folder, Action<OrderedDictionary<string, Tensor>, Dictionary<string, string>> change)
    {
        Generator.Seed(1);
        string path = folder.File("altered");
        new CheckpointSubject().Trained(4).Save(path);
        using SafeTensors file = SafeTensors.Open(path);
        var tensors = new OrderedDictionary<string, Tensor>(file.Names.Select(name => new KeyValuePair<string, Tensor>(name, file[name])));
        var texts = new Dictionary<string, string>(file.Metadata);
        change(tensors, texts);
        SafeTensors.Save(path, tensors, texts);
        return path;
    }

    [Fact]
    public void A_load_that_fails_at_any_part_changes_not_a_bit()
    {
        using var folder = new TemporaryFolder();
        const string epoch = "facula.epoch", own = "facula.generator.shuffling", shared = "facula.generator.default", groups = "facula.optimizer.param_groups",
            places = "facula.schedulers";
        var subject = new CheckpointSubject().Trained(2);
        byte[] before = subject.Bits();

        void Fails<T>(Action<OrderedDictionary<string, Tensor>, Dictionary<string, string>> change) where T : Exception
        {
            string path = Altered(folder, change);
            GeneratorState now = Generator.Default.State;
            before = subject.Bits();
            Exception error = Assert.ThrowsAny<T>(() => subject.Load(path));
            Assert.True(before.AsSpan().SequenceEqual(subject.Bits()), $"changed by a load that failed: {error}");
            Assert.Equal(now, Generator.Default.State);
        }
        void Texts<T>(string key, params string?[] values) where T : Exception
        {
            foreach (string? value in values)
            {
                Fails<T>((_, texts) =>
                {
                    texts.Remove(key);
                    if (value is not null) texts[key] = value;
                });
            }
        }
        void Replaced<T>(string key, string old, string value) where T : Exception => Fails<T>((_, texts) =>
        {
            Assert.Contains(old, texts[key]);
            texts[key] = texts[key].Replace(old, value, StringComparison.Ordinal);
        });
        void Tensors<T>(string name, Tensor? value) where T : Exception => Fails<T>((tensors, _) =>
        {
            tensors.Remove(name);
            if (value is not null) tensors[name] = value;
        });

        Texts<InvalidDataException>(epoch, null, "", "x", "-1", "1.5", "99999999999", "1 ");
        foreach (string key in (string[])[own, shared])
            Texts<InvalidDataException>(key, null, "", "1", "x 1", "1 x", "1 -1", "1 2 3", "99999999999999999999 1");
        foreach (string key in (string[])[groups, places])
            Texts<InvalidDataException>(key, null, "", "{", "{}", "[[]]", "[1]", "null", "[{\"a\":{}}]", "[{\"a\":1,\"a\":2}]", new string('[', 100_000));
        Texts<InvalidDataException>(groups, "[{}]", "[{\"options\":{}}]", "[{\"options\":{},\"params\":[1.5]}]", "[{\"options\":{},\"params\":{}}]");
        Texts<ArgumentException>(groups, "[]", "[{\"options\":{},\"params\":[0]}]");
        Replaced<ArgumentException>(groups, "\"eps\":1E-08", "\"eps\":-1");
        Replaced<ArgumentException>(groups, "\"eps\":1E-08", "\"eps\":\"small\"");
        Replaced<ArgumentException>(groups, "\"eps\":1E-08", "\"eps\":[1,2]");
        Replaced<ArgumentException>(groups, "\"betas\":[", "\"betas\":[3,");
        Replaced<ArgumentException>(groups, "\"amsgrad\":true", "\"amsgrad\":[1]");
        Texts<InvalidDataException>(places, "[]", "[{},{}]");
        Texts<ArgumentException>(places, "[{},{},{}]");
        Replaced<ArgumentException>(places, "\"last_epoch\":4", "\"last_epoch\":-4");
        Replaced<ArgumentException>(places, "\"last_epoch\":4", "\"last_epoch\":21");
        Replaced<ArgumentException>(places, "\"last_epoch\":4", "\"last_epoch\":1e300");
        Replaced<ArgumentException>(places, "\"last_epoch\":4", "\"last_epoch\":\"four\"");
        Replaced<ArgumentException>(places, "\"_last_lr\":[", "\"_last_lr\":[-1,");
        Replaced<ArgumentException>(places, "\"num_bad_epochs\":", "\"num_bad_epochs\":1.5,\"x\":");
        Tensors<ArgumentException>("model.0.weight", null);
        Tensors<ArgumentException>("model.3.bias", Tensor.Ones(3));
        Tensors<ArgumentException>("model.more", Tensor.Ones(3));
        Tensors<ArgumentException>("optimizer.state.5.exp_avg", Tensor.Ones(7));
        Tensors<ArgumentException>("optimizer.state.5.step", Tensor.Ones(2));
        Tensors<ArgumentException>("optimizer.state.5.step", Tensor.From(-1f));
        Tensors<ArgumentException>("optimizer.state.5.step", Tensor.From(float.NaN));
        foreach (string name in (string[])["optimizer.state.", "optimizer.state.x.step", "optimizer.state.1", "optimizer.state.-1.step",
            "optimizer.state.05.step", "optimizer.state.99999999999.step"])
            Tensors<InvalidDataException>(name, Tensor.Ones(1));

        // A file that ends early, and one that is none.
        string cut = Altered(folder, (_, _) => { });
        byte[] bytes = File.ReadAllBytes(cut);
        before = subject.Bits();
        foreach (int length in (int[])[0, 5, 100, bytes.Length / 2, bytes.Length - 1])
        {
            File.WriteAllBytes(cut, bytes[..length]);
            Assert.Throws<InvalidDataException>(() => subject.Load(cut));
        }
        Assert.Throws<FileNotFoundException>(() => subject.Load(folder.File("none")));
        Assert.Throws<ArgumentException>(() => Checkpoint.Load(Altered(folder, (_, _) => { }), subject.Model, schedulers: [null!, null!, null!]));
        Generator.Default.State = default;
        Assert.Equal(before.AsSpan(0, before.Length - 100), subject.Bits().AsSpan(0, before.Length - 100));

        // And a whole one is taken over whole.
        Generator.Seed(1);
        byte[] saved = new CheckpointSubject().Trained(4).Bits();
        Assert.Equal(3, subject.Load(Altered(folder, (_, _) => { })));
        Assert.Equal(saved, subject.Bits());
    }

    [Fact]
    public void An_optimizer_forgets_what_the_loaded_state_does_not_remember()
    {
        using var folder = new TemporaryFolder();
        var subject = new CheckpointSubject();
        subject.Save(folder.File("fresh"));
        byte[] fresh = subject.Bits();
        subject.Trained(3).Load(folder.File("fresh"));
        Assert.Equal(fresh, subject.Bits());
    }

    private sealed class Scheduler(object? value) : ILrScheduler
    {
        public object? Loaded;
        public IReadOnlyDictionary<string, object?> StateDict() => new Dictionary<string, object?> { ["value"] = value };
        public Action PrepareLoad(IReadOnlyDictionary<string, object?> state) => () => Loaded = state["value"];
    }

    [Fact]
    public void Schedules_of_ones_own_come_back_whatever_they_hold()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("c");
        var model = new Linear(1, 1);
        foreach ((object? value, object? read) in ((object?, object?)[])[
            (1.5, 1.5), (7L, 7.0), (true, true), (null, null), ("min", "min"), (double.PositiveInfinity, double.PositiveInfinity),
            (new int[] { 1, 2 }, new double[] { 1, 2 }),
            (new[] { double.NegativeInfinity, 0.1 }, new[] { double.NegativeInfinity, 0.1 }),
            ((0.9, double.PositiveInfinity), new[] { 0.9, double.PositiveInfinity })])
        {
            Checkpoint.Save(path, model, schedulers: [new Scheduler(value)]);
            var back = new Scheduler(null);
            Checkpoint.Load(path, model, schedulers: [back]);
            Assert.Equal(read, back.Loaded);
        }
        foreach (object value in (object[])[new object(), new[] { "a" }, DateTime.Now])
            Assert.Contains("value", Assert.Throws<ArgumentException>(() => Checkpoint.Save(path, model, schedulers: [new Scheduler(value)])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Checkpoint.Save(path, model, epoch: -1));
        Assert.Throws<ArgumentException>(() => Checkpoint.Save(path, model, generators: new Dictionary<string, Generator> { ["default"] = new(1) }));
        Assert.Throws<ArgumentException>(() => Checkpoint.Save(path, model, generators: new Dictionary<string, Generator> { ["mine"] = null! }));
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

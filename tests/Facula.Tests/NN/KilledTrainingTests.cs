using System.Diagnostics;
using System.Globalization;
using Facula.Data;
using Facula.IO;
using Facula.NN;
using Facula.Optim;
using Facula.Vision;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>
/// Twenty epochs of a convolutional network on a part of CIFAR-10, in a process that is killed at random instants and started again, end at the bytes
/// of a run that nobody disturbed. Where CIFAR-10 is not at hand, on random images.
/// </summary>
public sealed class KilledTrainingTests
{
    private const string FolderVariable = "FACULA_TRAINING_TO_KILL";
    private const int Epochs = 20, Kills = 5, Images = 160;

    /// <summary>A file that says that data are read and training goes on from here: before it, there is nothing worth killing.</summary>
    private const string StartedFile = "started", CheckpointFile = "checkpoint.safetensors";

    [Fact, Trait("Starts", "processes")]
    public async Task Killed_at_random_instants_and_resumed_training_ends_at_the_same_bytes()
    {
        using TemporaryFolder undisturbed = new(), disturbed = new();
        (TimeSpan whole, int begun, string output) = await RunUntil(undisturbed, null);
        Assert.True(File.Exists(undisturbed.File(CheckpointFile)) && begun == 0, $"the undisturbed run left nothing:\n{output}");

        int seed = Environment.TickCount;
        var random = new Random(seed);
        var history = new List<string> { $"seed {seed}; undisturbed: {whole.TotalMilliseconds:F0} ms" };
        for (int kill = 0; kill < Kills; kill++)
        {
            // Few enough that the last kill, too, finds training under way.
            TimeSpan delay = random.NextDouble() * whole * 0.4;
            (_, begun, output) = await RunUntil(disturbed, delay);
            history.Add($"from epoch {begun} on, killed after {delay.TotalMilliseconds:F0} ms");
        }
        (_, begun, output) = await RunUntil(disturbed, null);
        history.Add($"from epoch {begun} on to the end");
        string told = string.Join("\n", history);
        TestContext.Current.TestOutputHelper!.WriteLine(told);

        Assert.True(File.ReadAllBytes(undisturbed.File(CheckpointFile)).AsSpan().SequenceEqual(File.ReadAllBytes(disturbed.File(CheckpointFile))),
            $"{told}\n{output}");
        Assert.True(Epoch(disturbed) == Epochs, $"{told}\n{output}");
    }

    /// <summary>
    /// Runs a child that trains in the folder: to its end, or until so long after training has begun. How long it trained, the epoch it began with, and
    /// what it wrote.
    /// </summary>
    private static async Task<(TimeSpan Trained, int Begun, string Output)> RunUntil(TemporaryFolder folder, TimeSpan? killAfter)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string started = folder.File(StartedFile);
        File.Delete(started);
        int begun = Epoch(folder);
        using Process child = TestProcess.Start(new Dictionary<string, string> { [FolderVariable] = folder.Path }, "-method",
            $"*.{nameof(Trains_until_killed)}");
        Task<(int Code, string Output)> end = TestProcess.RunToEnd(child, cancellation);
        while (!File.Exists(started) && !end.IsCompleted) await Task.Delay(1, cancellation);
        var clock = Stopwatch.StartNew();
        if (killAfter is { } delay)
        {
            await Task.WhenAny(end, Task.Delay(delay, cancellation));
            child.Kill();
        }
        (int code, string output) = await end;
        Assert.True(killAfter is not null || code == 0, $"the child ended with exit code {code}:\n{output}");
        return (clock.Elapsed, begun, output);
    }

    /// <summary>How many epochs the checkpoint in the folder has behind it.</summary>
    private static int Epoch(TemporaryFolder folder)
    {
        if (!File.Exists(folder.File(CheckpointFile))) return 0;
        using SafeTensors file = SafeTensors.Open(folder.File(CheckpointFile));
        return int.Parse(file.Metadata["facula.epoch"], CultureInfo.InvariantCulture);
    }

    /// <summary>In a child: trains to the end, from the checkpoint that it finds. Otherwise nothing.</summary>
    [Fact]
    public void Trains_until_killed()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { } folder) return;
        // Threads are not asked for: the bits do not depend on them.
        Generator.Seed(7);
        var shuffling = new Generator(8);
        var generators = new Dictionary<string, Generator> { ["shuffling"] = shuffling };
        var loader = new DataLoader(Data(), batchSize: 32, shuffle: true, options: new() { Generator = shuffling, Workers = 1 });
        var model = new Sequential(new Conv2d(3, 8, 3, padding: 1), new BatchNorm2d(8), new Relu(), new MaxPool2d(2),
            new Conv2d(8, 16, 3, padding: 1), new BatchNorm2d(16), new Relu(), new MaxPool2d(2), new Flatten(), new Dropout(0.2), new Linear(16 * 8 * 8, 10));
        var optimizer = new Adam(model.Parameters(), 1e-3);

        string checkpoint = Path.Combine(folder, CheckpointFile);
        int epoch = File.Exists(checkpoint) ? Checkpoint.Load(checkpoint, model, optimizer, generators) : 0;
        File.WriteAllText(Path.Combine(folder, StartedFile), epoch.ToString(CultureInfo.InvariantCulture));
        while (epoch < Epochs)
        {
            foreach (var (images, labels) in loader)
            {
                F.CrossEntropy(model.Call(images), labels).Backward();
                optimizer.Step();
                optimizer.ZeroGrad();
            }
            Checkpoint.Save(checkpoint, model, optimizer, ++epoch, generators);
        }
    }

    /// <summary>The first images of CIFAR-10's test file, or random ones; cropped and flipped at random.</summary>
    private static ImageDataset Data()
    {
        var augment = new Compose(new RandomCrop(32, padding: 4), new RandomHorizontalFlip(), new ToTensor());
        if (Repository.Shared("cifar10") is { } root)
        {
            var all = new Cifar10(root, train: false);
            return new(all.Images.Narrow(0, 0, Images), all.Labels.Narrow(0, 0, Images), all.Classes, augment);
        }
        var generator = new Generator(1);
        return new(Tensor.RandInt(0, 256, [Images, 3, 32, 32], DType.UInt8, generator: generator), Tensor.RandInt(0, 10, [Images], generator: generator),
            [.. Enumerable.Range(0, 10).Select(i => i.ToString(CultureInfo.InvariantCulture))], augment);
    }
}

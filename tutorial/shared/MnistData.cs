using Facula.Vision;

namespace Facula.Tutorial;

/// <summary>MNIST from wherever it can be had.</summary>
/// <param name="Train">Training images.</param>
/// <param name="Test">Test images.</param>
/// <param name="Source">Which data these are, in words.</param>
/// <param name="IsWhole">Whether it is the whole of MNIST, not the sample.</param>
public sealed record MnistData(ImageDataset Train, ImageDataset Test, string Source, bool IsWhole)
{
    private const int SampleTrain = 8500;

    /// <summary>
    /// The whole of MNIST from the given folder, from FACULA_DATA, from the cache folder, or downloaded into that; failing all these, the sample
    /// of 10,000 images that comes with the tutorial. A folder given by the user must hold it.
    /// </summary>
    public static MnistData Load(string? folder, ITransform transform)
    {
        folder ??= Environment.GetEnvironmentVariable("FACULA_DATA") is { Length: > 0 } variable ? variable : null;
        MnistData? data = null;
        Chapter.OrExit(() => data = folder is not null ? Whole(folder, transform, download: false) : CachedOrSample(transform),
            "Without --data and FACULA_DATA, MNIST is looked for in the cache folder and downloaded.");
        return data!;
    }

    private static MnistData CachedOrSample(ITransform transform)
    {
        string cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "facula", "mnist");
        try
        {
            return Whole(cache, transform, download: true);
        }
        catch (IOException)
        {
            return Sample(transform);
        }
    }

    private static MnistData Whole(string folder, ITransform transform, bool download)
    {
        if (!download && !Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {Path.GetFullPath(folder)} to read MNIST from.");
        string sub = Path.Combine(folder, "mnist");
        if (Directory.Exists(sub)) folder = sub;
        return new(new Mnist(folder, train: true, transform, download), new Mnist(folder, train: false, transform, download), $"MNIST from {folder}", true);
    }

    private static MnistData Sample(ITransform transform)
    {
        var all = new Mnist(Path.Combine(AppContext.BaseDirectory, "mnist-sample"), train: false);
        ImageDataset Part(int start, int count) => new(all.Images.Narrow(0, start, count), all.Labels.Narrow(0, start, count), all.Classes, transform);
        return new(Part(0, SampleTrain), Part(SampleTrain, all.Count - SampleTrain),
            $"the sample of {all.Count:N0} MNIST images that comes along ({SampleTrain:N0} for training); the whole of MNIST is not at hand", false);
    }
}

using Facula.Vision;

namespace Facula.Tutorial;

/// <summary>CIFAR-10 from wherever it can be had.</summary>
/// <param name="Train">Images to learn from, with the transform for those.</param>
/// <param name="Validation">Images of the same files that are kept apart from the start, with the transform for testing.</param>
/// <param name="Test">Test images.</param>
/// <param name="Source">Which data these are, in words.</param>
public sealed record Cifar10Data(ImageDataset Train, ImageDataset Validation, ImageDataset Test, string Source)
{
    /// <summary>
    /// CIFAR-10 from the given folder, from FACULA_DATA, from the cache folder, or downloaded into that. Where there is none, the program ends and
    /// says where it looked.
    /// </summary>
    /// <param name="folder">What --data says.</param>
    /// <param name="trainTransform">What the images to learn from pass through.</param>
    /// <param name="testTransform">What the others pass through.</param>
    /// <param name="limit">Use so many training images and a fifth as many test images, for a quick try.</param>
    /// <param name="validation">The share of the training images that is kept apart: one in so many; 0 for none.</param>
    public static Cifar10Data Load(string? folder, ITransform trainTransform, ITransform testTransform, int? limit, int validation)
    {
        string? variable = Environment.GetEnvironmentVariable("FACULA_DATA") is { Length: > 0 } set ? set : null;
        string cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "facula", "cifar10");
        string root = folder ?? variable ?? cache;
        string sub = Path.Combine(root, "cifar10");
        if (Directory.Exists(sub)) root = sub;
        bool download = folder is null && variable is null;
        try
        {
            Cifar10 train = new(root, train: true, download: download), test = new(root, train: false, download: download);
            int count = Math.Min(limit ?? train.Count, train.Count), kept = validation == 0 ? 0 : count / validation;
            ImageDataset Part(Cifar10 all, int start, int length, ITransform transform) =>
                new(all.Images.Narrow(0, start, length), all.Labels.Narrow(0, start, length), all.Classes, transform);
            return new(Part(train, 0, count - kept, trainTransform), Part(train, count - kept, kept, testTransform),
                Part(test, 0, limit is null ? test.Count : Math.Min(test.Count, count / 5), testTransform),
                $"CIFAR-10 from {root}{(count < train.Count ? $", {count:N0} images of it" : "")}");
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            string why = folder is not null ? "which --data names"
                : variable is not null ? "which FACULA_DATA names" : "the cache folder, and tried to download it";
            Console.Error.WriteLine($"""
                {e.Message}
                Looked in {Path.GetFullPath(root)} ({why}) for data_batch_1.bin to data_batch_5.bin and test_batch.bin, the binary version of CIFAR-10.
                It comes from https://www.cs.toronto.edu/~kriz/cifar.html: unpack cifar-10-binary.tar.gz and name its folder with --data DIR.
                """);
            Environment.Exit(1);
            throw;
        }
    }
}

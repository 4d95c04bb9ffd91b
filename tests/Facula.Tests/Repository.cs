namespace Facula.Tests;

/// <summary>Where the tests find files: the sample that the repository carries, and the shared data that may lie beside it.</summary>
internal static class Repository
{
    /// <summary>The folder of Facula.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>MNIST's 10,000 test images, always there.</summary>
    public static string MnistSample => Path.Combine(Root, "tutorial", "data", "mnist-sample");

    /// <summary>A path in the shared data; null where that is absent.</summary>
    public static string? Shared(params string[] parts)
    {
        string path = Path.Combine([Root, "..", "shared", "data", .. parts]);
        return Path.Exists(path) ? path : null;
    }

    /// <summary>A path in the shared data; skips the test, saying so, where that is absent.</summary>
    public static string SharedOrSkip(params string[] parts)
    {
        if (Shared(parts) is { } path) return path;
        Assert.Skip($"../shared/data/{string.Join('/', parts)} is not here.");
        return "";
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Facula.slnx"))) return folder.FullName;
        }
        throw new DirectoryNotFoundException("The tests must run from within the repository.");
    }
}

/// <summary>A folder that is gone when the test is over.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("facula-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

using System.Security.Cryptography;

namespace Facula.Vision;

/// <summary>A file of a data set: its names, its checksum, and where it can be had.</summary>
/// <param name="Name">The name as published, e.g. train-images-idx3-ubyte.gz.</param>
/// <param name="Md5">The published checksum.</param>
/// <param name="Mirrors">Folders that hold it, best first.</param>
internal sealed record DataFile(string Name, string Md5, IReadOnlyList<string> Mirrors)
{
    public static InvalidDataException Invalid(string path, string why) =>
        new($"{path} {why}. The file is damaged or another one; delete it and download it again (download: true).");

    /// <summary>Where the file lies: in one of the folders, as published or unpacked; null if nowhere.</summary>
    public string? Find(params ReadOnlySpan<string> folders)
    {
        foreach (string folder in folders)
        {
            string packed = Path.Combine(folder, Name), unpacked = Path.Combine(folder, Path.GetFileNameWithoutExtension(Name));
            if (File.Exists(packed)) return packed;
            if (Name.EndsWith(".gz", StringComparison.Ordinal) && File.Exists(unpacked)) return unpacked;
        }
        return null;
    }

    public void Verify(string path)
    {
        using FileStream stream = File.OpenRead(path);
        string md5 = System.Convert.ToHexStringLower(MD5.HashData(stream));
        if (md5 != Md5) throw Invalid(path, $"has the MD5 checksum {md5}, but {Md5} is published for {Name}");
    }
}

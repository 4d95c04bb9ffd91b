using System.Security.Cryptography;

namespace Facula.Vision;

/// <summary>A file of a data set as it was published.</summary>
/// <param name="Name">The name, e.g. train-images-idx3-ubyte.gz.</param>
/// <param name="Length">Its length in bytes: more is never taken.</param>
/// <param name="Md5">The published checksum.</param>
/// <param name="Mirrors">Folders that hold it, best first.</param>
internal sealed record DataFile(string Name, long Length, string Md5, IReadOnlyList<string> Mirrors)
{
    public static InvalidDataException Invalid(string path, string why) =>
        new($"{path} {why}. The file is damaged or another one; move it away and download it again (download: true).");

    /// <summary>Where in the folder the file lies, as published or, of gzip-compressed ones, unpacked; null if nowhere.</summary>
    public string? Find(string folder)
    {
        string packed = Path.Combine(folder, Name), unpacked = Path.Combine(folder, Path.GetFileNameWithoutExtension(Name));
        return File.Exists(packed) ? packed : Path.GetExtension(Name) == ".gz" && File.Exists(unpacked) ? unpacked : null;
    }

    /// <summary>Checks what lies at a path, or only a copy of it that is open.</summary>
    /// <exception cref="InvalidDataException">It is not what was published.</exception>
    public void Verify(string path, FileStream? open = null)
    {
        using FileStream? own = open is null ? File.OpenRead(path) : null;
        FileStream stream = open ?? own!;
        if (stream.Length != Length) throw Invalid(path, $"has {stream.Length} bytes, but {Length} are published for {Name}");
        stream.Position = 0;
        string md5 = System.Convert.ToHexStringLower(MD5.HashData(stream));
        if (md5 != Md5) throw Invalid(path, $"has the MD5 checksum {md5}, but {Md5} is published for {Name}");
    }
}

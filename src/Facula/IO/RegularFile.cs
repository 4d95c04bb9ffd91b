using System.Formats.Tar;
using Microsoft.Win32.SafeHandles;

namespace Facula.IO;

/// <summary>Files that have contents of their own, as opposed to folders, devices, pipes and sockets: to open a pipe can wait for ever.</summary>
internal static class RegularFile
{
    /// <summary>Whether an existing path, not a link, is a regular file.</summary>
    public static bool Is(string path)
    {
        var info = new FileInfo(path);
        // Whatever is not regular has no length, and so have empty files.
        if (!info.Exists || info.Length > 0 || OperatingSystem.IsWindows()) return info.Exists;
        // The writer of archives is the only class of .NET that tells what a path stands for, and it does so without opening it.
        using var archive = new MemoryStream();
        try
        {
            using (var writer = new TarWriter(archive, leaveOpen: true)) writer.WriteEntry(path, "entry");
        }
        catch (IOException)
        {
            return false; // a socket, which archives cannot hold
        }
        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()?.EntryType is TarEntryType.RegularFile;
    }

    /// <summary>Opens a file, or what a link leads to, for reading; others may meanwhile read it, replace it or delete it.</summary>
    /// <exception cref="InvalidDataException">It is no regular file.</exception>
    public static SafeFileHandle OpenRead(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new InvalidDataException($"{path} is a folder, not a file.");
        if (File.Exists(path) && !Is(Follow(path))) throw new InvalidDataException($"{path} is a device, a pipe or a socket, not a file.");
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
    }

    /// <summary>The full path of what a path leads to in the end, through symbolic links; it need not exist.</summary>
    public static string Follow(string path)
    {
        string full = Path.GetFullPath(path);
        return new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
    }
}

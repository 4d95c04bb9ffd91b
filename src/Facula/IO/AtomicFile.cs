using Microsoft.Win32.SafeHandles;

namespace Facula.IO;

/// <summary>
/// The one way in which the library writes files. A file is replaced whole: whoever is killed at any instant leaves the old one or the new one, and a
/// temporary file that the next save in that folder clears away.
/// </summary>
/// <remarks>
/// The new contents are written beside the file, flushed to the disk and renamed. A symbolic link stays and what it leads to is replaced; permissions are
/// kept. Other names of the old file (hard links) keep the old contents, and the new file belongs to who writes it: both come with renaming, without which
/// a kill could leave half a file.
/// </remarks>
internal static class AtomicFile
{
    private const string Prefix = ".facula-", Suffix = ".tmp";
    private const int Attempts = 5;

    private static readonly TimeSpan Old = TimeSpan.FromDays(1);

    /// <summary>What others may do to the new file while it is written. To open it and allow nothing fails, which is how they see that
    /// its writer lives.</summary>
    private const FileShare Sharing = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>Writes a file, and the folder it lies in where that is missing.</summary>
    /// <param name="path">The file, or a link to it.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="IOException">It cannot be written, or is a folder, a device, a pipe or a socket; the old file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; the old file is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Path.EndsInDirectorySeparator(path)) throw new ArgumentException($"{path} names a folder, not a file to write.", nameof(path));
        string temporary = "";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            string target = RegularFile.Follow(path);
            UnixFileMode? mode = CheckReplaceable(target);
            string folder = Path.GetDirectoryName(target)!;
            using NewFile file = Create(folder, isPrivate: mode is not null);
            temporary = file.Path;
            ClearLeftovers(folder, file);
            write(file.Stream);
            if (mode is { } kept && !OperatingSystem.IsWindows()) File.SetUnixFileMode(file.Stream.SafeFileHandle, kept);
            file.Stream.Flush(flushToDisk: true);
            // Here and not elsewhere, because a rename across file systems is a copy.
            File.Move(temporary, target, overwrite: true);
            temporary = "";
            file.FlushName();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = temporary.Length == 0 ? e.Message : e.Message.Replace(temporary, path, StringComparison.Ordinal);
            if (!why.Contains($"'{path}'", StringComparison.Ordinal)) why = $"{path} cannot be written: {why}";
            throw e is IOException ? new IOException(why, e) { HResult = e.HResult } : new UnauthorizedAccessException(why, e);
        }
        finally
        {
            if (temporary.Length > 0) File.Delete(temporary);
        }
    }

    /// <summary>The permissions of the file to be replaced, if there is one and there are such; throws where it is no file or must not be changed.</summary>
    private static UnixFileMode? CheckReplaceable(string target)
    {
        if (Directory.Exists(target)) throw new IOException($"'{target}' is a folder, not a file to write.");
        if (!File.Exists(target)) return null;
        if (!RegularFile.Is(target)) throw new IOException($"'{target}' is a device, a pipe or a socket, which cannot be replaced; write to a file.");
        // Renaming asks for the folder's permissions alone: who may not write to the file shall not replace it either. Windows sees to that itself.
        if (OperatingSystem.IsWindows()) return null;
        using SafeFileHandle file = File.OpenHandle(target, FileMode.Open, FileAccess.Write, Sharing);
        return File.GetUnixFileMode(file);
    }

    /// <summary>
    /// Deletes what killed writers have left, whatever file it was to become. Those that live hold theirs open;
    /// where the file system does not say so of the new file either, as some of clusters do not, only what is old goes.
    /// </summary>
    private static void ClearLeftovers(string folder, NewFile file)
    {
        try
        {
            bool tellsOpen = !OpensAlone(file.Path, FileOptions.None);
            foreach (string path in Directory.EnumerateFiles(folder, Prefix + "*" + Suffix))
            {
                bool isOurs = path != file.Path && Guid.TryParseExact(Path.GetFileName(path)[Prefix.Length..^Suffix.Length], "n", out _)
                    && RegularFile.Is(path);
                if (isOurs && (tellsOpen || DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > Old)) OpensAlone(path, FileOptions.DeleteOnClose);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be listed can still be written to.
        }
    }

    /// <summary>Opens and closes a file unless somebody else has it open, or it may not be opened.</summary>
    private static bool OpensAlone(string path, FileOptions options)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.None, options).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static NewFile Create(string folder, bool isPrivate)
    {
        for (int attempt = 1; ; attempt++)
        {
            string path = Path.Combine(folder, $"{Prefix}{Guid.NewGuid():n}{Suffix}");
            try
            {
                var file = new NewFile(path, isPrivate);
                // Another writer can take it for a leftover in the moment between its creation and its being held open.
                if (File.Exists(path)) return file;
                file.Dispose();
            }
            catch (IOException) when (attempt < Attempts)
            {
            }
        }
    }

    /// <summary>The file that is to take the other's place.</summary>
    private sealed class NewFile : IDisposable
    {
        /// <summary>
        /// Kept open until the file has its name. Handles that only read are locked on network drives too, those that write are not.
        /// </summary>
        private readonly SafeFileHandle _held;

        public NewFile(string path, bool isPrivate)
        {
            Path = path;
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = Sharing, BufferSize = 1 << 20 };
            // What replaces a file that others may not read must never be readable to them.
            if (isPrivate && !OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Stream = new(path, options);
            try
            {
                _held = File.OpenHandle(path, FileMode.Open, FileAccess.Read, Sharing);
            }
            catch
            {
                Stream.Dispose();
                throw;
            }
        }

        public string Path { get; }
        public FileStream Stream { get; }

        /// <summary>
        /// Has the file's new name on the disk as well. .NET opens no folders; but file systems that keep a journal write with a file what was done to it
        /// before, its renaming included. Windows does so by itself.
        /// </summary>
        public void FlushName()
        {
            if (!OperatingSystem.IsWindows()) RandomAccess.FlushToDisk(_held);
        }

        public void Dispose()
        {
            Stream.Dispose();
            _held.Dispose();
        }
    }
}

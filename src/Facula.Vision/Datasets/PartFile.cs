namespace Facula.Vision;

/// <summary>
/// A file in the making: it lies beside its place as .part, only one process at a time has it, and it gets its name when it is whole. It
/// never takes the place of another file, and is never written through a link.
/// </summary>
internal sealed class PartFile : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly string _target;
    private readonly string _part;
    private bool _isComplete;

    private PartFile(string target, string part, FileStream stream) => (_target, _part, Stream) = (target, part, stream);

    /// <summary>What is there so far, of an earlier attempt too; open for reading and writing.</summary>
    public FileStream Stream { get; }

    /// <summary>Opens the file that is to become the target. Waits for another process that is at it; null if the target is there by then.</summary>
    /// <exception cref="IOException">It cannot be written; the message says why.</exception>
    public static PartFile? Open(string target, CancellationToken cancellation)
    {
        string part = target + ".part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var there = new FileInfo(part);
                if (there.LinkTarget is not null) throw new IOException($"{part} is a link, through which nothing is written; remove it.");
                // A new one is never made through a link that has come meanwhile.
                FileMode mode = there.Exists ? FileMode.Open : FileMode.CreateNew;
                try
                {
                    // Where it can be, it is still held when it is renamed; elsewhere that takes the others' leave to delete.
                    var file = new PartFile(target, part,
                        new FileStream(part, mode, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None));
                    if (File.Exists(target))
                    {
                        file.Dispose();
                        return null;
                    }
                    if (file.IsAtItsPlace()) return file;
                    file.Stream.Dispose();
                }
                catch (FileNotFoundException) when (mode == FileMode.Open)
                {
                    // Whoever had it is done with it.
                }
                catch (IOException e) when (IsTaken(e) || (mode == FileMode.CreateNew && IsThere(e) && !Directory.Exists(part)))
                {
                    cancellation.WaitHandle.WaitOne(Patience);
                }
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{part} cannot be written: {e.Message}", e);
        }
    }

    // ERROR_SHARING_VIOLATION; EWOULDBLOCK of Linux and of macOS.
    private static bool IsTaken(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 32 : e.HResult is 11 or 35;

    // ERROR_FILE_EXISTS, ERROR_ALREADY_EXISTS; EEXIST. The error is asked, not the folder: by now another may have given the file its name.
    private static bool IsThere(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 80 or 183 : e.HResult == 17;

    /// <summary>
    /// Whether the path leads to this file. An empty one may have been deleted by who had it before, between its being opened and held here; the path
    /// then leads nowhere, or to another's. A time is written through the one and read through the other: even seconds, which every file system keeps.
    /// </summary>
    private bool IsAtItsPlace()
    {
        if (Stream.Length > 0) return true;
        DateTime mark = DateTime.UnixEpoch.AddYears(20).AddSeconds(2L * Random.Shared.Next(1 << 28));
        File.SetLastWriteTimeUtc(Stream.SafeFileHandle, mark);
        return File.GetLastWriteTimeUtc(_part) == mark;
    }

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="IOException">Another file has got it meanwhile.</exception>
    public void Complete()
    {
        Stream.Flush(flushToDisk: true);
        File.Move(_part, _target);
        _isComplete = true;
    }

    /// <summary>Lets go of the file. What has come so far stays for the next attempt.</summary>
    public void Dispose()
    {
        if (!_isComplete && Stream.Length == 0) File.Delete(_part);
        Stream.Dispose();
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using Facula.IO;

namespace Facula.Tests.IO;

/// <summary>Replacing a file: nothing is left behind, and of what is there only the contents change.</summary>
public sealed class AtomicFileTests
{
    private const string KilledVariable = "FACULA_WRITE_UNTIL_KILLED";
    private const int KilledBytes = 4 << 20;

    private static readonly byte[] Old = [1, 2, 3], New = [4, 5, 6, 7];

    private static void Write(string path, byte[] bytes) => AtomicFile.Write(path, stream => stream.Write(bytes));

    private static string[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static void SkipOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such permissions, and links only for some users.");

    [Fact]
    public void Failed_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("c", Old);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[3_000_000]);
            throw new InvalidOperationException();
        }));
        Assert.Equal(Old, File.ReadAllBytes(path));
        Assert.Equal(["c"], Names(folder.Path));
    }

    [Fact]
    public void Permissions_are_kept_and_never_wider_meanwhile()
    {
        SkipOnWindows();
        using var folder = new TemporaryFolder();
        string path = folder.Write("secret", Old), plain = folder.File("plain"), usual = folder.Write("usual", Old);
        foreach (UnixFileMode mode in (UnixFileMode[])[UnixFileMode.UserRead | UnixFileMode.UserWrite, (UnixFileMode)0b110_100_100, (UnixFileMode)0b111_111_111,
            (UnixFileMode)0b110_110_000])
        {
#pragma warning disable CA1416 // skipped on Windows
            File.SetUnixFileMode(path, mode);
            AtomicFile.Write(path, stream =>
            {
                stream.Write(New);
                string temporary = Assert.Single(Directory.GetFiles(folder.Path, "*.tmp"));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(temporary));
            });
            Assert.Equal(mode, File.GetUnixFileMode(path));
        }
        // A new file gets what any new file gets.
        Write(plain, New);
        Assert.Equal(File.GetUnixFileMode(usual), File.GetUnixFileMode(plain));
#pragma warning restore CA1416
    }

    [Fact]
    public void Links_stay_and_what_they_lead_to_is_replaced()
    {
        SkipOnWindows();
        using TemporaryFolder folder = new(), elsewhere = new();
        string target = elsewhere.Write("target", Old), link = folder.File("link"), second = folder.File("second"), dangling = folder.File("dangling");
        File.CreateSymbolicLink(link, target);
        File.CreateSymbolicLink(second, "link");
        File.CreateSymbolicLink(dangling, elsewhere.File("new"));
        Write(second, New);
        Write(dangling, New);
        Assert.Equal(New, File.ReadAllBytes(target));
        Assert.Equal(New, File.ReadAllBytes(elsewhere.File("new")));
        Assert.Equal((target, "link"), (new FileInfo(link).LinkTarget, new FileInfo(second).LinkTarget));
        Assert.Equal(["new", "target"], Names(elsewhere.Path));
        File.CreateSymbolicLink(folder.File("round"), "round");
        Assert.Contains(folder.File("round"), Assert.Throws<IOException>(() => Write(folder.File("round"), New)).Message);
        File.CreateSymbolicLink(folder.File("nowhere"), elsewhere.File("no/such"));
        Assert.Contains(folder.File("nowhere"), Assert.Throws<IOException>(() => Write(folder.File("nowhere"), New)).Message);
        // A link to a folder is a folder.
        File.CreateSymbolicLink(folder.File("folder"), elsewhere.Path);
        Assert.Contains("folder", Assert.Throws<IOException>(() => Write(folder.File("folder"), New)).Message);
    }

    [Theory, InlineData("/dev/null"), InlineData("/dev/full"), InlineData("/dev/stdout")]
    public void Devices_are_refused_and_stay(string device)
    {
        if (!File.Exists(device)) Assert.Skip($"{device} is not here.");
        Assert.SkipWhen(device == "/dev/stdout" && RegularFile.Is(RegularFile.Follow(device)), "The output goes to a file.");
        Assert.Contains(device, Assert.Throws<IOException>(() => Write(device, New)).Message);
        Assert.True(File.Exists(device));
    }

    [Fact]
    public void Pipes_and_folders_are_refused_and_stay()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("folder", Assert.Throws<IOException>(() => Write(folder.Path, New)).Message);
        Assert.Contains("folder", Assert.Throws<ArgumentException>(() => Write(folder.Path + Path.DirectorySeparatorChar, New)).Message);
        Assert.Throws<ArgumentException>(() => Write("", New));
        Assert.Throws<ArgumentNullException>(() => Write(null!, New));
        if (!File.Exists("/usr/bin/mkfifo")) return;
        string pipe = folder.File("pipe");
        using (var make = Process.Start("/usr/bin/mkfifo", pipe)) make.WaitForExit();
        Assert.Contains("pipe", Assert.Throws<IOException>(() => Write(pipe, New)).Message);
        Assert.Contains("pipe", Assert.Throws<InvalidDataException>(() => SafeTensors.Open(pipe)).Message);
        Assert.Equal(["pipe"], Names(folder.Path));
    }

    [Fact]
    public void Sockets_and_files_in_use_are_refused_and_stay()
    {
        SkipOnWindows();
        using var folder = new TemporaryFolder();
        string path = folder.File("socket");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            Assert.Contains(path, Assert.Throws<IOException>(() => Write(path, New)).Message);
            Assert.Contains(path, Assert.Throws<IOException>(() => SafeTensors.Open(path)).Message);
            // Closing it deletes it.
            Assert.Equal(["socket"], Names(folder.Path));
        }
        string used = folder.File("used");
        using (new FileStream(used, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            Assert.Contains("another process", Assert.Throws<IOException>(() => Write(used, New)).Message);
            Assert.Contains("another process", Assert.Throws<IOException>(() => SafeTensors.Open(used)).Message);
        }
        Assert.Equal(["used"], Names(folder.Path));
    }

    [Fact]
    public void A_file_that_may_not_be_written_is_not_replaced()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("fixed", Old);
        File.SetAttributes(path, FileAttributes.ReadOnly);
        try
        {
            Assert.SkipWhen(Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows(), "root may write to every file.");
            Assert.Contains(path, Assert.Throws<UnauthorizedAccessException>(() => Write(path, New)).Message);
            Assert.Equal(Old, File.ReadAllBytes(path));
            Assert.Equal(["fixed"], Names(folder.Path));
        }
        finally
        {
            File.SetAttributes(path, FileAttributes.Normal);
        }
    }

    [Fact]
    public void Folders_are_made_and_names_of_any_length_work()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "a", "b", new string('x', 255));
        Write(path, New);
        Write(path, Old);
        Assert.Equal(Old, File.ReadAllBytes(path));
        string longer = Path.Combine(folder.Path, new string('x', 256));
        string message = Assert.Throws<IOException>(() => Write(longer, New)).Message;
        Assert.Contains(longer, message);
        Assert.DoesNotContain(".tmp", message);
        Assert.Equal(["a"], Names(folder.Path));
        string below = Path.Combine(folder.Write("file", Old), "c");
        Assert.Contains(below, Assert.Throws<IOException>(() => Write(below, New)).Message);
    }

    [Fact]
    public void An_error_names_the_file_that_was_asked_for()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("c"), temporary = "";
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            temporary = Assert.Single(Directory.GetFiles(folder.Path));
            throw new IOException($"No space left on device : '{temporary}'");
        }));
        Assert.Contains($"'{path}'", error.Message);
        Assert.DoesNotContain(Path.GetFileName(temporary), error.Message);
        Assert.Empty(Names(folder.Path));
    }

    [Fact]
    public void Leftovers_of_the_dead_go_and_those_of_the_living_stay()
    {
        using var folder = new TemporaryFolder();
        string dead = folder.Write($".facula-{Guid.NewGuid():n}.tmp", Old);
        folder.Write(".facula-notes.tmp", Old);
        AtomicFile.Write(folder.File("outer"), outer =>
        {
            string living = Assert.Single(Directory.GetFiles(folder.Path), path => Path.GetFileName(path) != ".facula-notes.tmp");
            Assert.False(File.Exists(dead));
            Write(folder.File("inner"), Old);
            Assert.True(File.Exists(living));
            outer.Write(New);
        });
        Assert.Equal(New, File.ReadAllBytes(folder.File("outer")));
        Assert.Equal([".facula-notes.tmp", "inner", "outer"], Names(folder.Path));
    }

    [Fact]
    public void Any_number_of_writers_and_readers_see_whole_files_only()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("c");
        Write(path, new byte[100_000]);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            for (int i = 0; i < 30; i++)
            {
                if (worker < 4)
                {
                    byte[] mine = new byte[100_000];
                    mine.AsSpan().Fill((byte)worker);
                    Write(path, mine);
                }
                else
                {
                    byte[] read = File.ReadAllBytes(path);
                    Assert.Equal(100_000, read.Length);
                    Assert.False(read.AsSpan().ContainsAnyExcept(read[0]));
                }
            }
        });
        Assert.Equal(["c"], Names(folder.Path));
    }

    [Fact]
    public void A_full_disk_leaves_the_old_file()
    {
        using var folder = new TemporaryFolder();
        string mount = folder.File("small");
        Directory.CreateDirectory(mount);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount) == 0,
            "A small file system can be mounted by root on Linux only.");
        try
        {
            string path = Path.Combine(mount, "c");
            Write(path, Old);
            IOException error = Assert.Throws<IOException>(() => Write(path, new byte[8 << 20]));
            Assert.Contains($"'{path}'", error.Message);
            Assert.DoesNotContain(".tmp", error.Message);
            Assert.Equal(Old, File.ReadAllBytes(path));
            Assert.Equal(["c"], Names(mount));
        }
        finally
        {
            Run("umount", mount);
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    [Fact, Trait("Starts", "processes")]
    public async Task Killed_at_any_instant_leaves_one_whole_file_and_nothing_after_the_next()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("c");
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        int leftovers = 0, seed = Environment.TickCount;
        var random = new Random(seed);
        for (int kill = 0; kill < 6; kill++)
        {
            File.Delete(path);
            using Process child = TestProcess.Start(new Dictionary<string, string> { [KilledVariable] = path }, "-method", $"*.{nameof(Writes_until_killed)}");
            var clock = Stopwatch.StartNew();
            while (!File.Exists(path) && clock.Elapsed < TimeSpan.FromSeconds(60)) await Task.Delay(1, cancellation);
            await Task.Delay(random.Next(25), cancellation);
            child.Kill();
            await child.WaitForExitAsync(cancellation);
            byte[] read = File.ReadAllBytes(path);
            Assert.True(read.Length == KilledBytes && !read.AsSpan().ContainsAnyExcept(read[0]), $"kill {kill} of seed {seed}: half a file");
            leftovers += Names(folder.Path).Length - 1;
            Write(folder.File("c"), Old);
            Assert.Equal(["c"], Names(folder.Path));
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"{leftovers} leftovers cleared, seed {seed}");
    }

    /// <summary>In a child: writes over and over. Otherwise nothing.</summary>
    [Fact]
    public void Writes_until_killed()
    {
        if (Environment.GetEnvironmentVariable(KilledVariable) is not { } path) return;
        var bytes = new byte[KilledBytes];
        var clock = Stopwatch.StartNew();
        for (byte i = 0; clock.Elapsed < TimeSpan.FromSeconds(60); i++)
        {
            bytes.AsSpan().Fill(i);
            Write(path, bytes);
        }
    }
}

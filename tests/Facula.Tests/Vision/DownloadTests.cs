using System.Net;
using System.Security.Cryptography;
using Facula.Vision;

namespace Facula.Tests.Vision;

/// <summary>Against a small server in this process, on the loopback address.</summary>
public class DownloadTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];

    private static DataFile FileAt(params string[] mirrors) => new("data.bin", Content.Length, Convert.ToHexStringLower(MD5.HashData(Content)), mirrors);

    private static string Fetch(TemporaryFolder folder, params string[] mirrors) =>
        Downloader.Fetch(FileAt(mirrors), folder.Path, cancellation: TestContext.Current.CancellationToken);

    private static string Failure(TemporaryFolder folder, params string[] mirrors) => Assert.Throws<IOException>(() => Fetch(folder, mirrors)).Message;

    [Fact]
    public void Fetch_takes_the_second_mirror_when_the_first_fails_and_reports_progress()
    {
        using var folder = new TemporaryFolder();
        using var server = new Server(Content);
        long received = 0;
        string path = Downloader.Fetch(FileAt(server.Address + "missing/", server.Address), folder.Path, new Immediate(p => received = p.Received),
            TestContext.Current.CancellationToken);
        Assert.Equal(Content, File.ReadAllBytes(path));
        Assert.Equal(Content.Length, received);
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Fetch_continues_what_an_earlier_attempt_left()
    {
        using var folder = new TemporaryFolder();
        using var server = new Server(Content);
        folder.Write("data.bin.part", Content[..60_000]);
        Assert.Equal(Content, File.ReadAllBytes(Fetch(folder, server.Address)));
        Assert.Equal(40_000, server.Sent);
    }

    [Fact]
    public void Fetch_never_takes_a_wrong_or_half_file_for_whole()
    {
        using var folder = new TemporaryFolder();
        using (var wrong = new Server([.. Content[1..], 1])) Assert.Contains("MD5", Failure(folder, wrong.Address));
        using (var longer = new Server([.. Content, 1])) Assert.Contains("100001", Failure(folder, longer.Address));
        using (var shorter = new Server(Content[1..])) Assert.Contains("99999", Failure(folder, shorter.Address));
        Assert.Empty(Directory.GetFiles(folder.Path));

        using var cut = new Server(Content) { CutAfter = 30_000 };
        Failure(folder, cut.Address);
        Assert.Equal([folder.File("data.bin.part")], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Fetch_takes_no_more_than_was_published()
    {
        using var folder = new TemporaryFolder();
        using var endless = new Server(new byte[1_000_000]) { SaysLength = false };
        Assert.Contains("MD5", Failure(folder, endless.Address));
        Assert.Empty(Directory.GetFiles(folder.Path));
        Assert.Equal(Content, File.ReadAllBytes(Fetch(folder, new Server(Content) { SaysLength = false }.Address)));
    }

    [Fact]
    public void Fetch_starts_anew_where_what_was_left_is_of_no_use()
    {
        foreach (int left in new[] { 60_000, Content.Length, Content.Length + 5 })
        {
            using var folder = new TemporaryFolder();
            using var server = new Server(Content);
            folder.Write("data.bin.part", new byte[left]);
            Assert.Equal(Content, File.ReadAllBytes(Fetch(folder, server.Address)));
        }
        using var other = new TemporaryFolder();
        using var shifted = new Server(Content) { Shift = 1 };
        other.Write("data.bin.part", Content[..60_000]);
        Assert.Equal(Content, File.ReadAllBytes(Fetch(other, shifted.Address)));
    }

    [Fact]
    public void Fetch_follows_redirects_on_the_web_only()
    {
        using var folder = new TemporaryFolder();
        string secret = folder.Write("secret", Content);
        using (var local = new Server(Content) { Location = new Uri(secret).AbsoluteUri }) Assert.Contains("not followed", Failure(folder, local.Address));
        using (var ftp = new Server(Content) { Location = "ftp://127.0.0.1/data.bin" }) Assert.Contains("not followed", Failure(folder, ftp.Address));
        using (var round = new Server(Content) { Location = "/data.bin" }) Assert.Contains("redirects more than", Failure(folder, round.Address));
        Assert.Equal([secret], Directory.GetFiles(folder.Path));
        using var there = new Server(Content);
        using var here = new Server([]) { Location = there.Address + "data.bin" };
        Assert.Equal(Content, File.ReadAllBytes(Fetch(folder, here.Address)));
    }

    [Fact]
    public void Fetch_never_writes_through_a_link_or_over_another_file()
    {
        using var folder = new TemporaryFolder();
        using var server = new Server(Content);
        string precious = folder.Write("precious", [1, 2, 3]);
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(folder.File("data.bin.part"), precious);
            Assert.Contains("is a link", Failure(folder, server.Address));
            Assert.Equal([1, 2, 3], File.ReadAllBytes(precious));
            File.Delete(folder.File("data.bin.part"));
        }
        Directory.CreateDirectory(folder.File("data.bin.part"));
        Assert.Contains("data.bin.part", Failure(folder, server.Address));
        Directory.Delete(folder.File("data.bin.part"));
        // What is there is another process's, which was quicker.
        File.WriteAllBytes(folder.File("data.bin"), [4]);
        Assert.Equal([4], File.ReadAllBytes(Fetch(folder, server.Address)));
    }

    [Fact]
    public void Fetch_says_that_a_folder_cannot_be_written()
    {
        using var folder = new TemporaryFolder();
        using var server = new Server(Content);
        Assert.Contains(folder.Path,
            Assert.ThrowsAny<IOException>(() => Downloader.Fetch(FileAt(server.Address), Path.Combine(folder.Write("file", [1]), "in"),
                cancellation: TestContext.Current.CancellationToken)).Message);
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess) return;
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Contains("data.bin", Failure(folder, server.Address));
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Several_that_fetch_the_same_file_get_it_once()
    {
        using var folder = new TemporaryFolder();
        using var server = new Server(Content);
        // Threads of their own: waiting ones on those of the pool would leave none to the one that reads.
        string[] paths = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(() => Fetch(folder, server.Address),
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.All(paths, path => Assert.Equal(Content, File.ReadAllBytes(path)));
        Assert.Equal(Content.Length, server.Sent);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Fetch_gives_up_soon_where_nobody_listens()
    {
        using var folder = new TemporaryFolder();
        var e =
            Assert.Throws<IOException>(() => Downloader.Fetch(FileAt("http://127.0.0.1:1/"), folder.Path, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("data.bin", e.Message);
        Assert.Contains("127.0.0.1:1", e.Message);
    }

    private sealed class Immediate(Action<DownloadProgress> report) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => report(value);
    }

    private sealed class Server : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly byte[] _content;

        public Server(byte[] content)
        {
            _content = content;
            Address = $"http://127.0.0.1:{FreePort()}/";
            _listener.Prefixes.Add(Address);
            _listener.Start();
            new Thread(Serve) { IsBackground = true }.Start();
        }

        public string Address { get; }
        public int Sent { get; private set; }
        public int? CutAfter { get; init; }
        public string? Location { get; init; }
        public bool SaysLength { get; init; } = true;
        /// <summary>How far beyond the place that it was asked for it begins.</summary>
        public int Shift { get; init; }

        private static int FreePort()
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        private void Serve()
        {
            try
            {
                while (true) Answer(_listener.GetContext());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over.
            }
        }

        private void Answer(HttpListenerContext context)
        {
            using HttpListenerResponse response = context.Response;
            if (context.Request.Url!.AbsolutePath != "/data.bin")
            {
                response.StatusCode = 404;
                return;
            }
            if (Location is not null)
            {
                response.Redirect(Location);
                return;
            }
            int start = 0;
            if (context.Request.Headers["Range"] is { } range)
            {
                start = int.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture) + Shift;
                response.StatusCode = 206;
                response.Headers["Content-Range"] = $"bytes {start}-{_content.Length - 1}/{_content.Length}";
            }
            if (SaysLength) response.ContentLength64 = _content.Length - start;
            int count = Math.Min(_content.Length - start, CutAfter ?? int.MaxValue);
            try
            {
                response.OutputStream.Write(_content, start, count);
            }
            catch (HttpListenerException)
            {
                // The other side has had enough.
                return;
            }
            Sent += count;
            if (CutAfter is not null) response.Abort();
        }

        public void Dispose() => _listener.Close();
    }
}

using System.Net;
using System.Security.Cryptography;
using Facula.Vision;

namespace Facula.Tests.Vision;

/// <summary>Against a small server in this process, on the loopback address.</summary>
public class DownloadTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];

    private static DataFile FileAt(params string[] mirrors) => new("data.bin", Convert.ToHexStringLower(MD5.HashData(Content)), mirrors);

    [Fact]
    public void Fetch_takes_the_second_mirror_when_the_first_fails_and_reports_progress()
    {
        using var folder = new TemporaryFolder();
        using var server = new Server(Content);
        long received = 0;
        string path = Downloader.Fetch(FileAt(server.Address + "missing/", server.Address), folder.Path, new Immediate(p => received = p.Received), TestContext.Current.CancellationToken);
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
        Assert.Equal(Content, File.ReadAllBytes(Downloader.Fetch(FileAt(server.Address), folder.Path, cancellation: TestContext.Current.CancellationToken)));
        Assert.Equal(40_000, server.Sent);
    }

    [Fact]
    public void Fetch_never_takes_a_wrong_or_half_file_for_whole()
    {
        using var folder = new TemporaryFolder();
        using var wrong = new Server([.. Content, 1]);
        var e = Assert.Throws<IOException>(() => Downloader.Fetch(FileAt(wrong.Address), folder.Path, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("MD5", e.Message);
        Assert.Empty(Directory.GetFiles(folder.Path));

        using var cut = new Server(Content) { CutAfter = 30_000 };
        Assert.Throws<IOException>(() => Downloader.Fetch(FileAt(cut.Address), folder.Path, cancellation: TestContext.Current.CancellationToken));
        Assert.False(File.Exists(folder.File("data.bin")));
    }

    [Fact]
    public void Fetch_gives_up_soon_where_nobody_listens()
    {
        using var folder = new TemporaryFolder();
        var e = Assert.Throws<IOException>(() => Downloader.Fetch(FileAt("http://127.0.0.1:1/"), folder.Path, cancellation: TestContext.Current.CancellationToken));
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
            int start = 0;
            if (context.Request.Headers["Range"] is { } range)
            {
                start = int.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
                response.StatusCode = 206;
                response.Headers["Content-Range"] = $"bytes {start}-{_content.Length - 1}/{_content.Length}";
            }
            response.ContentLength64 = _content.Length - start;
            int count = Math.Min(_content.Length - start, CutAfter ?? int.MaxValue);
            response.OutputStream.Write(_content, start, count);
            Sent += count;
            if (CutAfter is not null) response.Abort();
        }

        public void Dispose() => _listener.Close();
    }
}

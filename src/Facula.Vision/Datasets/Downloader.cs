using System.Net;
using System.Net.Http.Headers;

namespace Facula.Vision;

/// <summary>How far a download has come.</summary>
public sealed record DownloadProgress
{
    /// <summary>The file's name.</summary>
    public required string File { get; init; }

    /// <summary>Bytes so far, those of an earlier attempt included.</summary>
    public required long Received { get; init; }

    /// <summary>Bytes in all, where that is known.</summary>
    public long? Total { get; init; }
}

/// <summary>
/// Fetches published files. What has come is kept beside the target as .part and continued next time; only a file whose length and checksum are
/// right gets its name. Servers are not trusted: no more is taken than was published, and no redirect is followed but to a server as safe.
/// </summary>
internal static class Downloader
{
    private const int MostRedirects = 5;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(20);

    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        ConnectTimeout = ConnectTimeout,
        AutomaticDecompression = DecompressionMethods.None,
        AllowAutoRedirect = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Downloads the file into the folder, unless another process has done so meanwhile, and gives its path.</summary>
    /// <exception cref="IOException">No mirror gave the file, or the folder cannot be written; the message has the reasons.</exception>
    public static string Fetch(DataFile file, string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        string target = Path.Combine(folder, file.Name);
        using PartFile? part = PartFile.Open(target, cancellation);
        if (part is null) return target;
        var reasons = new List<string>();
        foreach (string mirror in file.Mirrors)
        {
            // What an earlier attempt has left may be of no use: then the mirror is asked once more, for all of it.
            for (bool again = true; again;)
            {
                again = false;
                bool continues = part.Stream.Length > 0;
                try
                {
                    FetchFrom(new Uri(mirror + file.Name), file, part.Stream, progress, cancellation).GetAwaiter().GetResult();
                    file.Verify(target, part.Stream);
                    part.Complete();
                    return target;
                }
                catch (InvalidDataException e)
                {
                    part.Stream.SetLength(0);
                    if (!(again = continues)) reasons.Add($"{mirror}: {e.Message}");
                }
                catch (Exception e) when (e is HttpRequestException or IOException
                    || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
                {
                    reasons.Add($"{mirror}: {(e is OperationCanceledException ? $"nothing came for {StallTimeout.TotalSeconds} seconds." : e.Message)}");
                }
            }
        }
        throw new IOException($"{file.Name} could not be downloaded to {folder}. {string.Join(" ", reasons)} Put the file there by hand, or try again later.");
    }

    /// <summary>Completes what is in the target.</summary>
    private static async Task FetchFrom(Uri address, DataFile file, FileStream target, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        if (target.Length > file.Length) target.SetLength(0);
        long have = target.Length;
        if (have == file.Length) return;
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(StallTimeout);
        using HttpResponseMessage response = await Ask(address, have, stall.Token).ConfigureAwait(false);
        if (have > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            throw new InvalidDataException($"it has no more than {have} bytes.");
        response.EnsureSuccessStatusCode();
        if (response.StatusCode != HttpStatusCode.PartialContent) have = 0;
        else if (response.Content.Headers.ContentRange?.From != have)
            throw new InvalidDataException($"it was asked for what follows the first {have} bytes, and sends something else.");
        if (response.Content.Headers.ContentLength + have is { } total && total != file.Length)
            throw new InvalidDataException($"it has a file of {total} bytes, but {file.Length} are published for {file.Name}.");

        using Stream source = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
        target.SetLength(have);
        target.Position = have;
        var buffer = new byte[1 << 16];
        while (have < file.Length)
        {
            int read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, file.Length - have)), stall.Token).ConfigureAwait(false);
            if (read == 0) throw new IOException($"the connection ended after {have} of {file.Length} bytes.");
            stall.CancelAfter(StallTimeout);
            await target.WriteAsync(buffer.AsMemory(0, read), stall.Token).ConfigureAwait(false);
            have += read;
            progress?.Report(new() { File = file.Name, Received = have, Total = file.Length });
        }
    }

    /// <summary>Asks for the file from a byte on, wherever servers say it is, as long as that is on the web and no less safe than where they say it.</summary>
    private static async Task<HttpResponseMessage> Ask(Uri address, long from, CancellationToken cancellation)
    {
        for (int redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location) return response;
            response.Dispose();
            var next = new Uri(address, location);
            if (next.Scheme != Uri.UriSchemeHttps && (next.Scheme != Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
                throw new HttpRequestException($"{address} redirects to {next}, which is not followed: it is not on the web or less safe.");
            address = next;
        }
        throw new HttpRequestException($"it redirects more than {MostRedirects} times.");
    }
}

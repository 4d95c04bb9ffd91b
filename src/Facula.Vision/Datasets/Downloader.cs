using System.Net;
using System.Net.Http.Headers;

namespace Facula.Vision;

/// <summary>How far a download has come.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Received">Bytes so far, those of an earlier attempt included.</param>
/// <param name="Total">Bytes in all, if the server says.</param>
public readonly record struct DownloadProgress(string File, long Received, long? Total);

/// <summary>
/// Fetches published files. What has come is kept beside the target as .part and continued next time; only a file whose checksum is right
/// gets its name.
/// </summary>
internal static class Downloader
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(20);

    private static readonly HttpClient Client = new(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, AutomaticDecompression = DecompressionMethods.None })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <exception cref="IOException">No mirror gave the file; the message has the reason of each.</exception>
    public static string Fetch(DataFile file, string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        string target = Path.Combine(folder, file.Name), part = target + ".part";
        Directory.CreateDirectory(folder);
        var reasons = new List<string>();
        foreach (string mirror in file.Mirrors)
        {
            try
            {
                FetchFrom(new Uri(mirror + file.Name), file, part, progress, cancellation).GetAwaiter().GetResult();
                try
                {
                    file.Verify(part);
                }
                catch (InvalidDataException)
                {
                    File.Delete(part);
                    throw;
                }
                File.Move(part, target, overwrite: true);
                return target;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or TimeoutException
                || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                reasons.Add($"{mirror}: {e.Message}");
            }
        }
        throw new IOException($"{file.Name} could not be downloaded to {folder}. {string.Join(" ", reasons)} Put the file there by hand, or try again later.");
    }

    private static async Task FetchFrom(Uri address, DataFile file, string part, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        long have = File.Exists(part) ? new FileInfo(part).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (have > 0) request.Headers.Range = new RangeHeaderValue(have, null);
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(StallTimeout);
        using HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
        // All of it was there already: the checksum decides.
        if (have > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return;
        response.EnsureSuccessStatusCode();
        bool continues = response.StatusCode == HttpStatusCode.PartialContent;
        if (!continues) have = 0;
        long? total = response.Content.Headers.ContentLength + have;

        using Stream source = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
        using var target = new FileStream(part, continues ? FileMode.Append : FileMode.Create, FileAccess.Write);
        var buffer = new byte[1 << 16];
        int read;
        while ((read = await source.ReadAsync(buffer, stall.Token).ConfigureAwait(false)) > 0)
        {
            stall.CancelAfter(StallTimeout);
            await target.WriteAsync(buffer.AsMemory(0, read), stall.Token).ConfigureAwait(false);
            have += read;
            progress?.Report(new(file.Name, have, total));
        }
        if (total is { } expected && have < expected) throw new IOException($"the connection ended after {have} of {expected} bytes.");
    }
}

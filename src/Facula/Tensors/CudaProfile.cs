using System.Globalization;
using System.Text;
using Facula.Backends.Cuda;

namespace Facula;

/// <summary>
/// What a GPU has done between <see cref="Cuda.Profile"/> and <see cref="Dispose"/>: time, launches and bytes by operation, and the most memory that was in
/// use. As text it is a table, the longest first. torch.profiler.profile.key_averages.
/// </summary>
public sealed class CudaProfile : IDisposable
{
    private readonly LaunchRecorder _recorder;

    internal CudaProfile(LaunchRecorder recorder) => _recorder = recorder;

    /// <summary>By operation, the longest first; nothing before <see cref="Dispose"/>.</summary>
    public IReadOnlyList<CudaProfileEntry> Entries { get; private set; } = [];

    /// <summary>Kernels that were launched.</summary>
    public int Launches => Entries.Sum(entry => entry.Launches);

    /// <summary>Milliseconds of the GPU in all kernels.</summary>
    public double Milliseconds => Entries.Sum(entry => entry.Milliseconds);

    /// <summary>Bytes that tensors used at most.</summary>
    public long PeakAllocated => _recorder.PeakAllocated;

    /// <summary>Waits for the GPU and adds up what it has done. Twice is fine.</summary>
    /// <exception cref="CudaException">The GPU has failed.</exception>
    public void Dispose()
    {
        _recorder.Stop();
        Entries = [.. _recorder.Sums.Select(Entry).OrderByDescending(entry => entry.Milliseconds).ThenBy(entry => entry.Operation, StringComparer.Ordinal)];
    }

    private static CudaProfileEntry Entry(KeyValuePair<string, (int Launches, double Milliseconds, long Bytes)> sum) => new()
    {
        Operation = sum.Key,
        Launches = sum.Value.Launches,
        Milliseconds = sum.Value.Milliseconds,
        Bytes = sum.Value.Bytes,
    };

    /// <summary>A table: operation, launches, milliseconds in all, microseconds a launch, gigabytes a second.</summary>
    public override string ToString()
    {
        int width = Math.Max("operation".Length, Entries.Select(entry => entry.Operation.Length).DefaultIfEmpty().Max());
        CultureInfo culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        text.Append(culture, $"{"operation".PadRight(width)}  launches         ms  us/launch    GB/s\n");
        foreach (CudaProfileEntry entry in Entries)
        {
            double speed = entry.Milliseconds > 0 ? entry.Bytes / entry.Milliseconds / 1e6 : 0;
            text.Append(culture, $"{entry.Operation.PadRight(width)}  {entry.Launches,8}  {entry.Milliseconds,9:F3}  ");
            text.Append(culture, $"{1000 * entry.Milliseconds / entry.Launches,9:F1}  {speed,6:F0}\n");
        }
        text.Append(culture, $"{"all".PadRight(width)}  {Launches,8}  {Milliseconds,9:F3}  peak {PeakAllocated / 1e6:F1} MB\n");
        return text.ToString();
    }
}

/// <summary>What a GPU has done for one operation.</summary>
public sealed record CudaProfileEntry
{
    /// <summary>Its name.</summary>
    public required string Operation { get; init; }

    /// <summary>Kernels that were launched for it.</summary>
    public required int Launches { get; init; }

    /// <summary>Milliseconds of the GPU, in all.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>Bytes of the elements of the tensors that the kernels were given.</summary>
    public required long Bytes { get; init; }
}

using System.Diagnostics;
using System.Globalization;
using Facula.Backends.Cuda;

namespace Facula.GpuCheck;

/// <summary>How fast, beside PyTorch.</summary>
internal static class SpeedPart
{
    private const string Part = "speed";
    private const int Samples = 25;

    /// <summary>A sample has so many calls as take this long, so that waiting for the device once does not count.</summary>
    private const double LeastSampleMilliseconds = 2;

    public static void Run(Options options, Device device, Report report)
    {
        SpeedCase[] wanted = [.. SpeedCases.All.Where(c => options.Includes(Part, c.Name))];
        if (wanted.Length == 0) return;
        report.Begin(Part);
        Generator.Seed(options.Seed);
        foreach (SpeedCase c in wanted)
        {
            report.Run(Part, c.Name, () =>
            {
                SpeedResult result = Measure(c, device);
                report.Speeds.Add(result);
                Report.Say($"  {Describe(result)}");
                return [];
            });
        }
        report.End(Part);
        Peer.Run(options, report);
    }

    private static SpeedResult Measure(SpeedCase c, Device device)
    {
        // Only a GPU of NVIDIA's is timed.
        var backend = (CudaBackend)device.Backend;
        backend.AllowTf32 = c.AllowsTf32;
        try
        {
            device.Memory.Trim();
            device.Memory.ResetPeak();
            Action action = c.Setup(device);
            // Compiles its kernels, and fills the allocator.
            for (int i = 0; i < 3; i++) action();
            double once = Time(action, 3, device);
            int calls = (int)Math.Clamp(Math.Ceiling(LeastSampleMilliseconds / once), 1, 500);
            double[] samples = [.. Enumerable.Range(0, Samples).Select(_ => Time(action, calls, device))];
            Array.Sort(samples);
            return new(c, samples[Samples / 2], device.Memory.PeakAllocated);
        }
        finally
        {
            backend.AllowTf32 = false;
        }
    }

    /// <summary>Milliseconds of a call, of several that are waited for once.</summary>
    private static double Time(Action action, int calls, Device device)
    {
        device.Synchronize();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++) action();
        device.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / calls;
    }

    public static string Describe(SpeedResult result)
    {
        SpeedCase c = result.Case;
        string line = string.Create(CultureInfo.InvariantCulture, $"{c.Name}: {c.Convert(result.Milliseconds):G4} {c.Unit}");
        if (result.PyTorchMilliseconds is not { } theirs) return line;
        string target = c.Target is { } least ? string.Create(CultureInfo.InvariantCulture, $", target {least}") : "";
        return line + string.Create(CultureInfo.InvariantCulture,
            $"; PyTorch {(result.Peer is null ? "on an H200" : "here")} {c.Convert(theirs):G4}: {result.Ratio:F2} times as fast{target}");
    }
}

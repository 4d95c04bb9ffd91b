using System.Diagnostics;
using System.Globalization;

namespace Bench;

static class Clock
{
    const double WarmUpSeconds = 0.3, BudgetSeconds = 0.7, SampleSeconds = 1e-3;
    const int WarmUpCalls = 3, FewestSamples = 5;

    public static double MedianMilliseconds(Action action)
    {
        // By time, not by calls: tiered compilation needs both many calls and some tenths of a second to settle.
        long begin = Stopwatch.GetTimestamp();
        for (int calls = 0; calls < WarmUpCalls || Seconds(begin) < WarmUpSeconds; calls++)
            action();

        // A sample shorter than a millisecond would time the clock and the odd interrupt.
        int repetitions = 1;
        while (Sample(action, repetitions) < SampleSeconds)
            repetitions *= 2;

        var samples = new List<double>(1024);
        begin = Stopwatch.GetTimestamp();
        while (samples.Count < FewestSamples || Seconds(begin) < BudgetSeconds)
            samples.Add(Sample(action, repetitions) / repetitions);
        return Median(samples) * 1e3;
    }

    public static double Seconds(long begin) => Stopwatch.GetElapsedTime(begin).TotalSeconds;

    public static double Median(List<double> values)
    {
        values.Sort();
        int middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    static double Sample(Action action, int repetitions)
    {
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < repetitions; i++)
            action();
        return Seconds(begin);
    }
}

static class Memory
{
    /// <summary>The most physical memory this process ever held, native libraries included.</summary>
    public static double PeakMiB()
    {
        using var self = Process.GetCurrentProcess();
        long bytes = self.PeakWorkingSet64;
        if (bytes == 0 && OperatingSystem.IsLinux())
        {
            string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            bytes = long.Parse(line.AsSpan(6, line.Length - 6 - 2).Trim(), CultureInfo.InvariantCulture) << 10;
        }
        return bytes / 1048576.0;
    }
}

/// <summary>The whole life of a process that adds two tensors: what a command-line tool pays each time it runs.</summary>
static class Startup
{
    public const string Case = "start-to-first-tensor";
    const int Launches = 5;

    public static (double Ms, double MiB) Measure()
    {
        Launch("--first"); // pages the files in
        var seconds = new List<double>();
        for (int i = 0; i < Launches; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            Launch("--first");
            seconds.Add(Clock.Seconds(begin));
        }
        // Asking for the peak costs milliseconds, so a launch of its own does it.
        string peak = Launch("--first", "peak").Split('\n', StringSplitOptions.TrimEntries)[1];
        return (Clock.Median(seconds) * 1e3, double.Parse(peak, CultureInfo.InvariantCulture));
    }

    static string Launch(params string[] args)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // `dotnet X.dll` needs the X.dll again; a native launcher does not.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            info.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (string arg in args)
            info.ArgumentList.Add(arg);

        using Process child = Process.Start(info)!;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0 ? output : throw new InvalidOperationException($"exit code {child.ExitCode}");
    }
}

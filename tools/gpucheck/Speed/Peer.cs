using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Facula.GpuCheck;

/// <summary>PyTorch's figures from the same cases, where it is: peer.py in a process of its own.</summary>
internal static class Peer
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static void Run(Options options, Report report)
    {
        report.Begin("PyTorch");
        string script = Path.Combine(Path.GetTempPath(), $"gpucheck-peer-{Environment.ProcessId}.py");
        try
        {
            using (Stream source = typeof(Peer).Assembly.GetManifestResourceStream("peer.py")!)
            using (FileStream file = File.Create(script)) source.CopyTo(file);
            string python = OperatingSystem.IsWindows() ? "python" : "python3";
            var start = new ProcessStartInfo(python) { RedirectStandardOutput = true, RedirectStandardError = true };
            string number = Device.Parse(options.Device).Index.ToString(System.Globalization.CultureInfo.InvariantCulture);
            foreach (string argument in (string[])[script, "--device", number, "--cases", options.Cases.ToString()]) start.ArgumentList.Add(argument);
            using Process process = Process.Start(start)!;
            using var limit = new Timer(_ => Stop(process), null, Limit, Timeout.InfiniteTimeSpan);
            Task<string> errors = process.StandardError.ReadToEndAsync();
            while (process.StandardOutput.ReadLine() is { } line) Take(line, report);
            process.WaitForExit();
            if (process.ExitCode != 0) Report.Say($"  PyTorch's figures are not all there: {errors.Result.Trim().Split('\n')[^1]}");
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            Report.Say($"  not run: {e.Message}");
        }
        finally
        {
            File.Delete(script);
        }
        if (!report.Speeds.Exists(result => result.Peer is not null)) Report.Say($"  what stands for PyTorch is {SpeedCases.Source}");
    }

    private static void Stop(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>A line of peer.py's: what it is, or a case.</summary>
    private static void Take(string line, Report report)
    {
        if (!line.StartsWith('{')) return;
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        if (root.TryGetProperty("torch", out JsonElement version)) report.Know("PyTorch", version.GetString()!);
        else if (root.TryGetProperty("error", out JsonElement error)) Report.Say($"  {root.GetProperty("name").GetString()}: {error.GetString()}");
        else if (report.Speeds.Find(result => result.Case.Name == root.GetProperty("name").GetString()) is { } result)
        {
            result.Peer = (root.GetProperty("ms").GetDouble(), root.GetProperty("peak").GetInt64());
            Report.Say($"  {SpeedPart.Describe(result)}");
        }
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Facula.GpuCheck;

/// <summary>One case and what was wrong with it.</summary>
internal sealed record Check(string Part, string Name, IReadOnlyList<string> Wrong, double Milliseconds);

/// <summary>A program of the tutorial on both devices: the last losses, and how far apart any two were at most, relative to the processor's.</summary>
internal sealed record TrainingRun(string Name, int Steps, double Expected, double Actual, double Difference, double Tolerance);

/// <summary>A program of the tutorial on its data set.</summary>
internal sealed record AccuracyRun(string Name, double Accuracy, double Least, double Seconds);

/// <summary>All results; they are printed as they come.</summary>
internal sealed class Report
{
    private const int FailuresShown = 40;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Stopwatch _since = Stopwatch.StartNew();

    /// <summary>What the machine is, by name.</summary>
    public List<(string Name, string Value)> Environment { get; } = [];

    public List<Check> Checks { get; } = [];

    public List<TrainingRun> Training { get; } = [];

    public List<AccuracyRun> Accuracies { get; } = [];

    public List<SpeedResult> Speeds { get; } = [];

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>How many cases were wrong.</summary>
    public int Wrong => Checks.Count(check => check.Wrong.Count > 0);

    public static void Say(string line)
    {
        Console.WriteLine(line);
        Console.Out.Flush();
    }

    public void Know(string name, string value)
    {
        Environment.Add((name, value));
        Say($"  {name}: {value}");
    }

    public void Begin(string part) => Say($"== {part} ({Elapsed.TotalSeconds:F0} s)");

    /// <summary>Runs a case; an exception is one more thing that is wrong with it.</summary>
    public void Run(string part, string name, Func<IEnumerable<string>> find)
    {
        var clock = Stopwatch.StartNew();
        List<string> wrong;
        try
        {
            wrong = [.. find()];
        }
        // Whatever it is, the next case runs.
        catch (Exception e)
        {
            wrong = [$"{name}: {e.GetType().Name}: {e.Message}"];
        }
        Checks.Add(new(part, name, wrong, clock.Elapsed.TotalMilliseconds));
        if (wrong.Count > 0 && Wrong <= FailuresShown)
            Say($"  WRONG {part}/{name}: {Brief(wrong[0])}{(wrong.Count > 1 ? $" (and {wrong.Count - 1} more)" : "")}");
        if (wrong.Count > 0 && Wrong == FailuresShown) Say("  .. further ones are in gpucheck.json");
        if (_since.Elapsed.TotalSeconds < 5) return;
        Say($"  .. {part}: {Checks.Count(check => check.Part == part)} so far, at {name}");
        _since.Restart();
    }

    /// <summary>What became of a part.</summary>
    public void End(string part)
    {
        List<Check> mine = [.. Checks.Where(check => check.Part == part)];
        if (mine.Count == 0) return;
        int wrong = mine.Count(check => check.Wrong.Count > 0);
        Say(string.Create(CultureInfo.InvariantCulture,
            $"  {(wrong == 0 ? "ok" : "WRONG")}: {part}: {mine.Count - wrong} of {mine.Count} in {mine.Sum(check => check.Milliseconds) / 1000:F1} s"));
    }

    private static string Brief(string text)
    {
        string line = text.ReplaceLineEndings(" ");
        return line.Length <= 300 ? line : line[..300] + "..";
    }
}

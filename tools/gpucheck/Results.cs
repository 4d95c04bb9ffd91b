using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Facula.GpuCheck;

/// <summary>All results as JSON, and as Markdown for docs/performance.md.</summary>
internal static class Results
{
    public static void Write(Options options, Report report)
    {
        try
        {
            Directory.CreateDirectory(options.Out);
            string json = Path.Combine(options.Out, "gpucheck.json"), markdown = Path.Combine(options.Out, "gpucheck.md");
            File.WriteAllBytes(json, Json(report));
            File.WriteAllText(markdown, Markdown(report));
            Report.Say($"results: {json}, {markdown}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report.Say($"The results cannot be written: {e.Message}");
        }
    }

    private static byte[] Json(Report report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartObject("environment");
            foreach ((string name, string value) in report.Environment) json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteNumber("seconds", Math.Round(report.Elapsed.TotalSeconds, 1));
            json.WriteNumber("right", report.Checks.Count - report.Wrong);
            json.WriteNumber("wrong", report.Wrong);
            List("failures", report.Checks.Where(check => check.Wrong.Count > 0), check =>
            {
                json.WriteString("part", check.Part);
                json.WriteString("name", check.Name);
                json.WriteStartArray("wrong");
                foreach (string what in check.Wrong) json.WriteStringValue(what);
                json.WriteEndArray();
            });
            List("training", report.Training, run =>
            {
                json.WriteString("name", run.Name);
                json.WriteNumber("steps", run.Steps);
                Number("loss", run.Actual);
                Number("lossOnCpu", run.Expected);
                Number("largestDifference", run.Difference);
                json.WriteNumber("tolerance", run.Tolerance);
            });
            List("accuracy", report.Accuracies, run =>
            {
                json.WriteString("name", run.Name);
                Number("accuracy", run.Accuracy);
                json.WriteNumber("least", run.Least);
                json.WriteNumber("seconds", Math.Round(run.Seconds, 1));
            });
            List("speed", report.Speeds, result =>
            {
                json.WriteString("name", result.Case.Name);
                json.WriteString("unit", result.Case.Unit);
                Number("milliseconds", result.Milliseconds);
                Number("figure", result.Case.Convert(result.Milliseconds));
                json.WriteNumber("peakBytes", result.PeakBytes);
                if (result.PyTorchMilliseconds is { } theirs)
                {
                    Number("pytorchMilliseconds", theirs);
                    Number("ratio", result.Ratio!.Value);
                    json.WriteString("pytorchSource", result.Peer is null ? SpeedCases.Source : "this machine");
                }
                if (result.Peer is { } peer) json.WriteNumber("pytorchPeakBytes", peer.PeakBytes);
                if (result.Case.Target is { } target) json.WriteNumber("target", target);
            });
            json.WriteEndObject();

            void List<T>(string name, IEnumerable<T> items, Action<T> write)
            {
                json.WriteStartArray(name);
                foreach (T item in items)
                {
                    json.WriteStartObject();
                    write(item);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }

            // JSON has no NaN.
            void Number(string name, double value)
            {
                if (double.IsFinite(value)) json.WriteNumber(name, value);
                else json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
            }
        }
        return stream.ToArray();
    }

    private static string Markdown(Report report)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        foreach ((string name, string value) in report.Environment) text.Append(culture, $"- {name}: {value}\n");
        text.Append("\n| part | right | wrong |\n| --- | ---: | ---: |\n");
        foreach (IGrouping<string, Check> part in report.Checks.GroupBy(check => check.Part))
            text.Append(culture, $"| {part.Key} | {part.Count(check => check.Wrong.Count == 0)} | {part.Count(check => check.Wrong.Count > 0)} |\n");
        foreach (Check check in report.Checks.Where(check => check.Wrong.Count > 0))
            text.Append(culture, $"\nWrong: {check.Part}/{check.Name}: {check.Wrong[0].ReplaceLineEndings(" ")}\n");

        if (report.Training.Count > 0)
        {
            text.Append("\n| program | steps | loss | loss on the processor | largest difference | allowed |\n| --- | ---: | ---: | ---: | ---: | ---: |\n");
            foreach (TrainingRun run in report.Training)
                text.Append(culture, $"| {run.Name} | {run.Steps} | {run.Actual:F6} | {run.Expected:F6} | {run.Difference:0.0e+0} | {run.Tolerance:0e+0} |\n");
        }
        if (report.Accuracies.Count > 0)
        {
            text.Append("\n| program | test accuracy | at least | seconds |\n| --- | ---: | ---: | ---: |\n");
            foreach (AccuracyRun run in report.Accuracies) text.Append(culture, $"| {run.Name} | {run.Accuracy:F4} | {run.Least} | {run.Seconds:F1} |\n");
        }
        if (report.Speeds.Count > 0) AppendSpeeds(text, report, culture);
        return text.ToString();
    }

    /// <summary>What is slower than PyTorch, or than the target, stands there like the rest, and is marked.</summary>
    private static void AppendSpeeds(StringBuilder text, Report report, CultureInfo culture)
    {
        text.Append("\n| case | unit | Facula | PyTorch | PyTorch's time ÷ ours | target | | peak MB | PyTorch's |\n");
        text.Append("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |\n");
        foreach (SpeedResult result in report.Speeds)
        {
            SpeedCase c = result.Case;
            string theirs = result.PyTorchMilliseconds is { } ms ? string.Create(culture, $"{c.Convert(ms):G4}{(result.Peer is null ? "*" : "")}") : "";
            string verdict = result.Ratio is not { } ratio ? "" : ratio < c.Target ? "short of the target" : ratio < 1 ? "slower" : "";
            text.Append(culture, $"| {c.Name} | {c.Unit} | {c.Convert(result.Milliseconds):G4} | {theirs} | {result.Ratio:F2} | {c.Target} | {verdict} | ");
            text.Append(culture, $"{result.PeakBytes / 1e6:F0} | {result.Peer?.PeakBytes / 1e6:F0} |\n");
        }
        int slower = report.Speeds.Count(result => result.Ratio < 1), known = report.Speeds.Count(result => result.Ratio is not null);
        text.Append(culture, $"\nSlower than PyTorch in {slower} of {known} cases, short of the target in ");
        text.Append(culture, $"{report.Speeds.Count(result => result.Ratio < result.Case.Target)}. Largest peak of memory: ");
        text.Append(culture, $"{report.Speeds.Max(result => result.PeakBytes) / 1e9:F2} GB (PyTorch's on an H200, of all its cases: 6.5 GB).\n");
        if (report.Speeds.Exists(result => result.Peer is null && result.Case.PyTorch is not null))
            text.Append(culture, $"\n\\* {SpeedCases.Source}; the rest was measured on this machine, after Facula.\n");
    }
}

#!/usr/bin/env -S dotnet run -c Release
// Makes what the documents show of the measurements in docs/performance/*.tsv: the charts beside them, and the tables between <!-- table --> and <!-- end -->.
//
//     dotnet run bench/report.cs [-- --check]        --check: changes nothing, and fails where something is not as the data have it
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string root = Path.GetFullPath(Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, ".."));
bool check = args.Contains("--check");
int stale = 0;

var zen5 = new Machine("AMD EPYC, Zen 5", Path.Combine(root, "docs/performance/amd-epyc-family-26-model-2-2-cpus.tsv"));
var zen4 = new Machine("AMD EPYC, Zen 4", Path.Combine(root, "docs/performance/amd-epyc-family-25-model-17-2-cpus.tsv"));
var xeon = new Machine("Intel Xeon", Path.Combine(root, "docs/performance/intel-xeon-with-amx-16-cpus.tsv"));

// The rival's best: where there are two layouts, the faster. A star marks what was not measured with its memory kept.
(string Label, string Case, string? Other)[] headline =
[
    ("`a + b` on 8 floats", "add-8", null),
    ("linear-regression step (3→2, 5 rows, SGD)", "linreg-step", null),
    ("MNIST logistic step, batch 128", "logistic-step-128", null),
    ("MLP 784-32-10 step, batch 128, SGD", "mlp32-step-128", null),
    ("MLP 784-256-10 step, batch 128, Adam", "mlp256-adam-step-128", null),
    ("CIFAR-10 convolutional network, step, batch 128", "cnn-step-128", "cnn-step-128-nhwc"),
    ("its inference, batch 128", "cnn-infer-128", "cnn-infer-128-nhwc"),
    ("its inference, one image", "cnn-infer-1", "cnn-infer-1-nhwc"),
    ("ResNet-9 step, batch 128", "resnet9-step-128", null),
    ("5×5 convolution, step", "conv5x5-step", null),
    ("7×7 convolution of stride 2 on images, step", "conv7x7-stride2-step", null),
    ("batch normalisation, step", "batchnorm-step", null),
    ("layer normalisation, step", "layernorm-step", null),
    ("matrix product 256 × 256", "matmul-256-NN", null),
    ("matrix product 2048 × 2048", "matmul-2048-NN", null),
    ("exp of 4 M floats", "ew-exp-4M", null),
    ("softmax, 4096 × 1024", "softmax-4096x1024", null),
    ("cross-entropy and its gradient, 128 × 10", "cross-entropy-128x10-fwd-bwd", null),
    ("sum of two tensors of 4 M floats", "ew-add-4M", null),
    ("sum of 4 M floats", "sum-4M", null),
    ("Adam step on 1.2 M parameters", "adam-step-1.2M", null),
    ("process start to first tensor result", "start-to-first-tensor", null),
];
Table(Path.Combine(root, "README.md"), "headline", ["case", "1 thread", "2 threads"],
    headline.Select(row => (string[])[row.Label + (zen5.Row(row.Case, 1)?.Memory == "kept" && zen5.Row(row.Case, 2)?.Memory == "kept" ? "" : " \\*"),
        Number(zen5.Ratio(row.Case, 1, other: row.Other)), Number(zen5.Ratio(row.Case, 2, other: row.Other))]));

(string Label, string Case, string? Other)[] steps = [.. headline.Where(row => row.Case.Contains("step") || row.Case.Contains("infer"))];
Bars("steps.svg", "libtorch's time divided by Facula's, Zen 5", ["1 thread", "2 threads"], logarithmic: true,
    steps.Select(row => (row.Label, (double?[])[zen5.Ratio(row.Case, 1, other: row.Other), zen5.Ratio(row.Case, 2, other: row.Other)])));

Bars("processors.svg", "The same ratio with one thread, by processor", ["Zen 5", "Zen 4", "Intel Xeon"], logarithmic: true,
    new[] { ("MLP 784-2048-10 step, batch 128", "mlp2048-step-128"), ("CIFAR-10 network, step, batch 128", "cnn-step-128"),
        ("matrix product 2048 × 2048", "matmul-2048-NN") }
        .Select(row => (row.Item1, (double?[])[zen5.Ratio(row.Item2, 1), zen4.Ratio(row.Item2, 1), xeon.Ratio(row.Item2, 1)])));

Bars("memory.svg", "Peak memory of the process, MB, one thread, Zen 5", ["Facula", "libtorch"], logarithmic: false,
    new[] { ("MLP 784-256-10 step, Adam", "mlp256-adam-step-128"), ("CIFAR-10 network, one image", "cnn-infer-1"),
        ("CIFAR-10 network, step of 128", "cnn-step-128"),
        ("CIFAR-10 network, step of 256", "cnn-step-256"), ("ResNet-9, step of 128", "resnet9-step-128") }
        .Select(row => (row.Item1, (double?[])[zen5.Row(row.Item2, 1, withMemory: true)?.OurMb, zen5.Row(row.Item2, 1, withMemory: true)?.TheirMb])));

string page = Path.Combine(root, "docs/performance.md");
Machine[] full = [zen5, zen4];
Table(page, "losses", ["processor", "case", "threads", "ratio"], full.SelectMany(machine => machine.Cases
    .SelectMany(name => new[] { 1, 2 }.Select(threads => (Name: name, Threads: threads, Ratio: machine.Ratio(name, threads))))
    .Where(row => row.Ratio < 0.9).Select(row => (string[])[machine.Name, $"`{row.Name}`", $"{row.Threads}", $"{row.Ratio:F2}"])));
return stale == 0 ? 0 : 1;


static string Number(double? ratio) => ratio is not { } x ? "–" : x < 9.95 ? x.ToString("F1") : x.ToString("F0");

void Put(string path, string content)
{
    if (File.Exists(path) && File.ReadAllText(path) == content) return;
    if (check)
    {
        Console.WriteLine($"{Path.GetRelativePath(root, path)} is not what docs/performance/*.tsv make it: run bench/report.cs");
        stale++;
    }
    else
    {
        File.WriteAllText(path, content);
        Console.WriteLine($"wrote {Path.GetRelativePath(root, path)}");
    }
}

void Table(string path, string name, string[] heading, IEnumerable<string[]> rows)
{
    string Line(string[] cells) => $"| {string.Join(" | ", cells)} |\n";
    string table = Line(heading) + Line([.. heading.Select((_, i) => i == 0 ? "---" : "--:")]) + string.Concat(rows.Select(Line));
    string old = File.ReadAllText(path);
    string marked = Regex.Replace(old, $"(<!-- table {name} -->\n).*?(<!-- end -->)",
        match => match.Groups[1].Value + "\n" + table + "\n" + match.Groups[2].Value, RegexOptions.Singleline);
    Put(path, marked);
}

// Text gets the room that it takes in the widest of common fonts, as nobody knows which one a viewer has.
void Bars(string file, string title, string[] series, bool logarithmic, IEnumerable<(string Label, double?[] Values)> rows)
{
    const int width = 760, left = 340, right = 690, barHeight = 11, gap = 9, top = 64;
    string[] colours = ["#2b6ca3", "#e08a1e", "#6a9f3c"];
    List<(string Label, double?[] Values)> drawn = [.. rows.Where(row => row.Values.Any(value => value is not null))];
    double most = drawn.SelectMany(row => row.Values).Max() ?? 1, least = drawn.SelectMany(row => row.Values).Min() ?? 1;
    double low = logarithmic ? Math.Min(1, Math.Pow(2, Math.Floor(Math.Log2(least)))) : 0,
        high = logarithmic ? Math.Pow(2, Math.Ceiling(Math.Log2(most))) : most * 1.05;
    double X(double value) => left + (right - left) * (logarithmic ? Math.Log2(value / low) / Math.Log2(high / low) : value / high);
    double origin = X(logarithmic ? 1 : 0);
    int rowHeight = series.Length * barHeight + gap, bottom = top + drawn.Count * rowHeight, height = bottom + 32;

    var svg = new StringBuilder();
    svg.AppendLine(
        $"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-label="{title}">""");
    svg.AppendLine($"""<rect width="{width}" height="{height}" fill="#ffffff"/>""");
    svg.AppendLine("""<g font-family="Verdana, DejaVu Sans, Arial, sans-serif" font-size="12" fill="#222222">""");
    svg.AppendLine($"""<text x="16" y="26" font-size="15" font-weight="bold">{title}</text>""");
    for (int s = 0; s < series.Length; s++)
    {
        svg.AppendLine($"""<rect x="{left + 110 * s}" y="41" width="11" height="11" fill="{colours[s]}"/>""");
        svg.AppendLine($"""<text x="{left + 110 * s + 17}" y="51">{series[s]}</text>""");
    }
    for (double tick = logarithmic ? low : 0; tick <= high * 1.0001; tick = logarithmic ? tick * 2 : tick + Step(high))
    {
        svg.AppendLine($"""<path d="M{X(tick):0.#} {top - 4}V{bottom}" stroke="{(X(tick) == origin ? "#222222" : "#dddddd")}"/>""");
        svg.AppendLine($"""<text x="{X(tick):0.#}" y="{bottom + 18}" text-anchor="middle">{tick:0.##}</text>""");
    }
    for (int r = 0; r < drawn.Count; r++)
    {
        int y = top + r * rowHeight;
        svg.AppendLine($"""<text x="{left - 10}" y="{y + series.Length * barHeight / 2 + 4}" text-anchor="end">{drawn[r].Label.Replace("`", "")}</text>""");
        for (int s = 0; s < series.Length; s++)
        {
            if (drawn[r].Values[s] is not { } value) continue;
            double end = X(value), from = Math.Min(origin, end);
            svg.AppendLine(
                $"""<rect x="{from:0.#}" y="{y + s * barHeight}" width="{Math.Abs(end - origin):0.#}" height="{barHeight - 1}" fill="{colours[s]}"/>""");
            string written = logarithmic ? Number(value) : value.ToString("F0");
            svg.AppendLine($"""<text x="{Math.Max(origin, end) + 5:0.#}" y="{y + s * barHeight + 9}" font-size="10">{written}</text>""");
        }
    }
    svg.AppendLine("</g>").AppendLine("</svg>");
    Put(Path.Combine(root, "docs/performance", file), svg.ToString().ReplaceLineEndings("\n"));
}

static double Step(double high)
{
    double power = Math.Pow(10, Math.Floor(Math.Log10(high)));
    return high / power < 3 ? power / 2 : power;
}

sealed record Measured(string Case, int Threads, double Ours, double Theirs, double? OurMb, double? TheirMb, string Memory);

/// <summary>What was measured on one kind of processor.</summary>
sealed class Machine
{
    private readonly List<Measured> _rows = [];

    public Machine(string name, string path)
    {
        Name = name;
        string[] lines = File.ReadAllLines(path), columns = lines[0].Split('\t');
        foreach (string[] cells in lines.Skip(1).Select(line => line.Split('\t')))
        {
            string Cell(string column) => cells[Array.IndexOf(columns, column)];
            double? Optional(string column) => double.TryParse(Cell(column), CultureInfo.InvariantCulture, out double value) ? value : null;
            if (Optional("ours_ms") is { } ours && Optional("libtorch_ms") is { } theirs)
                _rows.Add(new(Cell("case"), int.Parse(Cell("threads"), CultureInfo.InvariantCulture), ours, theirs, Optional("ours_mb"),
                    Optional("libtorch_mb"), Cell("libtorch_memory")));
        }
    }

    public string Name { get; }

    public IEnumerable<string> Cases => _rows.Select(row => row.Case).Distinct();

    /// <summary>A row, best one in which libtorch keeps its memory.</summary>
    public Measured? Row(string name, int threads, bool withMemory = false) => _rows
        .Where(row => row.Case == name && row.Threads == threads && (!withMemory || row.OurMb is not null))
        .OrderBy(row => row.Memory != "kept").FirstOrDefault();

    /// <summary>libtorch's time, in another case of the same network where that is shorter, divided by ours.</summary>
    public double? Ratio(string name, int threads, string? other = null)
    {
        if (Row(name, threads) is not { } row) return null;
        double theirs = other is not null && Row(other, threads) is { } second && second.Memory == row.Memory
            ? Math.Min(row.Theirs, second.Theirs) : row.Theirs;
        return theirs / row.Ours;
    }
}

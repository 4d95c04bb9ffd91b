#!/usr/bin/env -S dotnet run -c Release
// Makes a picture of a terminal, docs/mnist.svg, of what the front door prints, from its table on:
//
//     dotnet run -c Release tutorial/mnist.cs | dotnet run docs/terminal.cs > docs/mnist.svg
//
// Blocks become shapes: as characters they leave gaps between lines, of a size that depends on the viewer's font.
using System.Globalization;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;

const int columns = 112, margin = 16, lineHeight = 16, half = lineHeight / 2;
const double columnWidth = 7.2; // of a monospaced font of 12
const string green = "#7fd1a7", grey = "#d7dae0";

var lines = new List<string> { "$ dotnet run -c Release tutorial/mnist.cs" };
while (Console.ReadLine() is { } line)
{
    if (lines.Count > 1 || line.StartsWith('+')) lines.Add(line[..Math.Min(columns, line.Length)].TrimEnd());
}
lines.RemoveAll(line => line.StartsWith("saved: ", StringComparison.Ordinal));

double width = 2 * margin + columns * columnWidth;
int height = 2 * margin + lines.Count * lineHeight;
var text = new StringBuilder();
var blocks = new StringBuilder();
for (int i = 0; i < lines.Count; i++)
{
    int top = margin + i * lineHeight;
    if (lines[i].AsSpan().ContainsAny("█▀▄"))
    {
        AddBlocks(lines[i], "█▀", top);
        AddBlocks(lines[i], "█▄", top + half);
    }
    else
    {
        // Each stretch between wide gaps by itself, so that columns stand under each other in any font.
        foreach (Match words in Regex.Matches(lines[i], @"\S+( \S+)*"))
        {
            double from = margin + words.Index * columnWidth, length = words.Length * columnWidth;
            text.Append(CultureInfo.InvariantCulture, $"""<text x="{from:0.#}" y="{top + 12}"{Colour(lines[i])} textLength="{length:0.#}" """)
                .AppendLine($"""lengthAdjust="spacingAndGlyphs">{SecurityElement.Escape(words.Value)}</text>""");
        }
    }
}

const string label = "A terminal: eight epochs of training, four digits with their predictions, the test accuracy";
Console.Write(string.Create(CultureInfo.InvariantCulture, $"""
    <svg xmlns="http://www.w3.org/2000/svg" width="{width:0}" height="{height}" viewBox="0 0 {width:0} {height}" role="img" aria-label="{label}">
    <rect width="{width:0}" height="{height}" rx="8" fill="#1b1f27"/>
    <path fill="{grey}" d="{blocks}"/>
    <g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="12" fill="{grey}">
    {text}</g>
    </svg>

    """));

static string Colour(string line) => line.StartsWith('$') || line.StartsWith("test accuracy", StringComparison.Ordinal) ? $" fill=\"{green}\"" : "";

// One shape for neighbours: two that only touch would let the background through.
void AddBlocks(string line, string filled, int y)
{
    for (int column = 0; column < line.Length; column++)
    {
        int start = column;
        while (column < line.Length && filled.Contains(line[column])) column++;
        if (column > start)
            blocks.Append(CultureInfo.InvariantCulture,
                $"M{margin + start * columnWidth:0.#} {y}h{(column - start) * columnWidth:0.#}v{half}h-{(column - start) * columnWidth:0.#}z");
    }
}

using System.Text.RegularExpressions;

namespace Facula.Tests;

/// <summary>What one file says of another.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void Documents_that_are_referred_to_exist()
    {
        var lost = new List<string>();
        foreach (string file in Texts())
        {
            string text = File.ReadAllText(file);
            string relative = Path.GetRelativePath(Repository.Root, file);
            foreach (Match name in Regex.Matches(text, @"\bdocs/[\w/.-]*\w\.(md|svg|tsv)\b"))
            {
                if (!File.Exists(Path.Combine(Repository.Root, name.Value))) lost.Add($"{relative}: {name.Value}");
            }
            if (!file.EndsWith(".md", StringComparison.Ordinal)) continue;
            foreach (Match link in Regex.Matches(text, @"\]\((?!https?:|#)([^)#]+)"))
            {
                if (!Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value))) lost.Add($"{relative}: {link.Groups[1].Value}");
            }
        }
        Assert.Empty(lost);
    }

    /// <summary>Code of CONTRIBUTING that begins with a file's name stands in that file, whatever its indentation, so that it compiles.</summary>
    [Fact]
    public void Code_that_is_shown_stands_in_the_tree()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "CONTRIBUTING.md"));
        MatchCollection shown = Regex.Matches(text, @"```csharp\n// (?<file>\S+)\n(?<code>.*?)```", RegexOptions.Singleline);
        Assert.True(shown.Count >= 8);
        Assert.Equal(Regex.Count(text, "```csharp"), shown.Count);
        Assert.All(shown,
            block => Assert.Contains(Plain(block.Groups["code"].Value), Plain(File.ReadAllText(Path.Combine(Repository.Root, block.Groups["file"].Value)))));

        static string Plain(string code) => Regex.Replace(code, @"\s+", " ").Trim();
    }

    private static IEnumerable<string> Texts()
    {
        string[] folders = [".ci", "bench", "docs", "src", "tests", "tutorial"], endings = [".cs", ".md", ".sh", ".csproj", ""];
        return Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)))
            .Where(file => endings.Contains(Path.GetExtension(file)))
            .Where(file => !Regex.IsMatch(Path.GetRelativePath(Repository.Root, file), @"(^|[/\\])(bin|obj|out|TestResults)[/\\]"));
    }
}

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

    private static IEnumerable<string> Texts()
    {
        string[] folders = [".ci", "bench", "docs", "src", "tests", "tutorial"], endings = [".cs", ".md", ".sh", ".csproj", ""];
        return Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)))
            .Where(file => endings.Contains(Path.GetExtension(file)))
            .Where(file => !Regex.IsMatch(Path.GetRelativePath(Repository.Root, file), @"(^|[/\\])(bin|obj|out|TestResults)[/\\]"));
    }
}

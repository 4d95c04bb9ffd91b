namespace Facula.Tests;

/// <summary>What the source keeps to that no compiler looks at.</summary>
public sealed class StyleTests
{
    /// <summary>As .editorconfig's max_line_length says, which builds and the formatter leave alone.</summary>
    private const int Columns = 160;

    private static readonly string[] Made = ["bin", "obj", "out", "artifacts", "TestResults"];

    [Fact]
    public void No_line_is_longer_than_160_columns()
    {
        var files = Sources(new DirectoryInfo(Repository.Root)).ToList();
        Assert.Contains(files, file => file.Name == "StyleTests.cs");
        Assert.Empty(files.SelectMany(file => File.ReadLines(file.FullName).Index().Where(line => line.Item.Length > Columns)
            .Select(line => $"{Path.GetRelativePath(Repository.Root, file.FullName)}:{line.Index + 1}: {line.Item.Length} columns")));
    }

    /// <summary>The .cs files of a folder and those below, but for what builds and tools make.</summary>
    private static IEnumerable<FileInfo> Sources(DirectoryInfo folder) =>
        folder.EnumerateFiles("*.cs").Concat(folder.EnumerateDirectories()
            .Where(inner => !inner.Name.StartsWith('.') && !Made.Contains(inner.Name)).SelectMany(Sources));
}

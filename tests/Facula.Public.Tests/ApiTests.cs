using System.Reflection;
using Facula.Vision;

namespace Facula.Public.Tests;

/// <summary>
/// What the assemblies let others see is written down in <c>Facula.txt</c> and <c>Facula.Vision.txt</c>, so that nothing is added, renamed or taken away
/// unnoticed. After a change that is meant, run the tests with <c>FACULA_PUBLIC_API=write</c> and look at what that changed in the files.
/// </summary>
public class ApiTests
{
    private const string Variable = "FACULA_PUBLIC_API";

    private static string Folder { get; } = FindFolder();

    [Theory]
    [InlineData("Facula")]
    [InlineData("Facula.Vision")]
    public void What_is_public_is_what_has_been_written_down(string name)
    {
        Assembly assembly = name == "Facula" ? typeof(Tensor).Assembly : typeof(ImageDataset).Assembly;
        string[] now = ApiText.Of(assembly);
        string path = Path.Combine(Folder, $"{name}.txt");
        if (Environment.GetEnvironmentVariable(Variable) == "write")
        {
            File.WriteAllText(path, string.Join('\n', now) + '\n');
            return;
        }
        string[] before = File.ReadAllLines(path);
        string[] changes = [.. before.Except(now).Select(line => $"- {line}"), .. now.Except(before).Select(line => $"+ {line}")];
        Assert.True(changes.Length == 0,
            $"The public face of {name} is not what {name}.txt says. If that is meant, run this test with {Variable}=write and commit the file.\n"
            + string.Join('\n', changes.Take(60)));
    }

    /// <summary>One spelling for each thing: what PyTorch calls eps, lr and betas has one name here.</summary>
    [Fact]
    public void Parameters_have_one_spelling()
    {
        string[] lines = ApiText.Of(typeof(Tensor).Assembly);
        foreach (string other in (string[])[" epsilon", ".Epsilon:", " lr ", " lr,", " lr)", " axis", " keepdim", " keepDims", " probability", " seed = null"])
            Assert.DoesNotContain(lines, line => line.Contains(other, StringComparison.Ordinal));
    }

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Facula.slnx"))) return Path.Combine(folder.FullName, "tests", "Facula.Public.Tests");
        }
        throw new DirectoryNotFoundException("The tests must run from within the repository.");
    }
}

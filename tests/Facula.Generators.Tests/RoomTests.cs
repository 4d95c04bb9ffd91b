using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Facula.Generators.Tests;

/// <summary>
/// The order of the folders of src/Facula, as CONTRIBUTING draws it: what stands in one names only types that are at home in the same or an earlier one.
/// A type is at home in the folder of the file that is named after it.
/// </summary>
public sealed class RoomTests
{
    private static readonly string[][] Floors =
    [
        ["Core"],
        ["Numerics"],
        ["Backends"],
        ["Backends/Cpu", "Backends/Reference", "Backends/Cuda"],
        ["Tensors"],
        ["Autograd"],
        ["Ops"],
        ["NN", "Optim", "Data"],
        ["IO"],
    ];

    // What the projects import without saying so.
    private const string Imports = """
        global using System; global using System.IO; global using System.Linq; global using System.Collections.Generic; global using System.Threading;
        global using System.Threading.Tasks; global using System.Net.Http;
        """;

    [Fact]
    public void No_room_knows_of_one_above_it_or_beside_it()
    {
        string[] errors = [.. ArrowsUp(Folder())
            .Select(arrow => $"{arrow.File}: {arrow.From} must not know {arrow.Type}, which is at home in {arrow.To}").Distinct().Order()];
        Assert.True(errors.Length == 0, string.Join('\n', errors));
    }

    [Fact]
    public void An_arrow_that_runs_up_is_found()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Write("Numerics/Number.cs", "namespace A; class Number { static void F() => B.Upper.G(); }");
            Write("Ops/Upper.cs", "namespace B; class Upper { public static void G() { A.Number? n = null; } }");
            Write("Numerics/Static.cs", "namespace A; using static B.Upper; class Static { static void F() => G(); }");
            Write("Ops/Word.cs", "namespace B; class Word { int Upper; int F() => Upper; }");
            Write("Core/Word.cs", "namespace C; class Words { int Upper; int F() => Upper; }");
            Assert.Equal([("Numerics/Number.cs", "Ops", "Upper"), ("Numerics/Static.cs", "Ops", "Upper")],
                ArrowsUp(folder).Select(arrow => (arrow.File, arrow.To, arrow.Type)).Distinct().Order());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Write(string file, string text)
        {
            string path = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }

    private static int FloorOf(string room)
    {
        int floor = Array.FindIndex(Floors, floor => floor.Contains(room));
        Assert.True(floor >= 0, $"src/Facula/{room} has no place in the order of rooms; give it one here and in CONTRIBUTING.");
        return floor;
    }

    private static string Folder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Facula.slnx"))) folder = Path.GetDirectoryName(folder);
        Assert.NotNull(folder);
        return Path.Combine(folder, "src", "Facula");
    }

    private static List<(string File, string From, string To, string Type)> ArrowsUp(string root)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        SyntaxTree[] trees = [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Where(file => RoomOf(root, file) is not ("obj" or "bin"))
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file, cancellationToken: cancellation))];
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => !Path.GetFileName(file).StartsWith("Facula", StringComparison.Ordinal)).Select(file => MetadataReference.CreateFromFile(file));
        var compilation = CSharpCompilation.Create("Rooms",
            [.. trees, CSharpSyntaxTree.ParseText(Imports, options, cancellationToken: cancellation)], references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        ILookup<string, string> homes = compilation.GetSymbolsWithName(_ => true, SymbolFilter.Type, cancellation).OfType<INamedTypeSymbol>()
            .ToLookup(type => type.Name, type => HomeOf(root, type)!);
        var arrows = new List<(string, string, string, string)>();
        foreach (SyntaxTree tree in trees)
        {
            SemanticModel model = compilation.GetSemanticModel(tree);
            string from = RoomOf(root, tree.FilePath), name = Path.GetRelativePath(root, tree.FilePath).Replace('\\', '/');
            // Only the names that types above have are looked up, which takes most of the time. Members of an object follow from its type, which somebody has
            // named, and static ones that stand alone from a using, which names their type.
            foreach (SimpleNameSyntax part in tree.GetRoot(cancellation).DescendantNodes().OfType<SimpleNameSyntax>()
                .Where(part => homes[part.Identifier.ValueText].Any(IsUp)))
            {
                if (model.GetSymbolInfo(part, cancellation).Symbol is INamedTypeSymbol type && HomeOf(root, type) is { } home && IsUp(home))
                    arrows.Add((name, from, home, type.Name));
            }

            bool IsUp(string home) => home != from && FloorOf(home) >= FloorOf(from);
        }
        return arrows;
    }

    private static string? HomeOf(string root, INamedTypeSymbol type)
    {
        type = type.OriginalDefinition;
        while (type.ContainingType is { } outer) type = outer;
        if (type.IsTupleType) return null;
        string[] files = [.. type.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree.FilePath)];
        return files.Length == 0 ? null : RoomOf(root, Array.Find(files, file => Path.GetFileNameWithoutExtension(file) == type.Name) ?? files[0]);
    }

    /// <summary>The folder within the root; of those within Backends, the ones that are backends are rooms of their own.</summary>
    private static string RoomOf(string root, string file)
    {
        string[] parts = Path.GetRelativePath(root, file).Split('/', '\\');
        string inner = string.Join('/', parts.Take(2));
        return parts.Length > 2 && Floors.Any(floor => floor.Contains(inner)) ? inner : parts[0];
    }
}

using System.Globalization;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace Facula.Generators.Tests;

/// <summary>Compiles source text with the generator and the analyzer, as a build would.</summary>
static partial class Lab
{
    const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using Facula;
        global using Facula.NN;
        """;

    static readonly CSharpParseOptions s_parse = new(LanguageVersion.CSharp14, DocumentationMode.Diagnose);

    static readonly MetadataReference[] s_platform = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator).Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal))
        .Select(p => MetadataReference.CreateFromFile(p))];

    static readonly byte[] s_library = Emit(Generated(Create("Facula", s_platform, Library.Source)));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A compilation that refers to the library.</summary>
    public static CSharpCompilation Compile(params string[] sources) => CompileAs("App", sources);

    /// <summary>A compilation with a name of its own, and further assemblies to refer to.</summary>
    public static CSharpCompilation CompileAs(string assembly, string[] sources, params byte[][] references) =>
        Create(assembly, [.. s_platform, .. references.Prepend(s_library).Select(r => MetadataReference.CreateFromImage(r))], [Usings, .. sources]);

    static CSharpCompilation Create(string assembly, MetadataReference[] references, params string[] sources) => CSharpCompilation.Create(
        assembly,
        sources.Select((text, i) => CSharpSyntaxTree.ParseText(text, s_parse, $"File{i}.cs")),
        references,
        new CSharpCompilationOptions(
            sources.Any(s => s.Contains("// top-level", StringComparison.Ordinal)) ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            nullableContextOptions: NullableContextOptions.Enable, generalDiagnosticOption: ReportDiagnostic.Error,
            specificDiagnosticOptions: [new("CS1701", ReportDiagnostic.Suppress), new("CS1591", ReportDiagnostic.Suppress)]));

    public static CSharpGeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new ModuleGenerator().AsSourceGenerator()], parseOptions: s_parse, driverOptions: new(default, trackIncrementalGeneratorSteps: true));

    /// <summary>The compilation with the generated parts, which must compile whatever the warnings.</summary>
    public static CSharpCompilation Generated(CSharpCompilation compilation)
    {
        Driver().RunGeneratorsAndUpdateCompilation(compilation, out var output, out var problems, Cancellation);
        Assert.Empty(problems);
        return (CSharpCompilation)output;
    }

    /// <summary>The generated files, as text.</summary>
    public static string[] GeneratedText(params string[] sources) =>
        [.. Driver().RunGenerators(Compile(sources), Cancellation).GetRunResult().GeneratedTrees.Select(t => t.ToString())];

    public static byte[] Emit(CSharpCompilation compilation)
    {
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream, cancellationToken: Cancellation);
        Assert.Empty(result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error));
        return stream.ToArray();
    }

    /// <summary>Compiles, runs, and lists what an instance of the type shows to a visitor.</summary>
    public static string[] Visit(string source, string type = "Net") => Visit(Generated(Compile(source)), type);

    public static string[] Visit(CSharpCompilation compilation, string type, params byte[][] references)
    {
        const string recorder = """
            public sealed class Recorder : MemberVisitor
            {
                readonly List<string> _seen = [];
                public static string[] Record(object module) { var r = new Recorder(); ((Module)module).Accept(r); return [.. r._seen]; }
                public override void Parameter(string name, Parameter? p) => _seen.Add("parameter " + name);
                public override void Buffer(string name, Tensor? b, bool persistent) => _seen.Add("buffer " + name + (persistent ? "" : " (not saved)"));
                public override void Child(string name, Module? m) => _seen.Add("child " + name);
            }
            """;
        var context = new AssemblyLoadContext(null);
        byte[] app = Emit(compilation);
        foreach (byte[] image in references.Prepend(s_library))
            context.LoadFromStream(new MemoryStream(image));
        object module = Activator.CreateInstance(context.LoadFromStream(new MemoryStream(app)).GetType(type, throwOnError: true)!)!;
        var record = context.LoadFromStream(new MemoryStream(Emit(CompileAs("Recorder", [recorder])))).GetType("Recorder")!.GetMethod("Record")!;
        return (string[])record.Invoke(null, [module])!;
    }

    [GeneratedRegex(@"\{\|(FAC\d+):(.*?)\|\}")]
    private static partial Regex Mark { get; }

    /// <summary>Checks that generator and analyzers report what is marked as <c>{|FAC001:Net|}</c> and nothing else; returns the messages.</summary>
    public static async Task<string[]> Check(params string[] marked)
    {
        string[] sources = [.. marked.Select(m => Mark.Replace(m, "$2"))];
        Driver().RunGeneratorsAndUpdateCompilation(Compile(sources), out var compilation, out var problems, Cancellation);
        // What FAC001 explains is an error of the compiler as well: the abstract VisitMembers is not implemented.
        Assert.DoesNotContain(compilation.GetDiagnostics(Cancellation),
            d => d.Severity == DiagnosticSeverity.Error && !d.IsWarningAsError && (d.Id != "CS0534" || problems.IsEmpty));

        var found =
            (await compilation.WithAnalyzers([new ModuleAnalyzer(), new LostLayerAnalyzer(), new ForwardAnalyzer()]).GetAnalyzerDiagnosticsAsync(Cancellation))
            .Concat(problems).Select(d => (Path: d.Location.GetLineSpan().Path, Span: d.Location.SourceSpan, d.Id, Message: d.GetMessage()))
            .OrderBy(d => d.Path, StringComparer.Ordinal).ThenBy(d => d.Span).ToList();
        var expected = marked.SelectMany(m => Mark.Matches(m)).Select(m => $"{m.Groups[1]} at {m.Groups[2]}");
        // The first file is that of the usings.
        Assert.Equal(expected, found.Select(d => $"{d.Id} at {Source(d.Path).Substring(d.Span.Start, d.Span.Length)}"));
        return [.. found.Select(d => d.Message)];

        string Source(string path) => sources[int.Parse(path.AsSpan("File".Length, 1), CultureInfo.InvariantCulture) - 1];
    }
}

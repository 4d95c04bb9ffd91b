using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Facula.Generators.Tests;

public class CachingTests
{
    const string Net = "public partial class Net : Module { public Linear Fc = new(); public int Run(int x) => x; }";
    const string Other = "public partial class Other : Module { public Linear Fc = new(); }";

    [Fact]
    public void A_second_run_does_nothing() => Assert.All(Reasons(c => c), AssertReused);

    [Fact]
    public void An_edit_elsewhere_does_nothing() =>
        Assert.All(Reasons(c => c.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Unrelated { }", Options(c), cancellationToken: default))), AssertReused);

    [Fact]
    public void An_edit_of_a_method_body_does_nothing() => Assert.All(Reasons(c => Edit(c, "=> x", "=> x + 1")), AssertReused);

    [Fact]
    public void A_new_layer_changes_its_own_class_only()
    {
        var reasons = Reasons(c => Edit(c, "Linear Fc", "ReLU Act = new(); public Linear Fc"));
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], reasons["Modules"]);
        Assert.Equal(2, reasons["SourceOutput"].Length);
        Assert.Single(reasons["SourceOutput"], IncrementalStepRunReason.Modified);
    }

    static void AssertReused(KeyValuePair<string, IncrementalStepRunReason[]> step)
    {
        Assert.Equal(2, step.Value.Length);
        Assert.All(step.Value, r => Assert.True(r is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{step.Key}: {r}"));
    }

    static CSharpParseOptions Options(CSharpCompilation compilation) => (CSharpParseOptions)compilation.SyntaxTrees[0].Options;

    static CSharpCompilation Edit(CSharpCompilation compilation, string from, string to)
    {
        var tree = compilation.SyntaxTrees[1];
        var text = tree.GetText(TestContext.Current.CancellationToken);
        return compilation.ReplaceSyntaxTree(tree,
            tree.WithChangedText(text.Replace(text.ToString().IndexOf(from, StringComparison.Ordinal), from.Length, to)));
    }

    // What the second run did in the steps after the transform, and in the output.
    static Dictionary<string, IncrementalStepRunReason[]> Reasons(Func<CSharpCompilation, CSharpCompilation> edit)
    {
        var compilation = Lab.Compile(Net, Other);
        GeneratorDriver driver = Lab.Driver().RunGenerators(compilation, TestContext.Current.CancellationToken);
        var result = driver.RunGenerators(edit(compilation), TestContext.Current.CancellationToken).GetRunResult().Results[0];
        Assert.Null(result.Exception);
        return result.TrackedSteps.Where(s => s.Key == ModuleGenerator.StepName).Concat(result.TrackedOutputSteps)
            .ToDictionary(s => s.Key, s => s.Value.SelectMany(run => run.Outputs).Select(o => o.Reason).ToArray());
    }
}

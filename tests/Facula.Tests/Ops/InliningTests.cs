using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Facula.Tests.Ops;

/// <summary>
/// What the JIT makes of the element-wise kernels. It inlines only so much into one method; what is over stays a call for every vector, the formula still
/// computes the same, and only the clock would tell.
/// </summary>
public sealed partial class InliningTests
{
    /// <summary>Rare cases, apart from the loops on purpose, and what the runtime itself calls.</summary>
    [GeneratedRegex(@":Tail\[|Elementary:\w+(Unusual|Far)\[|:Facula\.Numerics\.INum<V>\.Remainder|CORINFO_HELP_")]
    private static partial Regex Allowed();

    [GeneratedRegex(@"^; Assembly listing for method (?<name>.*\b(Row|Tail)\[(?<types>.*))$")]
    private static partial Regex Listing();

    [Fact, Trait("Starts", "processes")]
    public async Task Kernels_of_floats_call_nothing_in_their_loops()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("kernels.asm");
        using Process child = TestProcess.Start(
            new Dictionary<string, string> { ["DOTNET_JitDisasm"] = "Row Tail", ["DOTNET_JitStdOutFile"] = path },
            "-method", $"*.{nameof(OpTests.The_end_of_a_row_has_the_bits_of_its_middle)}", "-method",
            $"*.{nameof(OpTests.Special_values_give_the_reference_result)}");
        (int code, string output) = await TestProcess.RunToEnd(child, TestContext.Current.CancellationToken);
        Assert.True(code == 0, $"The run that was to be disassembled exited with {code}.\n{output}");
        if (!File.Exists(path)) Assert.Skip("This runtime does not print what it compiles.");
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) Assert.Skip("Calls are known on x64 only.");

        var calls = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        string kernel = "";
        int kernels = 0;
        foreach (string line in File.ReadLines(path))
        {
            if (Listing().Match(line) is { Success: true } header)
            {
                // Vectors only: integers have none, and the reference device is not meant to be fast.
                kernel = header.Groups["types"].Value.StartsWith("Facula.Numerics.Simd", StringComparison.Ordinal) ? header.Groups["name"].Value : "";
                if (kernel.Length > 0) kernels++;
            }
            else if (line.StartsWith("; Assembly listing", StringComparison.Ordinal)) kernel = "";
            else if (kernel.Length > 0 && line.TrimStart().StartsWith("call ", StringComparison.Ordinal) && !Allowed().IsMatch(line))
            {
                if (!calls.TryGetValue(kernel, out SortedSet<string>? found)) calls[kernel] = found = new(StringComparer.Ordinal);
                found.Add(line.Trim());
            }
        }
        if (kernels == 0) Assert.Skip("No kernel was compiled for vectors here.");
        Assert.True(kernels > 100, $"Only {kernels} kernels were seen; the listing has changed its form.");
        Assert.True(calls.Count == 0,
            $"{calls.Count} of {kernels} kernels call what should be " +
            $"inlined:\n{string.Join("\n", calls.Select(c => $"{c.Key}\n  {string.Join("\n  ", c.Value)}"))}");
    }
}

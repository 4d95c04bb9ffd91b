using System.Text.RegularExpressions;
using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>Kernels as text.</summary>
public sealed partial class PtxTests
{
    [Fact]
    public void Text_is_the_same_every_time()
    {
        CudaKernel[] first = KernelCatalogue.All(80), second = KernelCatalogue.All(80);
        Assert.Equal(first, second);
        Assert.Equal(first.Length, first.Select(kernel => kernel.Name).Distinct().Count());
        // What would round otherwise than the processor.
        Assert.DoesNotContain(first, kernel => kernel.Ptx.Contains(".approx", StringComparison.Ordinal));
        Assert.DoesNotContain(first, kernel => kernel.Ptx.Contains(".ftz", StringComparison.Ordinal));
    }

    [Theory, InlineData("sm_80"), InlineData("sm_86"), InlineData("sm_90")]
    public void Kernels_assemble_without_spills(string architecture)
    {
        if (PtxAssembly.Path is null) Assert.Skip("There is no ptxas on this machine: set PTXAS, or put it on the PATH.");
        string said = PtxAssembly.Assemble(KernelCatalogue.All(int.Parse(architecture[3..])), architecture);
        Assert.DoesNotContain(said.Split('\n'),
            line => line.Contains("error", StringComparison.Ordinal) || line.Contains("exit code", StringComparison.Ordinal));
        Assert.Empty(Spills().Matches(said).Where(match => match.Groups[2].Value != "0").Select(match =>
            $"{match.Groups[1].Value}: {match.Groups[2].Value} bytes"));
        Assert.Contains("spill stores", said);
    }

    [GeneratedRegex(@"Function properties for (\w+)\s[^,]*, (\d+) bytes spill stores")]
    private static partial Regex Spills();
}

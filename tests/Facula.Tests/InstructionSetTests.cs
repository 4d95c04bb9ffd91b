using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Facula.Tests;

/// <summary>
/// Every suite once more in processes that have narrower vectors, or none, than this machine offers. One after another, when all else is done:
/// each takes as long as the whole suite.
/// </summary>
[CollectionDefinition(nameof(InstructionSetTests), DisableParallelization = true), Collection(nameof(InstructionSetTests))]
public sealed class InstructionSetTests
{
    private const string WidthVariable = "FACULA_TEST_VECTOR_BITS";

    // EnableAVX512F, of older runtimes, is ignored by .NET 10.
    [Theory, Trait("Starts", "processes")]
    [InlineData("DOTNET_EnableAVX512", 256), InlineData("DOTNET_EnableAVX2", 128), InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public async Task Every_suite_passes_without(string setting, int bitsLeft)
    {
        string bits = Math.Min(bitsLeft, VectorBits).ToString();
        var environment = new Dictionary<string, string> { [setting] = "0", [WidthVariable] = bits };
        using Process child = TestProcess.Start(environment, [.. TestProcess.WithoutStarters, .. TestProcess.WithoutFiles]);
        (int code, string output) = await TestProcess.RunToEnd(child, TestContext.Current.CancellationToken);
        Assert.True(code == 0, $"{setting}=0: the suites ended with exit code {code}.\n{output}");
        Assert.Contains(InForce(bits), output);
        TestContext.Current.TestOutputHelper!.WriteLine(output);
    }

    /// <summary>Whether this is such a process.</summary>
    internal static bool IsNarrower => Environment.GetEnvironmentVariable(WidthVariable) is not null;

    /// <summary>In a child: that its vectors are as wide as it was started for. Otherwise nothing.</summary>
    [Fact]
    public void The_width_is_in_force()
    {
        if (Environment.GetEnvironmentVariable(WidthVariable) is not { } bits) return;
        Assert.Equal(int.Parse(bits), VectorBits);
        Console.WriteLine(InForce(bits));
    }

    private static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    private static string InForce(string bits) => $"{nameof(The_width_is_in_force)}: {bits} bits";
}

using System.Diagnostics;
using System.Reflection;
using System.Runtime.Intrinsics;

namespace Facula.Tests.Ops;

/// <summary>Runs the suite over the table again in child processes that have narrower vectors, or none.</summary>
public sealed class IsaTierTests
{
    private const string TierVariable = "FACULA_TIER";

    /// <summary>The settings that take instruction sets away, by the width that is left; EnableAVX512F, of older runtimes, is ignored by .NET 10.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["256"] = "DOTNET_EnableAVX512",
        ["128"] = "DOTNET_EnableAVX2",
        ["0"] = "DOTNET_EnableHWIntrinsic",
    };

    [Theory, InlineData("256"), InlineData("128"), InlineData("0")]
    public async Task The_table_passes_with_vectors_of_at_most(string bits)
    {
        if (Environment.GetEnvironmentVariable(TierVariable) is not null) return;
        var start = new ProcessStartInfo
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [Settings[bits]] = "0", [TierVariable] = bits },
        };
        string assembly = Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name!);
        string executable = OperatingSystem.IsWindows() ? assembly + ".exe" : assembly;
        if (File.Exists(executable)) start.FileName = executable;
        else
        {
            start.FileName = Environment.ProcessPath!;
            start.ArgumentList.Add(assembly + ".dll");
        }
        foreach (string argument in new[] { "-noColor", "-noLogo", "-trait", "Suite=OpTable" }) start.ArgumentList.Add(argument);

        using Process child = Process.Start(start)!;
        Task<string> error = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, $"{Settings[bits]}=0: the suite exited with {child.ExitCode}.\n{output}\n{await error}");
        Assert.Contains($"{nameof(TierTests.The_tier_is_in_force)}: ", output);
    }

    [Trait("Suite", "OpTable")]
    public sealed class TierTests
    {
        /// <summary>In a child: that the vectors are no wider than it was started for. Otherwise nothing.</summary>
        [Fact]
        public void The_tier_is_in_force()
        {
            if (Environment.GetEnvironmentVariable(TierVariable) is not { } bits) return;
            int widest = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
            Assert.True(widest <= int.Parse(bits), $"Vectors of {widest} bits are in use; {Settings[bits]}=0 should leave at most {bits}.");
            Console.WriteLine($"{nameof(The_tier_is_in_force)}: {widest} bits");
        }
    }
}

using System.Diagnostics;
using System.Text.Json;

namespace Facula.Tests.Devices;

/// <summary>tools/gpucheck, as far as it runs without a GPU. All of its emulated part runs ahead-of-time compiled in .ci/run.</summary>
[Trait("Starts", "processes")]
public sealed class GpuCheckTests
{
    private static async Task<(int ExitCode, string Output)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = Path.Combine(Repository.Root, "tools", "gpucheck", "bin", configuration, "net10.0", "gpucheck.dll");
        foreach (string argument in (string[])[program, .. arguments]) start.ArgumentList.Add(argument);
        return await TestProcess.RunToEnd(Process.Start(start)!, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task It_checks_cases_of_every_part_on_the_emulated_device()
    {
        using var folder = new TemporaryFolder();
        (int code, string output) = await Run("--emulated", "--out", folder.Path, "--cases",
            "^operations/(softmax, float32|conv2d, |sum|gelu, )|^random/uniform, |^modules/(Linear|CrossEntropyL)|^optimizers/adam, |^errors/|^training/mlp");
        Assert.True(code == 0, output);
        using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("gpucheck.json"), TestContext.Current.CancellationToken));
        Assert.Equal(0, json.RootElement.GetProperty("wrong").GetInt32());
        Assert.True(json.RootElement.GetProperty("right").GetInt32() > 20, output);
        Assert.Equal("mlp", Assert.Single(json.RootElement.GetProperty("training").EnumerateArray()).GetProperty("name").GetString());
        string markdown = await File.ReadAllTextAsync(folder.File("gpucheck.md"), TestContext.Current.CancellationToken);
        foreach (string part in (string[])["operations", "random", "modules", "optimizers", "errors", "training"]) Assert.Contains($"| {part} | ", markdown);
    }

    [Fact]
    public async Task Without_a_GPU_it_says_why_and_fails()
    {
        if (Cuda.IsAvailable) Assert.Skip("There is a GPU.");
        using var folder = new TemporaryFolder();
        (int code, string output) = await Run("--out", folder.Path);
        Assert.Equal(1, code);
        Assert.Contains(Cuda.UnavailableReason!, output);
        Assert.True(File.Exists(folder.File("gpucheck.json")));
    }

    [Theory, InlineData("--emulated", "--cases", "no such case"), InlineData("--only", "nothing"), InlineData("--device", "cpu"), InlineData("--cases", "(")]
    public async Task What_makes_no_sense_fails(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(1, (await Run([.. arguments, "--out", folder.Path])).ExitCode);
    }

    [Fact]
    public async Task PyTorch_is_timed_on_the_same_cases()
    {
        string[] ours = (await Run("--list")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Contains("softmax 8192x4096", ours);
        string python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var start = new ProcessStartInfo(python) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[Path.Combine(Repository.Root, "tools", "gpucheck", "peer.py"), "--list"]) start.ArgumentList.Add(argument);
        (int ExitCode, string Output) theirs;
        try
        {
            theirs = await TestProcess.RunToEnd(Process.Start(start)!, TestContext.Current.CancellationToken);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            theirs = (1, "");
        }
        if (theirs.ExitCode != 0) Assert.Skip("PyTorch is not here.");
        Assert.Empty(ours.Except(theirs.Output.Split('\n', StringSplitOptions.TrimEntries)));
    }
}

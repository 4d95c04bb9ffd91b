using System.Diagnostics;
using System.Reflection;

namespace Facula.Tests;

/// <summary>This test program again, in a process of its own.</summary>
internal static class TestProcess
{
    /// <summary>Arguments that leave out the tests which start processes themselves: those with this trait.</summary>
    public static readonly string[] WithoutStarters = ["-trait-", "Starts=processes"];

    /// <summary>Arguments that leave out files, loaders and devices, which are the same whatever the vectors.</summary>
    public static readonly string[] WithoutFiles =
        ["-namespace-", "Facula.Tests.IO", "-namespace-", "Facula.Tests.Vision", "-namespace-", "Facula.Tests.Data", "-namespace-", "Facula.Tests.Devices",
        "-namespace-", "Facula.Tests.Gpu"];

    /// <summary>Starts it with the given arguments and settings of the environment; nothing it writes goes to this process's console.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        string assembly = Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name!);
        string executable = OperatingSystem.IsWindows() ? assembly + ".exe" : assembly;
        if (File.Exists(executable)) start.FileName = executable;
        else
        {
            start.FileName = Environment.ProcessPath!;
            start.ArgumentList.Add(assembly + ".dll");
        }
        foreach (string argument in (string[])["-noColor", "-noLogo", .. arguments]) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Waits for its end; if the test is given up before, so is the process.</summary>
    public static async Task<(int ExitCode, string Output)> RunToEnd(Process process, CancellationToken cancellation)
    {
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            string output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, output + await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}

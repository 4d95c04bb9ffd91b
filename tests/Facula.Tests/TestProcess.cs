using System.Diagnostics;
using System.Reflection;

namespace Facula.Tests;

/// <summary>This test program again, in a process of its own.</summary>
internal static class TestProcess
{
    /// <summary>What starts it with the given arguments and settings of the environment.</summary>
    public static ProcessStartInfo Start(IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> arguments)
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
        return start;
    }
}

using System.Diagnostics;
using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>NVIDIA's assembler, where the machine has it: named by PTXAS, or on the PATH. It knows what a driver's compiler knows.</summary>
internal static class PtxAssembly
{
    public static string? Path { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("PTXAS") is { Length: > 0 } named) return named;
        string file = OperatingSystem.IsWindows() ? "ptxas.exe" : "ptxas";
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator).Where(folder => folder.Length > 0)
            .Select(folder => System.IO.Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    /// <summary>What it says of all kernels, which have names of their own, for an architecture such as sm_80: registers, spills, errors.</summary>
    public static string Assemble(IEnumerable<CudaKernel> kernels, string architecture)
    {
        string folder = Directory.CreateTempSubdirectory("facula-ptx").FullName;
        try
        {
            string[] files = [.. kernels.Select(kernel =>
            {
                string file = System.IO.Path.Combine(folder, kernel.Name + ".ptx");
                File.WriteAllText(file, kernel.Ptx);
                return file;
            })];
            var said = new System.Text.StringBuilder();
            foreach (string file in files)
            {
                var start = new ProcessStartInfo(Path!) { RedirectStandardError = true, RedirectStandardOutput = true };
                foreach (string argument in (string[])["-v", "-arch", architecture, "-o", System.IO.Path.Combine(folder, "out.cubin"), file])
                    start.ArgumentList.Add(argument);
                using Process process = Process.Start(start)!;
                Task<string> errors = process.StandardError.ReadToEndAsync();
                said.AppendLine(process.StandardOutput.ReadToEnd()).AppendLine(errors.Result);
                process.WaitForExit();
                if (process.ExitCode != 0) said.AppendLine($"{System.IO.Path.GetFileName(file)}: exit code {process.ExitCode}\n{File.ReadAllText(file)}");
            }
            return said.ToString();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

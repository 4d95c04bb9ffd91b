using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Facula.NN;

namespace Facula.Tests.Extremes;

/// <summary>
/// Calls everything public by reflection with extreme arguments, in child processes: nothing may crash, hang, reach outside a tensor's memory,
/// or throw what says nothing to a caller. Short by default; FACULA_TEST_EXTREMES=2000 makes so many calls of each member, FACULA_TEST_EXTREMES_SEED=N
/// others than usual, and FACULA_TEST_EXTREMES_FILTER=TEXT only of members in whose signature this text is.
/// </summary>
public sealed class ExtremeTests
{
    private const string CallsVariable = "FACULA_TEST_EXTREMES", SeedVariable = "FACULA_TEST_EXTREMES_SEED", FilterVariable = "FACULA_TEST_EXTREMES_FILTER";
    private const string ChildVariable = "FACULA_TEST_EXTREMES_CHILD";
    private const int UsualCalls = 30, MostFaultsShown = 40;
    private const int MostForReference = 1 << 24;
    private const long MemoryOfChild = 768L << 20;

    // A call takes a millisecond; but a machine may be busy.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static int Calls => int.Parse(Environment.GetEnvironmentVariable(CallsVariable) ?? $"{UsualCalls}", CultureInfo.InvariantCulture);
    private static int Seed => int.Parse(Environment.GetEnvironmentVariable(SeedVariable) ?? "1", CultureInfo.InvariantCulture);

    private static MethodBase[] Members =>
        [.. Surface.Members.Where(m => Surface.Signature(m).Contains(Environment.GetEnvironmentVariable(FilterVariable) ?? "", StringComparison.Ordinal))];

    [Fact, Trait("Starts", "processes")]
    public async Task Nothing_crashes_hangs_or_throws_what_says_nothing()
    {
        using var folder = new TemporaryFolder();
        var faults = new List<string>();
        int next = 0, total = Members.Length * Calls;
        while (next < total)
        {
            string log = folder.File($"log{next}");
            var environment = new Dictionary<string, string>
            {
                [ChildVariable] = $"{log}|{next}",
                ["DOTNET_GCHeapHardLimit"] = MemoryOfChild.ToString("x", CultureInfo.InvariantCulture),
                ["DOTNET_DbgEnableMiniDump"] = "0",
            };
            using Process child = TestProcess.Start(environment, "-method", $"*.{nameof(Calls_in_a_child)}");
            Task<(int Code, string Output)> end = TestProcess.RunToEnd(child, TestContext.Current.CancellationToken);
            bool hangs = await Hangs(child, end, log);
            (int code, string output) = await end;
            string[] lines = File.Exists(log) ? await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken) : [];
            faults.AddRange(lines.Where(line => line.StartsWith('!')));
            if (lines.Length > 0 && lines[^1] == "end") break;
            Assert.True(lines.Length > 0, $"The child ended with code {code} before its first call.\n{output}");
            string last = lines.Last(line => char.IsAsciiDigit(line[0]));
            faults.Add($"! {(hangs ? "HANG" : $"CRASH (exit code {code})")}: {last}");
            next = int.Parse(last.AsSpan(0, last.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture) + 1;
        }
        if (faults.Count == 0) return;
        Assert.Fail($"{faults.Count} of {total} calls (seed {Seed}):\n{string.Join('\n', faults.Take(MostFaultsShown))}");
    }

    /// <summary>Waits for the child's end, or for its log to stand still; then it is ended.</summary>
    private static async Task<bool> Hangs(Process child, Task end, string log)
    {
        var watch = Stopwatch.StartNew();
        long length = -1;
        while (!end.IsCompleted)
        {
            await Task.WhenAny(end, Task.Delay(200));
            long now = File.Exists(log) ? new FileInfo(log).Length : 0;
            if (now != length) (length, watch) = (now, Stopwatch.StartNew());
            if (watch.Elapsed < Patience) continue;
            child.Kill();
            return true;
        }
        return false;
    }

    /// <summary>In a child: the calls from a number on. Otherwise nothing.</summary>
    [Fact]
    public void Calls_in_a_child()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not { } order) return;
        string[] parts = order.Split('|');
        using var log = new StreamWriter(new FileStream(parts[0], FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        using var folder = new TemporaryFolder();
        Directory.SetCurrentDirectory(folder.Path);
        MethodBase[] members = Members;
        for (int i = int.Parse(parts[1], CultureInfo.InvariantCulture); i < members.Length * Calls; i++)
        {
            if (Fault(members[i / Calls], i % Calls, text => log.WriteLine($"{i} {text}"), folder.Path) is { } fault) log.WriteLine($"! {fault}");
            if (i % 1000 == 0) Directory.SetCurrentDirectory(folder.Path);
        }
        Directory.SetCurrentDirectory(Path.GetTempPath());
        log.WriteLine("end");
    }

    /// <summary>Makes one call; what is wrong with how it ended, or null.</summary>
    private static string? Fault(MethodBase member, int number, Action<string> announce, string folder)
    {
        string signature = Surface.Signature(member), text = signature;
        var random = new Random(Hash(signature, number));
        try
        {
            announce(signature);
            var arguments = new Arguments(random, vast: !Surface.ReadsEverything.Contains(member.Name), folder);
            object? instance = member.IsStatic || member.IsConstructor ? null : arguments.Instance(member.DeclaringType!);
            if (instance is null && !member.IsStatic && !member.IsConstructor) return null;
            ParameterInfo[] parameters = member.GetParameters();
            object?[] values = [.. parameters.Select(arguments.Of)];
            // The first calls leave out one argument each, whatever the seed.
            if (number < values.Length && parameters[number].ParameterType is { IsValueType: false, IsByRef: false }) values[number] = null;
            // What the naive loops of the reference device are at for minutes is no hang.
            if (values.Any(value => value is int and > MostForReference))
                values = [.. values.Select(value => Equals(value, Device.Reference) ? Device.Cpu : value)];
            text = $"{(instance is null ? "" : Describe(instance) + " ")}{signature} <- {string.Join("; ", values.Select(Describe))}";
            announce(text);
            object? result = Shim.Of(member)(instance, values);
            Sanity.Check(result, random);
            if (instance is not IDisposable or Tensor) Sanity.Check(instance, random);
            foreach (object? value in values) Sanity.Check(value, random);
            return null;
        }
        catch (Exception error) when (IsClear(error))
        {
            return null;
        }
        catch (Exception error)
        {
            string where = string.Join(" < ", (error.StackTrace ?? "").Split('\n').Take(6).Select(line => line.Trim()));
            return $"{error.GetType().Name} {error.Message.ReplaceLineEndings(" ")}: {text} [{where}]";
        }
        finally
        {
            Settings.Restore();
        }
    }

    private static bool IsClear(Exception error)
    {
        if (error is AggregateException several) return several.InnerExceptions.All(IsClear);
        if (error is NullReferenceException or IndexOutOfRangeException or OverflowException or DivideByZeroException or InvalidCastException
            or KeyNotFoundException
            or InsaneException or InsufficientExecutionStackException or TypeInitializationException or ArrayTypeMismatchException) return false;
        // A span, list or dictionary that was asked for what it has not: it says nothing of the call.
        return error.TargetSite?.DeclaringType?.FullName is not ("System.ThrowHelper" or "System.Linq.ThrowHelper");
    }

    private static string Describe(object? value) => value switch
    {
        null => "null",
        Tensor { IsDisposed: true } => "disposed",
        Tensor tensor =>
            $"{(tensor.RequiresGrad ? "∂" : "")}{tensor.DType}{(tensor.IsContiguous ? "" : "/strided")}" +
            $"{(tensor.Device == Device.Cpu ? "" : "@reference")}{Short(tensor.Shape.ToString())}",
        string text => $"\"{Short(text)}\"",
        double or float or int or long or bool or Enum or Scalar or Shape or TensorIndex or SpatialSize => Short(value.ToString()!),
        ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Describe(tuple[i])))})",
        Array items => Short($"[{string.Join(", ", items.Cast<object?>().Take(70).Select(Describe))}]"),
        _ => value.GetType().Name,
    };

    private static string Short(string text) =>
        text.Length < 200 ? text.Replace('\0', '0').ReplaceLineEndings(" ") : text[..200].Replace('\0', '0').ReplaceLineEndings(" ") + "…";

    /// <summary>The same in every process, unlike string.GetHashCode.</summary>
    private static int Hash(string text, int number)
    {
        uint hash = 2166136261;
        foreach (char c in $"{Seed} {number} {text}") hash = unchecked((hash ^ c) * 16777619);
        return (int)hash;
    }
}

/// <summary>What a call may have changed for all that follow.</summary>
internal static class Settings
{
    private static readonly int Threads = Facula.CpuSettings.ThreadCount;

    public static void Restore()
    {
        Facula.CpuSettings.ThreadCount = Threads;
        PrintOptions.Default = new();
        CpuSettings.ConvolutionAlgorithm = ConvolutionAlgorithm.Automatic;
    }
}

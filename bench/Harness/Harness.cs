using System.Globalization;
using System.Text.RegularExpressions;

namespace Bench;

/// <summary>The cases a program can time, in the order they are reported. A setup builds its data and returns the action to time.</summary>
static class Cases
{
    internal static readonly OrderedDictionary<string, Func<Action>> All = [];

    public static void Add(string name, Func<Action> setup) => All.Add(name, setup);
}

/// <summary>
/// The protocol both programs speak. One process times one case, so neither caches, nor heaps, nor compiled code leak from case to case:
/// <code>
/// --list [--filter REGEX]      names, one a line
/// --run NAME --threads N       name TAB medianMilliseconds TAB peakMiB
/// --first                      make two tensors, add, print the sum, exit: what start-to-first-tensor times
/// </code>
/// </summary>
sealed class Runner
{
    public required Action<int> SetThreads { get; init; }

    public required Action Register { get; init; }

    /// <summary>The smallest whole program, returning the sum it prints. Without it there is no start-to-first-tensor.</summary>
    public Func<float>? First { get; init; }

    public int Run(string[] args)
    {
        // Before anything else is touched: a first tensor should not wait for the registration of cases.
        if (First is not null && args.Length > 0 && args[0] == "--first")
        {
            Console.WriteLine(First());
            if (args.Length > 1)
                Console.WriteLine(Memory.PeakMiB());
            return 0;
        }
        return Serve(args);
    }

    int Serve(string[] args)
    {
        Register();
        if (First is not null)
            Cases.Add(Startup.Case, static () => throw new InvalidOperationException("timed from outside"));

        if (Array.IndexOf(args, "--list") >= 0)
        {
            var filter = new Regex(Option(args, "--filter") ?? "");
            foreach (string name in Cases.All.Keys)
            {
                if (filter.IsMatch(name))
                    Console.WriteLine(name);
            }
            return 0;
        }

        if (Option(args, "--run") is not { } wanted || !Cases.All.TryGetValue(wanted, out Func<Action>? setup))
        {
            Console.Error.WriteLine("usage: --list [--filter REGEX] | --run NAME [--threads N] | --first");
            return 2;
        }

        (double ms, double mib) = wanted == Startup.Case ? Startup.Measure() : Measure(setup, int.Parse(Option(args, "--threads") ?? "1"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{wanted}\t{ms:F7}\t{mib:F1}"));
        return 0;
    }

    (double Ms, double MiB) Measure(Func<Action> setup, int threads)
    {
        SetThreads(threads);
        Action action = setup();
        GC.Collect();
        double ms = Clock.MedianMilliseconds(action);
        return (ms, Memory.PeakMiB());
    }

    static string? Option(string[] args, string name)
    {
        int i = Array.IndexOf(args, name);
        return i >= 0 && i + 1 < args.Length ? args[i + 1] : null;
    }
}

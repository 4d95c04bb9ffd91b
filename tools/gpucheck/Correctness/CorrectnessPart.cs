using Facula.Backends;
using Facula.Tests.Devices;
using Facula.Tests.Ops;

namespace Facula.GpuCheck;

/// <summary>Everything that the tests' tables have, on the device against the processor.</summary>
internal static class CorrectnessPart
{
    /// <summary>
    /// Sums of many terms, in 16 bits too, are added up in another order than on the processor: so many times the errors that the table allows are allowed.
    /// </summary>
    private const double LongSums = 8;

    public static void Run(Options options, Device device, Report report)
    {
        Operations(options, device, report);
        new RandomChecks(options, device, report).Run();
        Part("modules",
            [.. ModuleCase.All.Select(c => (c.New().GetType().Name, (Func<IEnumerable<string>>)(() => c.Differences(device))))], options, device, report);
        OptimizerChecks.Run(options, device, report);
        Part("errors", ErrorChecks.All(device), options, device, report);
    }

    public static void Part(string part, IReadOnlyList<(string Name, Func<IEnumerable<string>> Find)> cases, Options options, Device device, Report report)
    {
        (string Name, Func<IEnumerable<string>> Find)[] wanted = [.. cases.Where(c => options.Includes(part, c.Name))];
        if (wanted.Length == 0) return;
        report.Begin(part);
        foreach ((string name, Func<IEnumerable<string>> find) in wanted)
        {
            if (!options.Emulated) Poison(device);
            report.Run(part, name, find);
        }
        report.End(part);
    }

    /// <summary>Values, gradients and, in float64, their gradients: in every type, of operands with gaps, and where there are many elements.</summary>
    private static void Operations(Options options, Device device, Report report)
    {
        var cases = new List<(string, Func<IEnumerable<string>>)>();
        foreach (OpCase c in OpCases.All)
        {
            // The emulator takes its time: one type of numbers with gradients, one without.
            DType[] types = options.IsBrief ? [.. new[] { DType.Float32, DType.Int64, DType.Bool }.Where(c.Takes).Take(2)] : [.. DType.All.Where(c.Takes)];
            foreach (DType type in types)
                cases.Add(($"{c.Name}, {type.PyTorchName}",
                    () => OpComparison.Values(c, device, type, seed: options.Seed, slack: type.Size == 2 ? LongSums : 2)));
            DType first = types[0];
            cases.Add(($"{c.Name}, strided", () => OpComparison.Values(c, device, first, seed: options.Seed, strided: true)));
            if (options.IsBrief) continue;
            if (c.Large is { } large)
                cases.Add(($"{c.Name}, large", () => OpComparison.Values(c, device, first, large, options.Seed, LongSums)));
            if (c.HasGradient && c.HasSecondGradient)
                cases.Add(($"{c.Name}, twice", () => OpComparison.SecondGradients(c, device, options.Seed)));
        }
        Part("operations", cases, options, device, report);
    }

    /// <summary>
    /// Fills memory that is given to the next tensors with NaN and numbers that no index may be, so that a kernel which leaves out an element is found. The
    /// emulator knows by itself what was never written.
    /// </summary>
    private static void Poison(Device device)
    {
        Backend backend = device.Backend;
        foreach (int bytes in (ReadOnlySpan<int>)[1 << 20, 8 << 20])
        {
            Buffer buffer = backend.Allocate(bytes);
            var noise = new byte[bytes];
            Array.Fill(noise, (byte)0xFF);
            backend.Upload(noise, buffer, 0);
            buffer.Release();
        }
    }
}

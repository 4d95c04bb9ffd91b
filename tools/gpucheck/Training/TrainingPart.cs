using System.Globalization;
using Facula.Tests.Devices;

namespace Facula.GpuCheck;

/// <summary>The programs of the tutorial: on made-up images the losses of the processor, and, where the data are, an accuracy.</summary>
internal static class TrainingPart
{
    /// <summary>Of each loss, relative to the processor's: what sums in another order make of the few steps taken.</summary>
    private const double Tolerance = 1e-3;

    public static void Run(Options options, Device device, Report report)
    {
        const string Part = "training";
        Network[] networks = options.Emulated ? Network.UpTo(8, 16) : Network.UpTo(1024);
        (int Batch, int Steps) Of(Network network) => options.Emulated ? (4, 2) : network.Name == "mlp" ? (128, 60) : network.Name == "cnn" ? (64, 8) : (32, 4);
        CorrectnessPart.Part(Part,
            [.. networks.Select(network => (network.Name, (Func<IEnumerable<string>>)(() => Compare(network, Of(network)))))], options, device,
            report);
        if (options.Data is { } folder && !options.Emulated)
            CorrectnessPart.Part("accuracy", [.. RealData.All(folder, device, report)], options, device, report);
        else if (options.Data is not null) Report.Say("  skipped: real data take an emulated device too long");

        IEnumerable<string> Compare(Network network, (int Batch, int Steps) size)
        {
            Generator.Seed(options.Seed);
            (List<double> expected, List<double> actual, List<Tensor> parameters) = network.Train(device, size.Batch, size.Steps);
            double worst = expected.Zip(actual).Max(pair => Math.Abs(pair.First - pair.Second) / Math.Abs(pair.First));
            report.Training.Add(new(network.Name, expected.Count, expected[^1], actual[^1], worst, Tolerance));
            Report.Say(string.Create(CultureInfo.InvariantCulture,
                $"  {network.Name}: loss {actual[^1]:F6} after {actual.Count} steps, {expected[^1]:F6} on the processor; ") +
                string.Create(CultureInfo.InvariantCulture, $"at most {worst:0.0e+0} apart, allowed {Tolerance:0e+0}"));
            if (!(worst <= Tolerance)) yield return $"{network.Name}: a loss is {worst:0.0e+0} apart from the processor's, allowed {Tolerance:0e+0}.";
            if (parameters.Any(parameter => parameter.Device != device)) yield return $"{network.Name}: a parameter has left {device}.";
        }
    }
}

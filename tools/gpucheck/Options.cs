using System.CommandLine;
using System.Text.RegularExpressions;

namespace Facula.GpuCheck;

/// <summary>What is checked, where, and where the results go.</summary>
/// <param name="Emulated">On the emulated device, at the smallest shapes; no speed.</param>
/// <param name="Full">On the emulated device too, all that a GPU is asked for.</param>
/// <param name="Device">The name of the device.</param>
/// <param name="Data">The folder with mnist and cifar10, or null.</param>
/// <param name="Only">The one part that runs, or null for all.</param>
/// <param name="Out">The folder of gpucheck.json and gpucheck.md.</param>
/// <param name="Cases">Which cases, by "part/name".</param>
/// <param name="Seed">Which random numbers.</param>
internal sealed record Options(bool Emulated, bool Full, string Device, string? Data, string? Only, string Out, Regex Cases, int Seed)
{
    /// <summary>At the smallest shapes, in the types that matter most.</summary>
    public bool IsBrief => Emulated && !Full;

    public bool Runs(string part) => Only is null || Only == part;

    public bool Includes(string part, string name) => Cases.IsMatch($"{part}/{name}");

    /// <summary>Reads the command line and runs; mistakes in it end in a sentence and an exit code of 1.</summary>
    public static int Run(string[] args, Func<Options, int> run)
    {
        var emulated = new Option<bool>("--emulated")
        {
            Description = "Check on an emulated GPU, at the smallest shapes: correctness and training, no speed. Needs no GPU."
        };
        var full = new Option<bool>("--full")
        {
            Description = "With --emulated: every type, large operands and gradients of gradients as well, as on a GPU. Takes minutes."
        };
        var list = new Option<bool>("--list") { Description = "Print the names of the cases that are timed, and end." };
        var device = new Option<string>("--device") { Description = "The GPU: cuda:0, cuda:1, ..", DefaultValueFactory = _ => "cuda:0" };
        device.Validators.Add(result =>
        {
            string name = result.GetValueOrDefault<string>();
            if (!Facula.Device.TryParse(name, out Device? found) || found.Kind != DeviceKind.Cuda)
                result.AddError($"{name} is no GPU; give cuda:0, cuda:1, ..");
        });
        var data = new Option<string?>("--data") { Description = "A folder with mnist and cifar10: train on them too, to an accuracy." };
        var only = new Option<string?>("--only") { Description = "One part alone." };
        only.AcceptOnlyFromAmong("correctness", "training", "speed");
        var output = new Option<string>("--out")
        {
            Description = "The folder that gpucheck.json and gpucheck.md are written to.",
            DefaultValueFactory = _ => "gpucheck-results"
        };
        var cases = new Option<string>("--cases")
        {
            Description = "Only cases whose part/name matches this regular expression, such as ^operations/softmax.",
            DefaultValueFactory = _ => ""
        };
        cases.Validators.Add(result =>
        {
            try
            {
                _ = new Regex(result.GetValueOrDefault<string>());
            }
            catch (ArgumentException e)
            {
                result.AddError(e.Message);
            }
        });
        var seed = new Option<int?>("--seed") { Description = "Which random numbers; others each time if left out, and always the same with --emulated." };
        var root = new RootCommand("Checks Facula on an NVIDIA GPU against the processor, and times it beside PyTorch.")
        {
            emulated, full, list, device, data, only, output, cases, seed
        };
        root.SetAction(parsed => parsed.GetValue(list) ? List() : run(new(parsed.GetValue(emulated), parsed.GetValue(full),
            parsed.GetValue(device)!, parsed.GetValue(data), parsed.GetValue(only),
            parsed.GetValue(output)!, new(parsed.GetValue(cases)!, RegexOptions.CultureInvariant),
            parsed.GetValue(seed) ?? (parsed.GetValue(emulated) ? 0 : Random.Shared.Next(1, 1_000_000)))));
        return root.Parse(args).Invoke();
    }

    private static int List()
    {
        foreach (SpeedCase c in SpeedCases.All) Console.WriteLine(c.Name);
        return 0;
    }
}

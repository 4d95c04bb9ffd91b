using System.CommandLine;

namespace Facula.Tutorial;

/// <summary>The command line that all chapters share.</summary>
public sealed record Chapter(int Epochs, string? Data, int Seed, Device Device, ParseResult Arguments)
{
    /// <summary>
    /// Reads the arguments, sets the seed, the number of threads and the device on which tensors and modules are made, and handles --help and mistakes,
    /// which end the program.
    /// </summary>
    /// <param name="args">The program's arguments.</param>
    /// <param name="description">What the chapter shows.</param>
    /// <param name="epochs">The usual number of epochs; 0 where a chapter has none.</param>
    /// <param name="data">Whether the chapter reads data.</param>
    /// <param name="more">Options of the chapter's own.</param>
    public static Chapter Start(string[] args, string description, int epochs = 0, bool data = false, params Option[] more)
    {
        var epochsOption = new Option<int>("--epochs") { Description = "How many times to go through the training data.", DefaultValueFactory = _ => epochs };
        var dataOption = new Option<string?>("--data")
        {
            Description = "The folder with the data set's files. Without it: FACULA_DATA, the cache folder, a download, or the sample that comes along."
        };
        var seedOption = new Option<int>("--seed")
        {
            Description = "Seed of the random numbers; the same seed prints the same losses.",
            DefaultValueFactory = _ => 42
        };
        var threadsOption = new Option<int>("--threads") { Description = "Threads to compute with.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var deviceOption = new Option<string>("--device")
        {
            Description = "Where to compute: auto (a GPU if there is one), cpu, cuda, cuda:1, ..",
            DefaultValueFactory = _ => "auto"
        };
        deviceOption.Validators.Add(result =>
        {
            string name = result.GetValueOrDefault<string>();
            if (DeviceOf(name) is { IsAvailable: true }) return;
            string why = DeviceOf(name) is { Kind: DeviceKind.Cuda } ? Cuda.UnavailableReason ?? "" : "";
            result.AddError($"There is no device {name}; there is {string.Join(", ", Device.Available)}. {why}".TrimEnd());
        });
        AtLeast(epochsOption, 1);
        AtLeast(threadsOption, 1);

        var root = new RootCommand(description) { seedOption, threadsOption, deviceOption };
        if (epochs > 0) root.Add(epochsOption);
        if (data) root.Add(dataOption);
        foreach (Option option in more) root.Add(option);
        ParseResult? parsed = null;
        root.SetAction(result => parsed = result);
        int code = root.Parse(args).Invoke();
        if (parsed is null) Environment.Exit(code);

        CpuSettings.ThreadCount = parsed!.GetValue(threadsOption);
        int seed = parsed.GetValue(seedOption);
        Generator.Seed(seed);
        Device device = DeviceOf(parsed.GetValue(deviceOption)!)!;
        _ = Device.UseDefault(device); // to the end of the program
        return new(epochs > 0 ? parsed.GetValue(epochsOption) : 0, data ? parsed.GetValue(dataOption) : null, seed, device, parsed);
    }

    private static Device? DeviceOf(string name) => name == "auto" ? Device.Best : Device.TryParse(name, out Device? device) ? device : null;

    /// <summary>Does something with files; what is wrong with them ends the program in a sentence instead of a stack trace.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="hint">What else the user may try.</param>
    public static void OrExit(Action work, string? hint = null)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            Console.Error.WriteLine(e.Message);
            if (hint is not null) Console.Error.WriteLine(hint);
            Environment.Exit(1);
        }
    }

    /// <summary>Says so, and why, where a network does hardly better than guessing.</summary>
    /// <param name="accuracy">The share of right answers, of images it has not seen.</param>
    /// <param name="classes">How many answers there are to choose from.</param>
    /// <param name="steps">How many steps the optimizer took.</param>
    public static void SayIfUnlearned(double accuracy, int classes, int steps)
    {
        double guessing = 1.0 / classes;
        if (accuracy >= 2 * guessing) return;
        Console.WriteLine($"The network has learned next to nothing: guessing gives {guessing:F2}. It began at random, and {steps} steps of the optimizer, " +
            $"one for each batch, did not take it far. More epochs (--epochs) or more images mean more steps.");
    }

    private static void AtLeast(Option<int> option, int least) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int value) && value < least)
            result.AddError($"{option.Name} must be at least {least}.");
    });
}

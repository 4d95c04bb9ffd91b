using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Facula.NN;
using Facula.Optim;

namespace Facula.IO;

/// <summary>
/// A training run on disk: the model, the optimizer's memory, the places of schedules, the states of random generators and the epoch, in one safetensors
/// file. It is written as <see cref="SafeTensors"/> says, so that a kill at any instant leaves the old one or the new one whole; a run resumed from it goes
/// on bit for bit as if it had not stopped.
/// </summary>
public static class Checkpoint
{
    private const string ModelPrefix = "model.";
    private const string StatePrefix = "optimizer.state.";
    private const string EpochKey = "facula.epoch";
    private const string GroupsKey = "facula.optimizer.param_groups";
    private const string KindKey = "facula.optimizer.kind";
    private const string SchedulersKey = "facula.schedulers";
    private const string GeneratorPrefix = "facula.generator.";
    private const string DefaultGenerator = "default";

    /// <summary>Writes a checkpoint, replacing an older one whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">Its parameters and persistent buffers are saved.</param>
    /// <param name="optimizer">Its memory and settings are saved.</param>
    /// <param name="epoch">How many epochs are done.</param>
    /// <param name="generators">Generators besides the default one, which is always saved, by name.</param>
    /// <param name="schedulers">Schedules of learning rates; where they are is saved, in this order.</param>
    /// <exception cref="ArgumentException">
    /// A schedule's state holds something else than numbers, texts and arrays of numbers, or a generator is called "default".
    /// </exception>
    /// <exception cref="IOException">The file cannot be written, or is a folder, a device, a pipe or a socket; the old file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; it is as it was.</exception>
    public static void Save(string path, Module model, Optimizer? optimizer = null, int epoch = 0, IReadOnlyDictionary<string, Generator>? generators = null,
        IReadOnlyList<ILrScheduler>? schedulers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        OrderedDictionary<string, Tensor> tensors = model.SharedState(ModelPrefix);
        var metadata = new OrderedDictionary<string, string> { [EpochKey] = epoch.ToString(CultureInfo.InvariantCulture) };
        foreach ((string name, Generator generator) in Named(generators)) metadata[GeneratorPrefix + name] = $"{generator.State.Seed} {generator.State.Offset}";
        if (optimizer is not null)
        {
            OptimizerState state = optimizer.SharedState();
            foreach ((int parameter, IReadOnlyDictionary<string, Tensor> entries) in state.State)
            {
                foreach ((string name, Tensor tensor) in entries) tensors[$"{StatePrefix}{parameter}.{name}"] = tensor;
            }
            if (state.Kind is not null) metadata[KindKey] = state.Kind;
            metadata[GroupsKey] = new JsonArray([.. state.ParamGroups.Select(ToJson)]).ToJsonString();
        }
        if (schedulers is not null)
            metadata[SchedulersKey] =
                new JsonArray([.. Check.NoneNull(schedulers, operation: "Checkpoint.Save").Select(scheduler => ToJson(scheduler.StateDict()))]).ToJsonString();
        SafeTensors.Save(path, tensors, metadata);
    }

    /// <summary>
    /// Reads a checkpoint into a model, an optimizer and schedules made like those that were saved. All of it fits and is taken over, or nothing is changed.
    /// </summary>
    /// <returns>How many epochs were done.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or no checkpoint, or has nothing for the optimizer, a schedule or a generator.</exception>
    /// <exception cref="ArgumentException">
    /// Model, optimizer or schedules are of other shapes or kinds, or what the file says of them is out of its range.
    /// (Files written before kinds were part of them say nothing about that: there the optimizer's settings and the names of its tensors tell.)
    /// </exception>
    /// <exception cref="NotSupportedException">A tensor that is needed is in a type that the library lacks.</exception>
    /// <exception cref="IOException">The file is not there (<see cref="FileNotFoundException"/>) or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static int Load(string path, Module model, Optimizer? optimizer = null, IReadOnlyDictionary<string, Generator>? generators = null,
        IReadOnlyList<ILrScheduler>? schedulers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SafeTensors file = SafeTensors.Open(path);
        if (!int.TryParse(Text(file, path, EpochKey), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch)) throw Damaged(path, EpochKey);
        var states = new List<(Generator Generator, GeneratorState State)>();
        foreach ((string name, Generator generator) in Named(generators)) states.Add((generator, ReadGenerator(file, path, GeneratorPrefix + name)));
        Action? loadOptimizer = optimizer?.PrepareLoad(new()
        {
            State = ReadState(file, path),
            ParamGroups = ReadGroups(file, path),
            Kind = file.Metadata.GetValueOrDefault(KindKey),
        });

        ILrScheduler[] schedules = [.. schedulers ?? []];
        List<Dictionary<string, object?>> places = schedules.Length == 0 ? [] : ReadPlaces(file, path);
        if (places.Count != schedules.Length)
            throw new InvalidDataException($"{path} has the places of {places.Count} schedules, but {schedules.Length} are to be loaded.");
        if (schedules.Contains(null!)) throw new ArgumentException("Checkpoint: a schedule is null.", nameof(schedulers));
        Action[] loadSchedules = [.. schedules.Select((schedule, i) => schedule.PrepareLoad(places[i]))];
        string[] names = [.. file.Names.Where(name => name.StartsWith(ModelPrefix, StringComparison.Ordinal)).Select(name => name[ModelPrefix.Length..])];
        (_, Action loadModel) = model.PrepareLoad(names, name => file[ModelPrefix + name], strict: true);

        // All has been read and checked: from here on nothing can fail.
        foreach (Action load in loadSchedules) load();
        loadModel();
        loadOptimizer?.Invoke();
        foreach ((Generator generator, GeneratorState state) in states) generator.State = state;
        return epoch;
    }

    private static IEnumerable<KeyValuePair<string, Generator>> Named(IReadOnlyDictionary<string, Generator>? generators)
    {
        yield return new(DefaultGenerator, Generator.Default);
        foreach ((string name, Generator generator) in generators ?? new Dictionary<string, Generator>())
        {
            if (generator is null) throw new ArgumentException($"Checkpoint: the generator '{name}' is null.", nameof(generators));
            if (name == DefaultGenerator)
                throw new ArgumentException($"Checkpoint: '{name}' is the default generator, which is always saved; give yours another name.",
                    nameof(generators));
            yield return new(name, generator);
        }
    }

    private static string Text(SafeTensors file, string path, string key) =>
        file.Metadata.GetValueOrDefault(key) ?? throw new InvalidDataException($"{path} is no checkpoint of such a run: it has no entry '{key}'.");

    private static InvalidDataException Damaged(string path, string key, Exception? cause = null) =>
        new($"{path} is damaged: what it has under '{key}' is nothing that a checkpoint has there.", cause);

    private static GeneratorState ReadGenerator(SafeTensors file, string path, string key) =>
        Text(file, path, key).Split(' ') is [string first, string second]
        && long.TryParse(first, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seed)
        && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out long offset)
            ? new() { Seed = seed, Offset = offset } : throw Damaged(path, key);

    private static Dictionary<int, IReadOnlyDictionary<string, Tensor>> ReadState(SafeTensors file, string path)
    {
        var state = new Dictionary<int, Dictionary<string, Tensor>>();
        foreach (string name in file.Names.Where(name => name.StartsWith(StatePrefix, StringComparison.Ordinal)))
        {
            if (name[StatePrefix.Length..].Split('.', 2) is not [string number, string entry]
                || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int parameter))
            {
                throw Damaged(path, name);
            }
            if (!state.TryGetValue(parameter, out Dictionary<string, Tensor>? entries)) state[parameter] = entries = [];
            if (!entries.TryAdd(entry, file[name])) throw Damaged(path, name);
        }
        return state.ToDictionary(pair => pair.Key, IReadOnlyDictionary<string, Tensor> (pair) => pair.Value);
    }

    private static JsonObject ToJson(OptimizerGroupState group) =>
        new() { ["params"] = new JsonArray([.. group.Params.Select(number => JsonValue.Create(number))]), ["options"] = ToJson(group.Options) };

    private static JsonObject ToJson(IReadOnlyDictionary<string, object?> values)
    {
        var result = new JsonObject();
        foreach ((string name, object? value) in values)
        {
            result[name] = value switch
            {
                null => null,
                bool truth => JsonValue.Create(truth),
                string text => JsonValue.Create(text),
                (double first, double second) => new JsonArray(Number(first), Number(second)),
                IEnumerable numbers => new JsonArray([.. numbers.Cast<object?>().Select(number => Number(number, name))]),
                _ => Number(value, name),
            };
        }
        return result;
    }

    private static JsonNode Number(object? value, string name) =>
        value is IConvertible number && number.GetTypeCode() is >= TypeCode.SByte and <= TypeCode.Decimal
            ? Number(number.ToDouble(CultureInfo.InvariantCulture))
            : throw new ArgumentException($"Checkpoint: '{name}' of a state is {value ?? "null"}; only numbers, texts and arrays of numbers can be saved.");

    /// <summary>JSON has no infinities: the best loss before the first epoch, say, becomes text.</summary>
    private static JsonNode Number(double value) =>
        double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private static List<OptimizerGroupState> ReadGroups(SafeTensors file, string path) => ReadAll(file, path, GroupsKey, group =>
        new OptimizerGroupState
        {
            Options = ReadValues(group.GetProperty("options")),
            Params = [.. group.GetProperty("params").EnumerateArray().Select(number => number.GetInt32())],
        });

    private static List<Dictionary<string, object?>> ReadPlaces(SafeTensors file, string path) => ReadAll(file, path, SchedulersKey, ReadValues);

    private static List<T> ReadAll<T>(SafeTensors file, string path, string key, Func<JsonElement, T> read)
    {
        string json = Text(file, path, key);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Select(read)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw Damaged(path, key, e);
        }
    }

    private static Dictionary<string, object?> ReadValues(JsonElement element) =>
        element.EnumerateObject().ToDictionary(option => option.Name, option => Value(option.Value));

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.String => double.TryParse(element.GetString(), CultureInfo.InvariantCulture, out double number) ? number : element.GetString(),
        JsonValueKind.Array => element.EnumerateArray().Select(item => Value(item) is double number ? number : throw new FormatException()).ToArray(),
        JsonValueKind.Null => null,
        _ => throw new FormatException(),
    };
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Facula.NN;
using Facula.Optim;

namespace Facula.IO;

/// <summary>
/// A training run on disk: the model, the optimizer's memory, the places of schedules, the states of random generators and the epoch, in one safetensors file. It is
/// written beside the old one, flushed and renamed, so that a kill at any instant leaves one of them whole; a run resumed from it goes on bit
/// for bit as if it had not stopped.
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
    public static void Save(string path, Module model, Optimizer? optimizer = null, int epoch = 0, IReadOnlyDictionary<string, Generator>? generators = null,
        IReadOnlyList<ILrScheduler>? schedulers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var tensors = new OrderedDictionary<string, Tensor>(model.StateDict(ModelPrefix));
        var metadata = new OrderedDictionary<string, string> { [EpochKey] = epoch.ToString(CultureInfo.InvariantCulture) };
        foreach ((string name, Generator generator) in Named(generators)) metadata[GeneratorPrefix + name] = $"{generator.State.Seed} {generator.State.Offset}";
        if (optimizer is not null)
        {
            OptimizerState state = optimizer.StateDict();
            foreach ((int parameter, IReadOnlyDictionary<string, Tensor> entries) in state.State)
            {
                foreach ((string name, Tensor tensor) in entries) tensors[$"{StatePrefix}{parameter}.{name}"] = tensor;
            }
            if (state.Kind is not null) metadata[KindKey] = state.Kind;
            metadata[GroupsKey] = new JsonArray([.. state.ParamGroups.Select(ToJson)]).ToJsonString();
        }
        if (schedulers is not null) metadata[SchedulersKey] = new JsonArray([.. schedulers.Select(scheduler => ToJson(scheduler.StateDict()))]).ToJsonString();
        SafeTensors.Save(path, tensors, metadata);
    }

    /// <summary>Reads a checkpoint into a model, an optimizer and schedules made like those that were saved.</summary>
    /// <returns>How many epochs were done.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or no checkpoint, or has nothing for the optimizer, a schedule or a generator.</exception>
    /// <exception cref="ArgumentException">
    /// Model, optimizer or schedules are of other shapes or kinds; nothing has been changed. (Files written before kinds were part of them say nothing about that: there the
    /// optimizer's settings and the names of its tensors tell.)
    /// </exception>
    public static int Load(string path, Module model, Optimizer? optimizer = null, IReadOnlyDictionary<string, Generator>? generators = null,
        IReadOnlyList<ILrScheduler>? schedulers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SafeTensors file = SafeTensors.Open(path);
        int epoch = int.Parse(Text(file, path, EpochKey), CultureInfo.InvariantCulture);
        var states = new List<(Generator Generator, GeneratorState State)>();
        foreach ((string name, Generator generator) in Named(generators))
        {
            string[] parts = Text(file, path, GeneratorPrefix + name).Split(' ');
            states.Add((generator, new(long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture))));
        }
        Action? loadOptimizer = optimizer?.PrepareLoad(new(ReadState(file), ReadGroups(Text(file, path, GroupsKey))) { Kind = file.Metadata.GetValueOrDefault(KindKey) });

        ILrScheduler[] schedules = [.. schedulers ?? []];
        List<Dictionary<string, object?>> places = schedules.Length == 0 ? [] : ReadPlaces(Text(file, path, SchedulersKey));
        if (places.Count != schedules.Length) throw new InvalidDataException($"{path} has the places of {places.Count} schedules, but {schedules.Length} are to be loaded.");

        // What can be refused comes before what cannot; a schedule that was moved goes back.
        IReadOnlyDictionary<string, object?>[] before = [.. schedules.Select(scheduler => scheduler.StateDict())];
        try
        {
            for (int i = 0; i < schedules.Length; i++) schedules[i].LoadStateDict(places[i]);
            model.LoadStateDict(file.Names.Where(name => name.StartsWith(ModelPrefix, StringComparison.Ordinal)).ToDictionary(name => name[ModelPrefix.Length..], name => file[name]));
        }
        catch
        {
            for (int i = 0; i < schedules.Length; i++) schedules[i].LoadStateDict(before[i]);
            throw;
        }
        loadOptimizer?.Invoke();
        foreach ((Generator generator, GeneratorState state) in states) generator.State = state;
        return epoch;
    }

    private static IEnumerable<KeyValuePair<string, Generator>> Named(IReadOnlyDictionary<string, Generator>? generators) =>
        new Dictionary<string, Generator> { [DefaultGenerator] = Generator.Default }.Concat(generators ?? new Dictionary<string, Generator>());

    private static string Text(SafeTensors file, string path, string key) =>
        file.Metadata.GetValueOrDefault(key) ?? throw new InvalidDataException($"{path} is no checkpoint of such a run: it has no entry '{key}'.");

    private static Dictionary<int, IReadOnlyDictionary<string, Tensor>> ReadState(SafeTensors file)
    {
        var state = new Dictionary<int, Dictionary<string, Tensor>>();
        foreach (string name in file.Names.Where(name => name.StartsWith(StatePrefix, StringComparison.Ordinal)))
        {
            string[] parts = name[StatePrefix.Length..].Split('.', 2);
            int parameter = int.Parse(parts[0], CultureInfo.InvariantCulture);
            if (!state.TryGetValue(parameter, out Dictionary<string, Tensor>? entries)) state[parameter] = entries = [];
            entries[parts[1]] = file[name];
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
                (double first, double second) => new JsonArray(first, second),
                double[] numbers => new JsonArray([.. numbers.Select(Number)]),
                _ => Number(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
            };
        }
        return result;
    }

    /// <summary>JSON has no infinities: the best loss before the first epoch, say, becomes text.</summary>
    private static JsonNode Number(double value) =>
        double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private static List<Dictionary<string, object?>> ReadPlaces(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(ReadValues)];
    }

    private static Dictionary<string, object?> ReadValues(JsonElement element) =>
        element.EnumerateObject().ToDictionary(option => option.Name, option => Value(option.Value));

    private static List<OptimizerGroupState> ReadGroups(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        var groups = new List<OptimizerGroupState>();
        foreach (JsonElement group in document.RootElement.EnumerateArray())
        {
            groups.Add(new(ReadValues(group.GetProperty("options")), [.. group.GetProperty("params").EnumerateArray().Select(number => number.GetInt32())]));
        }
        return groups;
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.String => double.TryParse(element.GetString(), CultureInfo.InvariantCulture, out double number) ? number : element.GetString(),
        JsonValueKind.Array => element.EnumerateArray().Select(number => number.GetDouble()).ToArray(),
        _ => null,
    };
}

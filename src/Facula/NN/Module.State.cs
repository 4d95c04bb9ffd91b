using System.Text;

namespace Facula.NN;

/// <summary>What <see cref="Module.LoadStateDict"/> found to differ.</summary>
public sealed record LoadResult
{
    /// <summary>Names that the module has and the dictionary lacks. PyTorch's missing_keys.</summary>
    public required IReadOnlyList<string> MissingKeys { get; init; }

    /// <summary>Names that the dictionary has and the module lacks. PyTorch's unexpected_keys.</summary>
    public required IReadOnlyList<string> UnexpectedKeys { get; init; }
}

public abstract partial class Module
{
    /// <summary>
    /// Copies of parameters and persistent buffers by name, in PyTorch's order and under PyTorch's names: what training does afterwards does not change them,
    /// so that the best state so far can be kept. (PyTorch's share the module's memory.) A tensor that two members share is listed under both names.
    /// torch.nn.Module.state_dict.
    /// </summary>
    /// <param name="prefix">Put before every name as it is, e.g. "backbone.".</param>
    public IReadOnlyDictionary<string, Tensor> StateDict(string prefix = "") => CollectState(prefix, tensor => tensor.CopyData());

    /// <summary>The same without copying, for who writes it down at once.</summary>
    internal OrderedDictionary<string, Tensor> SharedState(string prefix = "") => CollectState(prefix, tensor => tensor.Detach());

    private OrderedDictionary<string, Tensor> CollectState(string prefix, Func<Tensor, Tensor> of)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var state = new OrderedDictionary<string, Tensor>();
        foreach ((string name, Tensor tensor) in State(prefix)) state[name] = of(tensor);
        return state;
    }

    /// <summary>
    /// Copies the elements of the dictionary's tensors into the parameters and buffers of those names, converting type and device.
    /// Nothing is changed unless all fits. torch.nn.Module.load_state_dict.
    /// </summary>
    /// <param name="stateDict">As given by <see cref="StateDict"/> or read from a file.</param>
    /// <param name="strict">Whether missing and unexpected names are errors; a wrong shape always is.</param>
    /// <exception cref="ArgumentException">Names or shapes differ; the message lists all of them.</exception>
    public LoadResult LoadStateDict(IReadOnlyDictionary<string, Tensor> stateDict, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(stateDict);
        foreach ((string name, Tensor? tensor) in stateDict)
        {
            if (tensor is null) throw new ArgumentException($"LoadStateDict: the tensor \"{name}\" is null.", nameof(stateDict));
        }
        (LoadResult result, Action load) = PrepareLoad([.. stateDict.Keys], name => stateDict[name], strict);
        load();
        return result;
    }

    /// <summary>
    /// Finds and checks what is to be loaded and returns what takes it over, which then cannot fail: for those who load something else along with it.
    /// </summary>
    /// <param name="names">What there is.</param>
    /// <param name="find">Gives the tensor of a name; asked for what the module has, and no more than once.</param>
    /// <param name="strict">Whether missing and unexpected names are errors.</param>
    internal (LoadResult Result, Action Load) PrepareLoad(IReadOnlyCollection<string> names, Func<string, Tensor> find, bool strict)
    {
        var targets = new OrderedDictionary<string, Tensor>();
        foreach ((string name, Tensor tensor) in State("")) targets[name] = tensor;
        var given = new HashSet<string>(names);
        string[] missing = [.. targets.Keys.Where(name => !given.Contains(name))];
        string[] unexpected = [.. names.Where(name => !targets.ContainsKey(name))];

        var errors = new StringBuilder();
        if (strict && missing.Length > 0) errors.Append($"\n\tMissing key(s) in state_dict: {Quote(missing)}.");
        if (strict && unexpected.Length > 0) errors.Append($"\n\tUnexpected key(s) in state_dict: {Quote(unexpected)}.");
        var copies = new List<(Tensor Target, Tensor Source)>();
        foreach ((string name, Tensor target) in targets)
        {
            if (!given.Contains(name)) continue;
            Tensor source = find(name);
            if (target.Layout.HasInternalOverlap)
                throw new ArgumentException($"LoadStateDict: several elements of the module's '{name}' are one in memory; have it hold a Clone() instead.");
            if (target.IsDisposed) throw new ObjectDisposedException(name, $"LoadStateDict: '{name}' of the module has been disposed.");
            if (source.Layout.SameShape(target.Layout)) copies.Add((target, source.Detach().To(source.DType, target.Device)));
            else
            {
                errors.Append($"\n\tsize mismatch for {name}: copying a param with shape {source.Shape} from checkpoint, ")
                    .Append($"the shape in current model is {target.Shape}.");
            }
        }
        if (errors.Length > 0) throw new ArgumentException($"Error(s) in loading state_dict for {TypeName}:{errors}");
        return (new() { MissingKeys = missing, UnexpectedKeys = unexpected }, Load);

        void Load()
        {
            using GradModeScope scope = Autograd.NoGrad();
            foreach ((Tensor target, Tensor source) in copies) target.CopyInPlace(source);
        }
    }

    private IEnumerable<(string Name, Tensor Tensor)> State(string prefix, int depth = 0)
    {
        CheckDepth(depth);
        MemberList members = Own();
        foreach ((string name, Parameter parameter) in members.Parameters) yield return (prefix + name, parameter);
        foreach ((string name, Tensor buffer, bool persistent) in members.Buffers)
        {
            if (persistent) yield return (prefix + name, buffer);
        }
        foreach ((string name, Module child) in members.Children)
        {
            foreach ((string, Tensor) entry in child.State($"{prefix}{name}.", depth + 1)) yield return entry;
        }
    }

    private static string Quote(string[] names) => string.Join(", ", names.Select(name => $"\"{name}\""));
}

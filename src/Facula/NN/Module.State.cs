using System.Text;

namespace Facula.NN;

/// <summary>What <see cref="Module.LoadStateDict"/> found to differ: names the module has and the dictionary lacks, and the other way round.</summary>
public sealed record LoadResult(IReadOnlyList<string> MissingKeys, IReadOnlyList<string> UnexpectedKeys);

public abstract partial class Module
{
    /// <summary>
    /// Parameters and persistent buffers by name, in PyTorch's order and under PyTorch's names. They share the module's memory and have
    /// no history; a tensor that two members share is listed under both names. torch.nn.Module.state_dict.
    /// </summary>
    /// <param name="prefix">Put before every name as it is, e.g. "backbone.".</param>
    public IReadOnlyDictionary<string, Tensor> StateDict(string prefix = "")
    {
        var state = new OrderedDictionary<string, Tensor>();
        foreach ((string name, Tensor tensor) in State(prefix)) state[name] = tensor.Detach();
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
        var targets = new OrderedDictionary<string, Tensor>();
        foreach ((string name, Tensor tensor) in State("")) targets[name] = tensor;
        string[] missing = [.. targets.Keys.Where(name => !stateDict.ContainsKey(name))];
        string[] unexpected = [.. stateDict.Keys.Where(name => !targets.ContainsKey(name))];

        var errors = new StringBuilder();
        if (strict && missing.Length > 0) errors.Append($"\n\tMissing key(s) in state_dict: {Quote(missing)}.");
        if (strict && unexpected.Length > 0) errors.Append($"\n\tUnexpected key(s) in state_dict: {Quote(unexpected)}.");
        foreach ((string name, Tensor target) in targets)
        {
            if (!stateDict.TryGetValue(name, out Tensor? source) || source.Layout.SameShape(target.Layout)) continue;
            errors.Append($"\n\tsize mismatch for {name}: copying a param with shape {source.Shape} from checkpoint, ")
                .Append($"the shape in current model is {target.Shape}.");
        }
        if (errors.Length > 0) throw new ArgumentException($"Error(s) in loading state_dict for {TypeName}:{errors}");

        using GradModeScope scope = Autograd.NoGrad();
        foreach ((string name, Tensor target) in targets)
        {
            if (stateDict.TryGetValue(name, out Tensor? source)) target.CopyInPlace(source.To(source.DType, target.Device));
        }
        return new(missing, unexpected);
    }

    private IEnumerable<(string Name, Tensor Tensor)> State(string prefix)
    {
        MemberList members = Own();
        foreach ((string name, Parameter parameter) in members.Parameters) yield return (prefix + name, parameter);
        foreach ((string name, Tensor buffer, bool persistent) in members.Buffers)
        {
            if (persistent) yield return (prefix + name, buffer);
        }
        foreach ((string name, Module child) in members.Children)
        {
            foreach ((string, Tensor) entry in child.State($"{prefix}{name}.")) yield return entry;
        }
    }

    private static string Quote(string[] names) => string.Join(", ", names.Select(name => $"\"{name}\""));
}

using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Facula.NN;

/// <summary>Modules by name, in the order they came. torch.nn.ModuleDict.</summary>
public class ModuleDict<T> : Module, IReadOnlyDictionary<string, T> where T : Module
{
    private OrderedDictionary<string, T> _modules = [];

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>The module of a name; setting it takes the place of one that is there.</summary>
    public T this[string key]
    {
        get => ModuleName.Find(_modules, key);
        set => _modules[ModuleName.Check(key)] = ModuleName.NotNull(value);
    }

    /// <summary>The names in order.</summary>
    public IEnumerable<string> Keys => _modules.Keys;

    /// <summary>The modules in order.</summary>
    public IEnumerable<T> Values => _modules.Values;

    /// <summary>Takes one more module.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, T module) => _modules.Add(ModuleName.Check(name), ModuleName.NotNull(module));

    /// <summary>Leaves out a module; false if there is none of that name.</summary>
    public bool Remove(string name) => _modules.Remove(name);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _modules.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => _modules.TryGetValue(key, out value);

    /// <inheritdoc/>
    protected internal override void VisitMembers(MemberVisitor visitor)
    {
        foreach ((string name, T module) in _modules) visitor.Child(name, module);
    }

    /// <inheritdoc/>
    protected internal override void CloneMembers(ModuleCloner cloner) => _modules = ModuleName.Clone(_modules, cloner);

    /// <summary>Names and modules in order.</summary>
    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

using System.Collections;
using System.Globalization;

namespace Facula.NN;

/// <summary>
/// Modules run one after the other. They are numbered, or named: <c>new Sequential(new Linear(2, 8), new Relu())</c>,
/// <c>new Sequential { { "hidden", new Linear(2, 8) }, { "activation", new Relu() } }</c>. torch.nn.Sequential.
/// </summary>
public sealed class Sequential : Module<Tensor, Tensor>, IReadOnlyList<Module<Tensor, Tensor>>
{
    private readonly OrderedDictionary<string, Module<Tensor, Tensor>> _modules = [];

    /// <summary>The modules in order, numbered from 0.</summary>
    public Sequential(params ReadOnlySpan<Module<Tensor, Tensor>> modules)
    {
        foreach (Module<Tensor, Tensor> module in modules) Add(module);
    }

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at a place.</summary>
    public Module<Tensor, Tensor> this[int index] => _modules.GetAt(index).Value;

    /// <summary>The module of a name.</summary>
    public Module<Tensor, Tensor> this[string name] => _modules[name];

    /// <summary>Takes one more module, under its number.</summary>
    public void Add(Module<Tensor, Tensor> module) => Add(Count.ToString(CultureInfo.InvariantCulture), module);

    /// <summary>Takes one more module, under a name of its own.</summary>
    public void Add(string name, Module<Tensor, Tensor> module) => _modules.Add(ModuleName.Check(name), ModuleName.NotNull(module));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        for (int i = 0; i < _modules.Count; i++) input = _modules.GetAt(i).Value.Call(input);
        return input;
    }

    /// <inheritdoc/>
    protected internal override void VisitMembers(MemberVisitor visitor)
    {
        foreach ((string name, Module<Tensor, Tensor> module) in _modules) visitor.Child(name, module);
    }

    /// <summary>The modules in order.</summary>
    public IEnumerator<Module<Tensor, Tensor>> GetEnumerator() => _modules.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>What containers ask of what they are given.</summary>
internal static class ModuleName
{
    public static string Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0 || name.Contains('.', StringComparison.Ordinal))
            throw new ArgumentException($"\"{name}\" cannot be a module's name: names are not empty and have no dots, which separate them in a state dictionary.", nameof(name));
        return name;
    }

    public static T NotNull<T>(T module) where T : class
    {
        ArgumentNullException.ThrowIfNull(module);
        return module;
    }
}

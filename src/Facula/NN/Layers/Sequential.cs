using System.Collections;
using System.Globalization;

namespace Facula.NN;

/// <summary>
/// Modules run one after the other. They are numbered, or named: <c>new Sequential(new Linear(2, 8), new Relu())</c>,
/// <c>new Sequential { { "hidden", new Linear(2, 8) }, { "activation", new Relu() } }</c>. torch.nn.Sequential.
/// </summary>
/// <remarks>
/// Neighbours that one pass over the elements can serve run as one: a convolution, a linear layer or a batch normalisation applies ReLU to what it writes
/// where a <see cref="Relu"/> follows; a <see cref="Relu"/> before a max-pooling comes after it; in evaluation without gradients a batch normalisation goes
/// into the weights of the convolution before it. Layers with hooks are left apart, and so are classes of one's own that derive from these. A
/// <c>Forward</c> written by hand has its operations run one by one; it gets the same by calling a small Sequential for each such group.
/// </remarks>
public class Sequential : Module<Tensor, Tensor>, IReadOnlyList<Module<Tensor, Tensor>>
{
    private OrderedDictionary<string, Module<Tensor, Tensor>> _modules = [];

    /// <summary>The modules in order, numbered from 0.</summary>
    public Sequential(params ReadOnlySpan<Module<Tensor, Tensor>> modules)
    {
        foreach (Module<Tensor, Tensor> module in modules) Add(module);
    }

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at a place.</summary>
    public Module<Tensor, Tensor> this[int index] => _modules.GetAt(Check.Index(index, Count, "Sequential")).Value;

    /// <summary>The module of a name.</summary>
    public Module<Tensor, Tensor> this[string name] => ModuleName.Find(_modules, name);

    /// <summary>Takes one more module, under its number.</summary>
    public void Add(Module<Tensor, Tensor> module) => Add(Count.ToString(CultureInfo.InvariantCulture), module);

    /// <summary>Takes one more module, under a name of its own.</summary>
    public void Add(string name, Module<Tensor, Tensor> module) => _modules.Add(ModuleName.Check(name), ModuleName.NotNull(module));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Tensor given = input;
        for (int i = 0; i < _modules.Count;)
        {
            bool isOurs = i > 0 && IsLeaf(i - 1) && IsLeaf(i);
            (Tensor output, i) = Step(input, i);
            // Between two layers of this library nobody else sees what passes; what gradients need is held by the graph.
            if (isOurs && !ReferenceEquals(input, given) && !ReferenceEquals(input, output)) input.Dispose();
            input = output;
        }
        return input;
    }

    /// <summary>Whether the module at a place neither keeps what it sees nor shows it to anybody.</summary>
    private bool IsLeaf(int i) => _modules.GetAt(i).Value is { HasHooks: false, IsBuiltIn: true } and not Sequential;

    /// <summary>Runs the module at a place, and with it those that follow where one pass over the elements does for all of them.</summary>
    private (Tensor Output, int Next) Step(Tensor input, int i)
    {
        Module<Tensor, Tensor> module = _modules.GetAt(i).Value;
        var followers = new Followers(_modules, i + 1);
        Tensor output = module is IFusion fusion && !module.HasHooks && module.IsBuiltIn ? fusion.Forward(input, ref followers) : module.Call(input);
        return (output, followers.Next);
    }

    /// <inheritdoc/>
    protected internal override void VisitMembers(MemberVisitor visitor)
    {
        foreach ((string name, Module<Tensor, Tensor> module) in _modules) visitor.Child(name, module);
    }

    /// <inheritdoc/>
    protected internal override void CloneMembers(ModuleCloner cloner) => _modules = ModuleName.Clone(_modules, cloner);

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
            throw new ArgumentException($"\"{name}\" cannot be a module's name: names are not empty and have no dots, which separate them in a state " +
                "dictionary.", nameof(name));
        return name;
    }

    /// <summary>The module of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static T Find<T>(OrderedDictionary<string, T> modules, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return modules.TryGetValue(name, out T? module) ? module
            : throw new ArgumentException($"There is no module \"{name}\" here; " +
                $"there are {(modules.Count == 0 ? "none" : string.Join(", ", modules.Keys.Take(20)))}.", nameof(name));
    }

    public static OrderedDictionary<string, T> Clone<T>(OrderedDictionary<string, T> modules, ModuleCloner cloner) where T : Module =>
        new(modules.Select(entry => KeyValuePair.Create(entry.Key, cloner.Of(entry.Value))));

    public static T NotNull<T>(T module) where T : class
    {
        ArgumentNullException.ThrowIfNull(module);
        return module;
    }
}

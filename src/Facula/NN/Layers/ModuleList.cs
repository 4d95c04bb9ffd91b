using System.Collections;
using System.Globalization;

namespace Facula.NN;

/// <summary>
/// Modules in a list, which is how a module keeps an open number of layers: <c>ModuleList&lt;Linear&gt; layers = [new(2, 8), new(8, 1)];</c>
/// torch.nn.ModuleList.
/// </summary>
public class ModuleList<T> : Module, IReadOnlyList<T> where T : Module
{
    private List<T> _modules = [];

    /// <summary>The modules in order.</summary>
    public ModuleList(params IEnumerable<T> modules) => AddRange(modules);

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at a place.</summary>
    public T this[int index]
    {
        get => _modules[Check.Index(index, Count, "ModuleList")];
        set => _modules[Check.Index(index, Count, "ModuleList")] = ModuleName.NotNull(value);
    }

    /// <summary>Takes one more module.</summary>
    public void Add(T module) => _modules.Add(ModuleName.NotNull(module));

    /// <summary>Takes more modules.</summary>
    public void AddRange(IEnumerable<T> modules)
    {
        foreach (T module in Check.NotNull(modules)) Add(module);
    }

    /// <summary>Takes a module in before the one at a place.</summary>
    public void Insert(int index, T module) => _modules.Insert(Check.Index(index, Count + 1), ModuleName.NotNull(module));

    /// <summary>Leaves out the module at a place.</summary>
    public void RemoveAt(int index) => _modules.RemoveAt(Check.Index(index, Count));

    /// <inheritdoc/>
    protected internal override void VisitMembers(MemberVisitor visitor)
    {
        for (int i = 0; i < _modules.Count; i++) visitor.Child(i.ToString(CultureInfo.InvariantCulture), _modules[i]);
    }

    /// <inheritdoc/>
    protected internal override void CloneMembers(ModuleCloner cloner) => _modules = [.. _modules.Select(cloner.Of)];

    /// <summary>Equal neighbours share a line, as in PyTorch 2: <c>(0-3): 4 x Linear(...)</c>.</summary>
    private protected override string[] ChildLines(IReadOnlyList<(string Name, Module Module)> children)
    {
        var lines = new List<string>();
        for (int start = 0, end; start < _modules.Count; start = end)
        {
            string text = _modules[start].ToString();
            for (end = start + 1; end < _modules.Count && _modules[end].ToString() == text; end++) { }
            string range = end - start == 1 ? $"({start}): " : $"({start}-{end - 1}): {end - start} x ";
            lines.Add(range + Indent(text));
        }
        return [.. lines];
    }

    /// <summary>The modules in order.</summary>
    public IEnumerator<T> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

namespace Facula.NN;

public abstract partial class Module
{
    /// <summary>The name of the module's kind as <see cref="ToString"/> shows it: PyTorch's, where it has the same kind; by default the class's.</summary>
    protected internal virtual string TypeName
    {
        get
        {
            string name = GetType().Name;
            int generic = name.IndexOf('`', StringComparison.Ordinal);
            return generic < 0 ? name : name[..generic];
        }
    }

    /// <summary>The settings that <see cref="ToString"/> shows in parentheses, e.g. <c>in_features=784, out_features=10</c>.
    /// torch.nn.Module.extra_repr.</summary>
    protected virtual string ExtraText => "";

    /// <summary>The module and all within it as text, as PyTorch prints them.</summary>
    public override string ToString()
    {
        // Says so where the modules are nested too deeply, or without end.
        NamedModules();
        string extra = ExtraText;
        string[] children = ChildLines(Own().Children);
        if (children.Length == 0 && !extra.Contains('\n', StringComparison.Ordinal)) return $"{TypeName}({extra})";
        IEnumerable<string> lines = extra.Length == 0 ? children : [.. extra.Split('\n'), .. children];
        return $"{TypeName}(\n  {string.Join("\n  ", lines)}\n)";
    }

    /// <summary>The lines that show the children, indented below their first.</summary>
    private protected virtual string[] ChildLines(IReadOnlyList<(string Name, Module Module)> children) =>
        [.. children.Select(child => $"({child.Name}): {Indent(child.Module.ToString())}")];

    private protected static string Indent(string text) => text.Replace("\n", "\n  ", StringComparison.Ordinal);
}

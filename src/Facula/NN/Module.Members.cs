namespace Facula.NN;

public abstract partial class Module
{
    /// <summary>All parameters, of this module first, then of its children in order; one that is shared is listed once. torch.nn.Module.parameters.</summary>
    /// <param name="recurse">Also those of the modules within.</param>
    public IReadOnlyList<Parameter> Parameters(bool recurse = true) => [.. NamedParameters(recurse: recurse).Select(p => p.Parameter)];

    /// <summary>All parameters with their names, e.g. linear1.weight. torch.nn.Module.named_parameters.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> NamedParameters(string prefix = "", bool recurse = true) =>
        Collect(prefix, recurse, members => members.Parameters);

    /// <summary>All buffers, saved or not. torch.nn.Module.buffers.</summary>
    /// <param name="recurse">Also those of the modules within.</param>
    public IReadOnlyList<Tensor> Buffers(bool recurse = true) => [.. NamedBuffers(recurse: recurse).Select(b => b.Buffer)];

    /// <summary>All buffers with their names. torch.nn.Module.named_buffers.</summary>
    public IReadOnlyList<(string Name, Tensor Buffer)> NamedBuffers(string prefix = "", bool recurse = true) =>
        Collect(prefix, recurse, members => members.Buffers.Select(b => (b.Name, b.Buffer)));

    /// <summary>The modules directly within this one. torch.nn.Module.children.</summary>
    public IReadOnlyList<Module> Children() => [.. NamedChildren().Select(c => c.Module)];

    /// <summary>The modules directly within this one, with their names. torch.nn.Module.named_children.</summary>
    public IReadOnlyList<(string Name, Module Module)> NamedChildren() => [.. Own().Children.DistinctBy(c => c.Module)];

    /// <summary>This module and all within it, each before its children. torch.nn.Module.modules.</summary>
    public IReadOnlyList<Module> Modules() => [.. NamedModules().Select(m => m.Module)];

    /// <summary>This module, under the name given, and all within it; one that is shared is listed once. torch.nn.Module.named_modules.</summary>
    public IReadOnlyList<(string Name, Module Module)> NamedModules(string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var found = new List<(string, Module)>();
        // Whether the walk is still within the module.
        var seen = new Dictionary<Module, bool>();
        Visit(prefix, this, 0);
        return found;

        void Visit(string path, Module module, int depth)
        {
            CheckDepth(depth);
            if (seen.TryGetValue(module, out bool isWithin))
            {
                if (isWithin) throw new InvalidOperationException($"{TypeName}: the {module.TypeName} at \"{path}\" is within itself.");
                return;
            }
            seen[module] = true;
            found.Add((path, module));
            foreach ((string name, Module child) in module.Own().Children) Visit(Join(path, name), child, depth + 1);
            seen[module] = false;
        }
    }

    /// <summary>
    /// How deeply modules may be nested. Names grow with the depth, and walks go down the stack; a module that contains itself is at any depth.
    /// </summary>
    internal const int MaxDepth = 1000;

    private protected void CheckDepth(int depth)
    {
        if (depth > MaxDepth) throw new InvalidOperationException($"{TypeName}: modules are nested more than {MaxDepth} deep, or one contains itself.");
    }

    /// <summary>The modules directly within this one; one that is shared comes under each of its names.</summary>
    internal IReadOnlyList<(string Name, Module Module)> AllChildren => Own().Children;

    private List<(string, T)> Collect<T>(string prefix, bool recurse, Func<MemberList, IEnumerable<(string Name, T Value)>> pick) where T : Tensor
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var found = new List<(string, T)>();
        var seen = new HashSet<T>();
        foreach ((string path, Module module) in recurse ? NamedModules(prefix) : [(prefix, this)])
        {
            foreach ((string name, T value) in pick(module.Own()))
            {
                if (seen.Add(value)) found.Add((Join(path, name), value));
            }
        }
        return found;
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>What this module itself holds, without what is within its children.</summary>
    private MemberList Own()
    {
        var members = new MemberList();
        VisitMembers(members);
        if (members.Completed is { } type && type != GetType())
        {
            throw new InvalidOperationException($"{GetType()} derives from {type} and does not say which parameters, buffers and children it adds. " +
                "A partial C# class has that written by Facula's source generator; elsewhere, override VisitMembers: call the base class's, show the members " +
                "to the visitor, or call its Complete with the class's own type if there are none.");
        }
        return members;
    }

    private sealed class MemberList : MemberVisitor
    {
        public readonly List<(string Name, Parameter Parameter)> Parameters = [];
        public readonly List<(string Name, Tensor Buffer, bool Persistent)> Buffers = [];
        public readonly List<(string Name, Module Module)> Children = [];

        /// <summary>The last class that said that it was done, unless more followed.</summary>
        public Type? Completed { get; private set; }

        public override void Complete(Type type) => Completed = type;

        public override void Parameter(string name, Parameter? parameter)
        {
            Completed = null;
            if (parameter is not null) Parameters.Add((name, parameter));
        }

        public override void Buffer(string name, Tensor? buffer, bool persistent = true)
        {
            Completed = null;
            if (buffer is not null) Buffers.Add((name, buffer, persistent));
        }

        public override void Child(string name, Module? module)
        {
            Completed = null;
            if (module is not null) Children.Add((name, module));
        }
    }
}

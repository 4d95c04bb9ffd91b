namespace Facula.NN;

/// <summary>
/// A part of a model: parameters, buffers and modules within it, under the names PyTorch would give them. torch.nn.Module.
/// Derive from <see cref="Module{TIn, TOut}"/>, as a <c>partial</c> class; keep layers and parameters in ordinary fields or properties, and a
/// source generator lists them at compile time, in the order of declaration. What changes a module and gives it back, typed
/// (<c>To</c>, <c>Train</c>, <c>Eval</c>, ...), is in <see cref="ModuleExtensions"/>.
/// </summary>
public abstract partial class Module
{
    /// <summary>Whether the module is in training mode, which it starts in; dropout and normalisation behave differently then.</summary>
    public bool IsTraining { get; internal set; } = true;

    /// <summary>Whether the class is one of the library's, of which it knows what it computes, and not one that derives from it elsewhere.</summary>
    internal bool IsBuiltIn => GetType().Assembly == typeof(Module).Assembly;

    /// <summary>
    /// Shows the parameters, buffers and children that this class declares, after those of its base class. The source generator writes it for every
    /// <c>partial</c> C# class. If the compiler asks for it, the class is not partial, or the generator is not there: it comes with the package, and with
    /// a reference to Facula.csproj. In another language, or where members are not fields, write it by hand: whatever it does not show is neither
    /// trained, nor moved, nor saved.
    /// </summary>
    /// <remarks>
    /// Names are what the state dictionary has. In C#:
    /// <code>
    /// protected override void VisitMembers(MemberVisitor visitor)
    /// {
    ///     visitor.Child("hidden", _hidden);
    ///     visitor.Parameter("scale", _scale);
    ///     visitor.Buffer("running_mean", _runningMean);
    /// }
    /// </code>
    /// A class that derives from one which has this calls <c>base.VisitMembers(visitor)</c> first.
    /// </remarks>
    protected internal abstract void VisitMembers(MemberVisitor visitor);

    /// <summary>
    /// Puts copies in the place of the parameters, buffers and children that this class declares, for <c>Clone</c>; called on a copy that still has those of
    /// the module it was copied from. The source generator writes it beside <see cref="VisitMembers"/>; who writes that by hand writes this as well, if
    /// such modules are to be cloned: <c>cloner.Child(ref _hidden);</c>, and <c>base.CloneMembers(cloner)</c> first where there are members below.
    /// </summary>
    protected internal virtual void CloneMembers(ModuleCloner cloner) { }

    internal Module ShallowCopy() => (Module)MemberwiseClone();

    /// <summary>A copy that shares none of the parameters, buffers and children.</summary>
    internal Module DeepCopy()
    {
        HashSet<object> own = new(ReferenceEqualityComparer.Instance);
        foreach ((_, object part) in Parts()) own.Add(part);
        Module copy = new ModuleCloner().Of(this);
        foreach ((string name, object part) in copy.Parts())
        {
            if (!own.Contains(part)) continue;
            throw new InvalidOperationException($"Clone: the copy of {TypeName} would share \"{name}\" with it: " +
                "the class that has it shows its members by hand. Override CloneMembers there as well.");
        }
        return copy;
    }

    private IEnumerable<(string Name, object Part)> Parts() =>
        [.. NamedModules().Select(m => (m.Name, (object)m.Module)), .. NamedParameters().Select(p => (p.Name, (object)p.Parameter)),
            .. NamedBuffers().Select(b => (b.Name, (object)b.Buffer))];

    /// <summary>Sets the gradient of every parameter to null, or to zeros. torch.nn.Module.zero_grad.</summary>
    public void ZeroGrad(bool setToNone = true)
    {
        foreach (Parameter parameter in Parameters()) parameter.ClearGrad(setToNone);
    }

    /// <summary>Moves what the module holds; tensors keep their identity, so optimizers and shared parameters stay connected.</summary>
    internal void Move(DType? type, Device? device, bool nonBlocking)
    {
        foreach (Parameter parameter in Parameters())
        {
            parameter.MoveData(type, device, nonBlocking);
            if (parameter.Grad is { } gradient) gradient.MoveData(type, device, nonBlocking);
        }
        foreach (Module part in Modules())
        {
            foreach (Tensor buffer in part.Buffers(recurse: false)) buffer.MoveData(type is { } given ? part.BufferType(given) : null, device, nonBlocking);
        }
    }

    /// <summary>The type that this module's own floating-point buffers take when it is converted to a type: that type, unless they need a wider one.</summary>
    protected virtual DType BufferType(DType type) => type;
}

namespace Facula.NN;

/// <summary>
/// Makes the copies of what a module is made of, for <see cref="Module.CloneMembers"/>: each once, so that what the module shares within itself the copy shares too.
/// </summary>
public sealed class ModuleCloner
{
    private readonly Dictionary<object, object> _copies = new(ReferenceEqualityComparer.Instance);

    internal ModuleCloner() { }

    /// <summary>The copy of a module.</summary>
    public T Of<T>(T module) where T : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        if (_copies.TryGetValue(module, out object? made)) return (T)made;
        Module copy = module.ShallowCopy();
        _copies.Add(module, copy);
        copy.CloneMembers(this);
        return (T)copy;
    }

    /// <summary>The copy of a parameter: its elements, without history and gradient.</summary>
    public Parameter Of(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        if (_copies.TryGetValue(parameter, out object? made)) return (Parameter)made;
        var copy = new Parameter(parameter.CopyData(), parameter.RequiresGrad);
        _copies.Add(parameter, copy);
        return copy;
    }

    /// <summary>Puts the copy of a child in its place.</summary>
    public void Child<T>(ref T module) where T : Module?
    {
        if (module is not null) module = (T)(Module)Of<Module>(module);
    }

    /// <summary>Puts the copy of a parameter in its place.</summary>
    public void Parameter(ref Parameter? parameter)
    {
        if (parameter is not null) parameter = Of(parameter);
    }

    /// <summary>Puts the copy of a buffer in its place.</summary>
    public void Buffer(ref Tensor? buffer)
    {
        if (buffer is null) return;
        if (!_copies.TryGetValue(buffer, out object? copy)) _copies.Add(buffer, copy = buffer.CopyData());
        buffer = (Tensor)copy;
    }
}

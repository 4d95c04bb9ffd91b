namespace Facula.NN;

/// <summary>
/// Is shown what a module is made of, by <see cref="Module.VisitMembers"/>, in the order of declaration. Null members are absent ones.
/// </summary>
public abstract class MemberVisitor
{
    /// <summary>A parameter of the module itself.</summary>
    public abstract void Parameter(string name, Parameter? parameter);

    /// <summary>A tensor that belongs to the module's state but is not learned; only persistent ones are saved.</summary>
    public abstract void Buffer(string name, Tensor? buffer, bool persistent = true);

    /// <summary>A module inside the module.</summary>
    public abstract void Child(string name, Module? module);
}

/// <summary>
/// Marks a tensor of a module as a buffer: it moves with the module and, where <see cref="Persistent"/>, is saved with it. torch.nn.Module.register_buffer.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class BufferAttribute : Attribute
{
    /// <summary>Whether the buffer is part of the state dictionary.</summary>
    public bool Persistent { get; set; } = true;
}

/// <summary>Gives a member of a module another name in the state dictionary than its own in snake_case.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class StateNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

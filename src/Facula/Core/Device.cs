using Facula.Backends;
using Facula.Backends.Cpu;
using Facula.Backends.Reference;

namespace Facula;

/// <summary>Where a tensor's elements are and its operations run. torch.device.</summary>
public sealed class Device : IEquatable<Device>
{
    internal Device(string name, Backend backend) => (Name, Backend) = (name, backend);

    /// <summary>The processor: SIMD kernels on <see cref="Threads.Count"/> threads.</summary>
    public static Device Cpu { get; } = new("cpu", new CpuBackend());

    /// <summary>The processor, by naive scalar loops in double precision: the definition of every operation, for tests. Slow.</summary>
    public static Device Reference { get; } = new("reference", new ReferenceBackend());

    /// <summary>The name, e.g. cpu.</summary>
    public string Name { get; }

    internal Backend Backend { get; }

    /// <inheritdoc/>
    public bool Equals(Device? other) => ReferenceEquals(this, other);
    /// <inheritdoc/>
    public override bool Equals(object? obj) => ReferenceEquals(this, obj);
    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    /// <inheritdoc/>
    public override string ToString() => Name;
}

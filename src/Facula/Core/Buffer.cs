namespace Facula;

/// <summary>
/// The memory behind tensors and their views, on some device. Counted references give it back at once when the last owner lets go on purpose;
/// what nobody lets go of is found after a collection. Nobody but the device's kernels can reach the elements, except those of a <see cref="HostBuffer"/>;
/// <see cref="Backends.Backend.Upload"/> and <see cref="Backends.Backend.Download"/> carry them over.
/// </summary>
internal abstract class Buffer(long bytes)
{
    private int _references = 1;

    /// <summary>What a backend has made of these elements for its own use; it knows of which <see cref="Version"/>.</summary>
    public object? Derived;

    /// <summary>Counts in-place changes, so that backward can tell that something it saved has changed.</summary>
    public int Version;

    public long Bytes { get; } = bytes;

    /// <summary>Whether the memory is so much that dropped tensors should be found soon, by <see cref="Watch"/>.</summary>
    public virtual bool IsPooled => false;

    public bool IsUnique => Volatile.Read(ref _references) == 1;

    /// <summary>
    /// Has the device's pool watch the tensor that this was made for: when it is dropped, its reference goes, although what backward has
    /// saved may keep this buffer.
    /// </summary>
    public virtual void Watch(object owner) { }

    /// <summary>The tensor, if it is that which is watched, lets go by itself.</summary>
    protected virtual void Unwatch(object owner) { }

    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>Lets go of the reference of a tensor that is still there.</summary>
    public void Release(object owner)
    {
        Unwatch(owner);
        Release();
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;
        Derived = null;
        Free();
    }

    /// <summary>Gives the memory back, to be used by kernels that are called from now on.</summary>
    protected abstract void Free();
}

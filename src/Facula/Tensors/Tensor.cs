using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Facula.Backends;

namespace Facula;

/// <summary>
/// An array of numbers of any rank that remembers how it was computed. torch.Tensor.
/// <see cref="Dispose()"/> is never needed; it only gives the memory back sooner. Operations are in <c>Ops/</c>, one file each.
/// </summary>
public partial class Tensor : IDisposable
{
    // Where the elements are and how they lie there, from the making of this until it is disposed of or gets others. They never change meanwhile, so that
    // whoever reads them on another thread, on any processor, has a layout and a buffer that belong together.
    private readonly Layout _layout;
    private Buffer? _buffer;

    // What has taken their place, in one object that never changes. Not so from the start, as that were an object more for each tensor.
    private TensorData? _changed;

    /// <summary>A tensor over the buffer; takes over one reference to it.</summary>
    internal Tensor(Buffer buffer, Layout layout, DType type, Device device)
    {
        if (!Check.Fits(layout, type, buffer)) Check.ThrowReach(layout, type, buffer);
        (_buffer, _layout, DType, Device) = (buffer, layout, type, device);
    }

    /// <summary>Where the elements are, by whichever of the two ways.</summary>
    private TensorData Current
    {
        get
        {
            Buffer? buffer = Volatile.Read(ref _buffer);
            // What takes its place is there before it goes.
            return Volatile.Read(ref _changed) ?? new(buffer, _layout);
        }
    }

    internal Layout Layout
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _changed is { } data ? data.Layout : _layout;
    }

    /// <summary>The type of the elements.</summary>
    public DType DType { get; private set; }

    /// <summary>Where the elements are.</summary>
    public Device Device { get; private set; }

    /// <summary>A plain number in disguise: it takes part on the other operand's device, and does not widen that within its own category.</summary>
    internal bool IsWrappedNumber => (_buffer ?? Current.Buffer) is Number;

    internal Buffer Buffer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _buffer ?? Current.Buffer ?? ThrowDisposed();
    }

    /// <summary>What a backend sees of this tensor.</summary>
    internal Operand Operand
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_buffer is { } buffer) return new(buffer, _layout, DType, this);
            TensorData data = Current;
            return new(data.Buffer ?? ThrowDisposed(), data.Layout, DType, this);
        }
    }

    /// <summary>The sizes of the dimensions.</summary>
    public Shape Shape => new(Layout.Shape);

    /// <summary>The number of dimensions.</summary>
    public int Rank => Layout.Rank;

    /// <summary>The number of elements. torch.Tensor.numel.</summary>
    public long Count => Layout.Count;

    /// <summary>The size of the first dimension. Python's len.</summary>
    /// <exception cref="InvalidOperationException">The tensor is a single number.</exception>
    public int Length => Rank > 0 ? Layout.Shape[0] : throw new InvalidOperationException("Length: a tensor of rank 0 has no dimension to count.");

    /// <summary>The size of a dimension, negative ones counted from the end. torch.Tensor.size.</summary>
    /// <exception cref="ArgumentException">The tensor is a single number.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    public int Size(int dim) => Layout.Shape[Check.DimOf("Size", dim, this)];

    /// <summary>
    /// Elements between neighbours along each dimension, as whoever sees the elements finds them. Convolutions may keep a result in an order of their own,
    /// which counts as contiguous, because the elements are put in row-major order before they can be seen. torch.Tensor.stride.
    /// </summary>
    public IReadOnlyList<long> Strides => Layout is { IsChannelsLast: true } layout ? Layout.Contiguous(layout.Shape).Strides : Layout.Strides;

    /// <summary>Whether the elements lie in row-major order without gaps.</summary>
    public bool IsContiguous => Layout.IsContiguous || Layout.IsChannelsLast;

    /// <summary>Whether <see cref="Dispose()"/> has been called on this tensor.</summary>
    public bool IsDisposed => _buffer is null && Current.Buffer is null;

    /// <summary>A new uninitialised tensor that a result will be written to.</summary>
    /// <param name="layout">Its shape, and the order if that is a convolution's.</param>
    /// <param name="type">Its type.</param>
    /// <param name="device">Where it will be.</param>
    /// <param name="operation">Named in the error if there is no room for it.</param>
    internal static Tensor Allocate(Layout layout, DType type, Device device, [CallerMemberName] string operation = "")
    {
        Layout dense = layout.Dense(operation);
        Buffer buffer = device.Backend.Allocate(dense, type, operation);
        Tensor tensor = new(buffer, dense, type, device);
        buffer.Watch(tensor);
        return tensor;
    }

    /// <summary>Another tensor over the same buffer, without history. A plain number has no order that could be seen in another way:
    /// of that it is a copy in memory.</summary>
    internal Tensor Alias(Layout layout)
    {
        if (layout.Rank > 0 && IsWrappedNumber) return InMemory(Device).Alias(layout);
        Buffer buffer = Buffer;
        buffer.AddReference();
        return new(buffer, layout, DType, Device) { IsInference = IsInference };
    }

    /// <summary>
    /// Puts the elements in row-major order if a convolution has left them in its own: before their order can be seen, or somebody else comes to share them.
    /// </summary>
    internal void EnsureRowMajor()
    {
        if (!Layout.IsChannelsLast) return;
        lock (Buffer)
        {
            if (!Layout.IsChannelsLast) return;
            TensorData? before = _changed;
            TensorData data = before ?? Current;
            Layout plain = Layout.Contiguous(data.Layout.Shape);
            Buffer old = data.Buffer ?? ThrowDisposed(), buffer = old;
            if (!data.Layout.IsContiguous)
            {
                // The old buffer is left to the collector: another thread may be reading it at this moment.
                buffer = Device.Backend.Allocate(plain, DType);
                Device.Backend.Copy(new(old, data.Layout, DType, this), new(buffer, plain, DType));
            }
            // Whoever disposes of it meanwhile has the last word.
            TryChange(before, new(buffer, plain));
        }
    }

    /// <summary>Lets this object stand for the other tensor's elements; for parameters that move to another device or type.</summary>
    internal void ReplaceData(Tensor other)
    {
        Buffer incoming = other.Buffer;
        incoming.AddReference();
        Current.Buffer?.Release(this);
        (_changed, DType, Device) = (new(incoming, other.Layout), other.DType, other.Device);
        _buffer = null;
        _leaf?.Node?.Output = new(this);
    }

    /// <summary>Gives the memory back now, unless a view or a graph still needs it. Optional; calling it twice is fine.</summary>
    public void Dispose()
    {
        while (true)
        {
            TensorData? before = Volatile.Read(ref _changed);
            Buffer? buffer = before is null ? Volatile.Read(ref _buffer) : before.Buffer;
            if (buffer is null && before is not null) break;
            // Another thread may dispose of it too, or put it in another order; or has, between the two looks, and then once more.
            if (buffer is not null && TryChange(before, new(null, before?.Layout ?? _layout))) buffer.Release(this);
        }
        GC.SuppressFinalize(this);
    }

    private bool TryChange(TensorData? before, TensorData after)
    {
        if (!ReferenceEquals(Interlocked.CompareExchange(ref _changed, after, before), before)) return false;
        Volatile.Write(ref _buffer, null);
        return true;
    }

    [DoesNotReturn]
    private Buffer ThrowDisposed() =>
        throw new ObjectDisposedException(nameof(Tensor), $"This tensor of shape {Shape} has been disposed; use it before Dispose or keep a view of it.");
}

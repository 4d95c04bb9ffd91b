using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Facula.Backends;

namespace Facula.Tests.Devices;

/// <summary>
/// A new backend, as one for a GPU begins: it has the primitive kernels alone, so that every family is its default body, and only they,
/// uploads and downloads can reach its memory. Inside, the processor's kernels do the work. It counts what a program waits for.
/// </summary>
internal sealed partial class RemoteBackend : Backend
{
    private static readonly Backend Inside = Device.Cpu.Backend;

    private Exception? _deferred;
    private int _uploads, _downloads, _synchronizations;

    /// <summary>Times that bytes have come from the host.</summary>
    public int Uploads => _uploads;

    /// <summary>Times that bytes, or a number, have gone to the host, which has waited for them.</summary>
    public int Downloads => _downloads;

    public int Synchronizations => _synchronizations;

    /// <summary>Whether indices out of range are found while nobody waits, as a GPU's kernels find them, so that the next one who waits is told.</summary>
    public bool DefersErrors { get; init; }

    /// <summary>Whether results are channels-last, as the processor's are.</summary>
    public bool IsChannelsLast { get; init; }

    public override Layout ResultLayout(int[] shape, [CallerMemberName] string operation = "") =>
        IsChannelsLast ? Inside.ResultLayout(shape, operation) : base.ResultLayout(shape, operation);

    public override Buffer Allocate(long bytes) => new RemoteBuffer(this, bytes);

    public override void Upload(ReadOnlySpan<byte> from, Buffer to, long at)
    {
        Interlocked.Increment(ref _uploads);
        Inside.Upload(from, Mine(to).Memory, at);
    }

    public override void Download(Buffer from, long at, Span<byte> to)
    {
        Interlocked.Increment(ref _downloads);
        Raise();
        Inside.Download(Mine(from).Memory, at, to);
    }

    public override void Synchronize()
    {
        Interlocked.Increment(ref _synchronizations);
        Raise();
    }

    // The first one: what has gone wrong after it may have done so because of it.
    private void Defer(Exception error) => Interlocked.CompareExchange(ref _deferred, error, null);

    private void Raise()
    {
        if (Interlocked.Exchange(ref _deferred, null) is { } error) ExceptionDispatchInfo.Throw(error);
    }

    private RemoteBuffer Mine(Buffer? buffer) => buffer is RemoteBuffer remote && ReferenceEquals(remote.Owner, this) ? remote
        : throw new InvalidOperationException(
            $"A kernel of a remote device has been given {(buffer is HostBuffer ? "memory of the host" : "memory of another device")}.");

    /// <summary>The operand as the processor's kernels see it. None is none.</summary>
    private Operand In(in Operand x)
    {
        if (x.Buffer is null) return x;
        RemoteBuffer buffer = Mine(x.Buffer);
        // What the processor has made of these elements is out of date without its being told.
        buffer.Memory.Derived = null;
        return new(buffer.Memory, x.Layout, x.DType);
    }

    /// <summary>The same for what may be a plain number.</summary>
    private Operand Argument(in Operand x) => x.Immediate is null ? In(x) : x;

    private Operand? In(in Operand? x) => x is { } operand ? In(operand) : null;

    private sealed class RemoteBuffer(RemoteBackend owner, long bytes) : Buffer(bytes)
    {
        public RemoteBackend Owner => owner;

        public HostBuffer Memory { get; } = HostBuffer.Allocate(bytes);

        protected override void Free() => Memory.Release();
    }
}

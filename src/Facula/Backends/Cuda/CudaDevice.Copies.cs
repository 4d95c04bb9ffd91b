using System.Runtime.CompilerServices;

namespace Facula.Backends.Cuda;

internal sealed unsafe partial class CudaDevice
{
    // Up to here a copy is a step of the compute stream; more goes beside it.
    private const int SmallBytes = 64 << 10;
    private const int SmallSlotBytes = 256 << 10;
    private const int LargeSlotBytes = 4 << 20;

    private readonly UploadRing _smallUploads, _largeUploads;
    private readonly PinnedSlots _smallSlots, _largeSlots;

    public CudaBuffer Allocate(long bytes) => new(this, bytes);

    /// <summary>Memory of the host that the device copies from and to by itself; it is kept as long as the process.</summary>
    /// <exception cref="OutOfMemoryException">The system does not lock so much.</exception>
    public nint AllocatePinned(long bytes, string operation)
    {
        CudaResult result = Driver.AllocateHost((ulong)bytes, out nint pointer);
        if (result == CudaResult.OutOfMemory)
            throw new OutOfMemoryException($"{operation}: the system does not lock {bytes} bytes for {Name} to copy through.");
        Check(result, operation);
        return pointer;
    }

    /// <summary>The source may be changed as soon as this returns; kernels that are launched later see it.</summary>
    public void Upload(ReadOnlySpan<byte> from, CudaBuffer to, long at)
    {
        const string Operation = "Upload";
        CheckRange(to, at, from.Length);
        if (from.IsEmpty) return;
        Enter(Operation);
        using var held = new CudaHold(to, Operation);
        if (from.Length <= SmallBytes) _smallUploads.Write(from, held.Address + (ulong)at, Compute, Operation);
        else UploadBeside(from, to.Block!, held.Address + (ulong)at, Operation);
    }

    /// <summary>The copy waits for the kernels that may still use the memory, and those that will for the copy; others do not.</summary>
    private void UploadBeside(ReadOnlySpan<byte> from, CudaBlock block, ulong to, string operation)
    {
        nint stream = UploadStream;
        Follow(stream, Compute, operation);
        _largeUploads.Write(from, to, stream, operation);
        lock (block)
        {
            if (!block.HasArrival) block.Arrival = TakeEvent(operation);
            Check(Driver.Record(block.Arrival, stream), operation);
        }
    }

    /// <summary>Waits for the kernels that were launched before, and raises what they have left to be raised.</summary>
    public void Download(CudaBuffer from, long at, Span<byte> to)
    {
        const string Operation = "Download";
        CheckRange(from, at, to.Length);
        Enter(Operation);
        using PinnedSlot slot = _smallSlots.Take(Operation);
        using var held = new CudaHold(from, Operation);
        ulong address = held.Address + (ulong)at;
        bool isSmall = to.Length <= SmallBytes;
        if (isSmall && !to.IsEmpty) Check(Driver.CopyToHost(slot.Pointer, address, (ulong)to.Length, Compute), Operation);
        bool asked = Errors.Ask(slot.ErrorRecord, Operation);
        Check(Driver.Record(slot.Event, Compute), Operation);
        if (!isSmall) DownloadBeside(address, to, slot.Event, Operation);
        Check(Driver.SynchronizeEvent(slot.Event), Operation);
        if (isSmall) new ReadOnlySpan<byte>((void*)slot.Pointer, to.Length).CopyTo(to);
        if (asked) Errors.Raise(slot.ErrorRecord);
    }

    /// <summary>While one part is taken out of its slot, the next is on its way to the other.</summary>
    private void DownloadBeside(ulong from, Span<byte> to, nint ready, string operation)
    {
        nint stream = DownloadStream;
        Check(Driver.WaitFor(stream, ready), operation);
        using PinnedSlot first = _largeSlots.Take(operation), second = _largeSlots.Take(operation);
        (PinnedSlot current, PinnedSlot next) = (first, second);
        Request(current, from, Math.Min(LargeSlotBytes, to.Length));
        for (int done = 0; done < to.Length; done += LargeSlotBytes)
        {
            int ahead = done + LargeSlotBytes;
            if (ahead < to.Length) Request(next, from + (ulong)ahead, Math.Min(LargeSlotBytes, to.Length - ahead));
            Check(Driver.SynchronizeEvent(current.Event), operation);
            int length = Math.Min(LargeSlotBytes, to.Length - done);
            new ReadOnlySpan<byte>((void*)current.Pointer, length).CopyTo(to[done..]);
            (current, next) = (next, current);
        }

        void Request(PinnedSlot slot, ulong address, int length)
        {
            Check(Driver.CopyToHost(slot.Pointer, address, (ulong)length, stream), operation);
            Check(Driver.Record(slot.Event, stream), operation);
        }
    }

    /// <summary>Bytes that follow each other, from one place of the device to another.</summary>
    public void Copy(CudaBuffer from, long at, CudaBuffer to, long target, long bytes, string operation)
    {
        CheckRange(from, at, bytes);
        CheckRange(to, target, bytes);
        if (bytes == 0) return;
        Enter(operation);
        using CudaHold source = new(from, operation), destination = new(to, operation);
        Check(Driver.CopyOnDevice(destination.Address + (ulong)target, source.Address + (ulong)at, (ulong)bytes, Compute), operation);
    }

    /// <summary>Every one of these bytes becomes the value.</summary>
    public void Set(CudaBuffer to, long at, byte value, long bytes, string operation)
    {
        CheckRange(to, at, bytes);
        if (bytes == 0) return;
        Enter(operation);
        using var held = new CudaHold(to, operation);
        Check(Driver.Set(held.Address + (ulong)at, value, (ulong)bytes, Compute), operation);
    }

    private static void CheckRange(CudaBuffer buffer, long at, long bytes, [CallerMemberName] string operation = "")
    {
        if (at < 0 || bytes < 0 || bytes > buffer.Bytes - at)
            throw new ArgumentOutOfRangeException(nameof(at), at,
                $"{operation}: {bytes} bytes from byte {at} on do not lie in a buffer of {buffer.Bytes} bytes.");
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>
/// A block's shared memory. Beside each byte stand who wrote it last and two of those who read it last, of different warps: the thread, and its warp's clock,
/// which every barrier moves on. A warp knows of each other's clock what the barriers they have both been at have told it; an access that it does not know of
/// is a race (FastTrack: Flanagan and Freund, 2009).
/// </summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    // A stamp: bit 31 for an atomic operation, the clock, ten bits of thread.
    private const uint Atomic = 1u << 31;
    private const uint Threads = 1023;
    private const int ClockShift = 10;

    /// <summary>The stamp of bytes that an asynchronous copy has been told to write and has not delivered.</summary>
    private const uint Pending = ~0u;

    private byte* data;
    private uint* writers;
    private uint* readers;
    private uint* otherReaders;
    private int capacity;
    private uint start;
    private bool findsRaces;
    private bool findsUninitialized;

    public int Bytes { get; private set; }

    ~SharedMemory() => Release();

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        NativeMemory.Free(data);
        NativeMemory.Free(writers);
        data = null;
        writers = null;
    }

    /// <summary>For a new block, whose clocks begin at a value that no earlier one has reached.</summary>
    public void Start(int bytes, uint clock, EmulatorOptions options)
    {
        (findsRaces, findsUninitialized) = (options.FindsRaces, options.FindsUninitialized);
        if (bytes > capacity || clock <= start)
        {
            Release();
            capacity = Math.Max(bytes, 1024) + 15 & ~15;
            data = (byte*)NativeMemory.Alloc((nuint)capacity);
            writers = (uint*)NativeMemory.AllocZeroed((nuint)capacity * 3, sizeof(uint));
            readers = writers + capacity;
            otherReaders = readers + capacity;
        }
        new Span<byte>(data, bytes).Fill(0xFF);
        (Bytes, start) = (bytes, clock);
    }

    public byte* Read(Warp warp, int lane, ulong address, int bytes)
    {
        Check(warp, lane, address, bytes, "reads");
        uint me = warp.Stamp(lane);
        uint* written = writers + address, read = readers + address, other = otherReaders + address;
        if (bytes >= 4)
        {
            for (int i = 0; i < bytes; i += 4)
            {
                Vector128<uint> last = Vector128.Load(written + i), reads = Vector128.Load(read + i);
                if (Vector128.EqualsAll(last, Vector128.Create(last.ToScalar()))) Ordered(warp, lane, last.ToScalar(), address + (ulong)i, false);
                else for (int k = 0; k < 4; k++) Ordered(warp, lane, written[i + k], address + (ulong)(i + k), false);
                if (Warp(reads.ToScalar()) != warp.Index) reads.Store(other + i);
                Vector128.Create(me).Store(read + i);
            }
        }
        else
        {
            for (int i = 0; i < bytes; i++)
            {
                Ordered(warp, lane, written[i], address + (ulong)i, false);
                if (Warp(read[i]) != warp.Index) other[i] = read[i];
                read[i] = me;
            }
        }
        return data + address;
    }

    public byte* Write(Warp warp, int lane, ulong address, int bytes) => Write(warp, lane, address, bytes, warp.Stamp(lane), "writes");

    /// <summary>An asynchronous copy is given its target; what is there is nobody's until it is delivered.</summary>
    public void Reserve(Warp warp, int lane, ulong address, int bytes)
    {
        byte* target = Write(warp, lane, address, bytes, Pending, "asynchronously writes");
        new Span<byte>(target, bytes).Fill(0xFF);
    }

    /// <summary>An asynchronous copy comes to its end; bytes that nobody has written stay so.</summary>
    public void Deliver(Warp warp, AsyncCopy copy, DeviceMemory memory)
    {
        new Span<byte>(data + copy.To, copy.Bytes + copy.Zeros).Clear();
        new Span<uint>(writers + copy.To, copy.Bytes + copy.Zeros).Fill(warp.Stamp(copy.Lane));
        if (copy.Bytes == 0) return;
        byte* from = memory.Read(copy.From, copy.Bytes);
        bool isDefined = from != null;
        if (!isDefined) from = memory.Peek(copy.From, copy.Bytes);
        if (from == null) throw GlobalSpace.Explain(warp, copy.Lane, copy.From, copy.Bytes, true);
        System.Buffer.MemoryCopy(from, data + copy.To, copy.Bytes, copy.Bytes);
        for (ulong i = 0; !isDefined && i < (ulong)copy.Bytes; i++) if (!memory.IsDefined(copy.From + i)) writers[copy.To + i] = 0;
    }

    /// <summary>A copy that its block has not waited for is nobody's any more.</summary>
    public void Forget(ulong address, int bytes) => new Span<uint>(writers + address, bytes).Clear();

    /// <summary>For an operation that is both a read and a write and needs no order with its kind.</summary>
    public byte* Update(Warp warp, int lane, ulong address, int bytes)
    {
        Check(warp, lane, address, bytes, "changes");
        uint me = warp.Stamp(lane) | Atomic;
        for (ulong i = address; i < address + (ulong)bytes; i++)
        {
            if (writers[i] == Pending || writers[i] < Atomic || Clock(writers[i]) < start) Ordered(warp, lane, writers[i], i, false);
            if (readers[i] < Atomic) Ordered(warp, lane, readers[i], i, true, "read");
            writers[i] = me;
        }
        warp.CheckMissed();
        return data + address;
    }

    private byte* Write(Warp warp, int lane, ulong address, int bytes, uint stamp, string verb)
    {
        Check(warp, lane, address, bytes, verb);
        for (int i = 0; i < bytes; i += Math.Min(bytes, 4))
        {
            ulong at = address + (ulong)i;
            if (bytes >= 4)
            {
                Vector128<uint> last = Vector128.Load(writers + at), read = Vector128.Load(readers + at), other = Vector128.Load(otherReaders + at);
                bool same = Vector128.EqualsAll(last, Vector128.Create(last.ToScalar())) && Vector128.EqualsAll(read, Vector128.Create(read.ToScalar()))
                    && Vector128.EqualsAll(other, Vector128.Create(other.ToScalar()));
                Free(warp, lane, at, same ? 1 : 4);
                Vector128.Create(stamp).Store(writers + at);
            }
            else
            {
                Free(warp, lane, at, bytes);
                for (int k = 0; k < bytes; k++) writers[at + (ulong)k] = stamp;
            }
        }
        return data + address;
    }

    /// <summary>Whether what others did to bytes that are now written is over.</summary>
    private void Free(Warp warp, int lane, ulong address, int bytes)
    {
        for (ulong at = address; at < address + (ulong)bytes; at++)
        {
            Ordered(warp, lane, writers[at], at, true, "written");
            Ordered(warp, lane, readers[at], at, true, "read");
            Ordered(warp, lane, otherReaders[at], at, true, "read");
        }
    }

    private static uint Clock(uint stamp) => (stamp & ~Atomic) >> ClockShift;

    private static int Warp(uint stamp) => (int)(stamp & Threads) / 32;

    private void Ordered(Warp warp, int lane, uint stamp, ulong address, bool writes, string did = "written")
    {
        if (stamp == Pending)
            throw warp.Fault(CudaResult.LaunchFailed, lane,
                $"touches byte {address} of shared memory, which an asynchronous copy has not delivered: a wait is missing");
        uint clock = Clock(stamp);
        if (clock < start)
        {
            if (writes || !findsUninitialized) return;
            warp.Miss("shared", lane, address, 1);
            return;
        }
        if (!findsRaces) return;
        int thread = (int)(stamp & Threads), other = thread / 32;
        if (other == warp.Index)
        {
            if (thread % 32 == lane || clock < warp.Clock) return;
        }
        else if (clock <= warp.Knows(other)) return;
        throw warp.Fault(CudaResult.LaunchFailed, lane,
            $"{(writes ? "writes" : "reads")} byte {address} of shared memory, {did} by thread {thread} with no barrier between: a data race");
    }

    private void Check(Warp warp, int lane, ulong address, int bytes, string verb)
    {
        if (address > (ulong)Bytes || address + (ulong)bytes > (ulong)Bytes)
            throw warp.Fault(CudaResult.IllegalAddress, lane, $"{verb} {bytes} bytes at {(long)address} of {Bytes} bytes of shared memory, out of bounds");
    }
}

using System.Runtime.InteropServices;
using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>
/// Global memory: a range of addresses of which there are more than the device has memory, so that what is freed rests for a while before its
/// addresses come back, and beside each byte what it is.
/// </summary>
internal sealed unsafe class DeviceMemory : IDisposable
{
    /// <summary>Of a byte: nobody's, allocated, allocated and written, freed.</summary>
    public const byte Unmapped = 0, Allocated = 1, Defined = 3, Freed = 4;

    private const byte Poison = 0xFF;
    private const ulong Granule = 512, Guard = 512, Slack = 128 << 20;
    private static ulong instances;

    private readonly SortedDictionary<ulong, ulong> free = [];
    private readonly SortedDictionary<ulong, ulong> allocations = [];
    private readonly byte* data;
    private readonly byte* states;
    private readonly ulong* writers;
    private readonly ulong size;
    private readonly ulong total;
    private ulong rover;
    private bool disposed;

    public DeviceMemory(long bytes, bool findsUninitialized)
    {
        total = (ulong)bytes;
        size = total + Math.Min(total, Slack) + (1 << 20);
        data = (byte*)NativeMemory.AllocZeroed((nuint)size);
        states = (byte*)NativeMemory.AllocZeroed((nuint)size);
        writers = (ulong*)NativeMemory.AllocZeroed((nuint)(size / 4), sizeof(ulong));
        Base = 0x7000_0000_0000 + (Interlocked.Increment(ref instances) << 36 & 0xFFF_FFFF_FFFF);
        FindsUninitialized = findsUninitialized;
        free[Guard] = size - (2 * Guard);
        rover = Guard;
    }

    ~DeviceMemory() => Release();

    public ulong Base { get; }
    public ulong Used { get; private set; }
    public ulong Total => total;
    public bool FindsUninitialized { get; }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (disposed) return;
        disposed = true;
        NativeMemory.Free(data);
        NativeMemory.Free(states);
        NativeMemory.Free(writers);
    }

    /// <summary>As many bytes, exactly, after which nothing is; 0 where there is no room.</summary>
    public ulong Allocate(ulong bytes)
    {
        ulong room = Round(bytes);
        if (room < bytes || room > total || Used + room > total) return 0;
        // The first gap from where the last search ended: freed addresses come back late.
        ulong start = 0, length = 0;
        foreach (var (at, gap) in free)
        {
            if (gap < room + Guard || (start != 0 && at < rover)) continue;
            if (start != 0 && start >= rover) break;
            (start, length) = (at, gap);
        }
        if (start == 0) return 0;
        free.Remove(start);
        ulong taken = room + Guard;
        if (length > taken) free[start + taken] = length - taken;
        rover = start + taken;
        allocations[start] = bytes;
        Used += room;
        new Span<byte>(states + start, (int)Math.Min(taken, int.MaxValue)).Clear();
        NativeMemory.Fill(states + start, (nuint)bytes, Allocated);
        NativeMemory.Fill(data + start, (nuint)bytes, Poison);
        return Base + start;
    }

    public bool Free(ulong address)
    {
        ulong start = address - Base;
        if (!allocations.Remove(start, out ulong bytes)) return false;
        ulong room = Round(bytes), length = room + Guard;
        Used -= room;
        NativeMemory.Fill(states + start, (nuint)bytes, Freed);
        foreach (var (at, gap) in free)
        {
            if (at + gap == start)
            {
                free.Remove(at);
                (start, length) = (at, length + gap);
                break;
            }
            if (at > start) break;
        }
        if (free.Remove(start + length, out ulong next)) length += next;
        free[start] = length;
        return true;
    }

    private static ulong Round(ulong bytes) => (bytes + Granule - 1) / Granule * Granule;

    /// <summary>Where bytes that are read lie, if all of them have been written; else null.</summary>
    public byte* Read(ulong address, int bytes)
    {
        ulong at = address - Base;
        if (at >= size - (ulong)bytes) return null;
        byte* state = states + at;
        bool defined = bytes switch
        {
            1 => *state == Defined,
            2 => *(ushort*)state == 0x0303,
            4 => *(uint*)state == 0x03030303,
            8 => *(ulong*)state == 0x0303030303030303,
            16 => ((ulong*)state)[0] == 0x0303030303030303 && ((ulong*)state)[1] == 0x0303030303030303,
            _ => new ReadOnlySpan<byte>(state, bytes).IndexOfAnyExcept(Defined) < 0,
        };
        return defined || (!FindsUninitialized && IsAllocated(state, bytes)) ? data + at : null;
    }

    /// <summary>Where allocated bytes lie, written or not; else null.</summary>
    public byte* Peek(ulong address, int bytes)
    {
        ulong at = address - Base;
        return at < size - (ulong)bytes && IsAllocated(states + at, bytes) ? data + at : null;
    }

    /// <summary>Notes which block of which launch has written a range; of parts of a word nothing is known.</summary>
    public void Sign(ulong address, int bytes, ulong stamp)
    {
        ulong* word = writers + ((address - Base) >> 2);
        if (bytes < 4) *word = 0;
        for (; bytes >= 4; bytes -= 4) *word++ = stamp;
    }

    /// <summary>The block that has written into a range during the same launch, where that is another one; else -1.</summary>
    public long Writer(ulong address, int bytes, ulong stamp)
    {
        ulong* word = writers + ((address - Base) >> 2);
        for (; bytes > 0; bytes -= 4, word++) if (*word != stamp && *word >> 32 == stamp >> 32) return (uint)*word;
        return -1;
    }

    /// <summary>Whether somebody has written a byte of an allocation.</summary>
    public bool IsDefined(ulong address) => states[address - Base] == Defined;

    /// <summary>Where bytes that are written lie; null where they may not be.</summary>
    public byte* Write(ulong address, int bytes)
    {
        ulong at = address - Base;
        if (at >= size - (ulong)bytes) return null;
        byte* state = states + at;
        switch (bytes)
        {
            case 1 when (*state & 1) != 0:
                *state = Defined;
                return data + at;
            case 2 when (*(ushort*)state & 0x0101) == 0x0101:
                *(ushort*)state = 0x0303;
                return data + at;
            case 4 when (*(uint*)state & 0x01010101) == 0x01010101:
                *(uint*)state = 0x03030303;
                return data + at;
            case 8 when (*(ulong*)state & 0x0101010101010101) == 0x0101010101010101:
                *(ulong*)state = 0x0303030303030303;
                return data + at;
            case 1 or 2 or 4 or 8:
                return null;
            default:
                if (!IsAllocated(state, bytes)) return null;
                new Span<byte>(state, bytes).Fill(Defined);
                return data + at;
        }
    }

    private static bool IsAllocated(byte* state, int bytes) => new ReadOnlySpan<byte>(state, bytes).IndexOfAnyExcept(Allocated, Defined) < 0;

    /// <summary>Whether all of a range may be written.</summary>
    public bool Contains(ulong address, ulong bytes)
    {
        ulong at = address - Base;
        if (bytes == 0) return true;
        if (at >= size || bytes > size - at) return false;
        for (ulong done = 0; done < bytes; done += 1 << 20)
        {
            if (!IsAllocated(states + at + done, (int)Math.Min(1 << 20, bytes - done))) return false;
        }
        return true;
    }

    /// <summary>Copies bytes of the host to an allocated range.</summary>
    public void Upload(ulong address, byte* from, ulong bytes)
    {
        NativeMemory.Copy(from, data + (address - Base), (nuint)bytes);
        NativeMemory.Fill(states + (address - Base), (nuint)bytes, Defined);
    }

    /// <summary>Copies an allocated range to the host; the place of the first byte that nobody has written, or -1.</summary>
    public long Download(byte* to, ulong address, ulong bytes)
    {
        NativeMemory.Copy(data + (address - Base), to, (nuint)bytes);
        for (ulong done = 0; done < bytes; done += 1 << 20)
        {
            int found = new ReadOnlySpan<byte>(states + (address - Base) + done, (int)Math.Min(1 << 20, bytes - done)).IndexOf(Allocated);
            if (found >= 0) return (long)done + found;
        }
        return -1;
    }

    /// <summary>Copies, and what is known of each byte with it.</summary>
    public void Copy(ulong to, ulong from, ulong bytes)
    {
        System.Buffer.MemoryCopy(data + (from - Base), data + (to - Base), bytes, bytes);
        System.Buffer.MemoryCopy(states + (from - Base), states + (to - Base), bytes, bytes);
    }

    public void Set(ulong address, byte value, ulong bytes)
    {
        NativeMemory.Fill(data + (address - Base), (nuint)bytes, value);
        NativeMemory.Fill(states + (address - Base), (nuint)bytes, Defined);
    }

    /// <summary>Makes a range as if nobody had written it, as an allocator may that hands memory out anew.</summary>
    public void Undefine(ulong address, ulong bytes)
    {
        NativeMemory.Fill(data + (address - Base), (nuint)bytes, Poison);
        NativeMemory.Fill(states + (address - Base), (nuint)bytes, Allocated);
    }

    /// <summary>Why bytes may not be read or written.</summary>
    public (CudaResult Result, string Message) Explain(ulong address, int bytes, bool reads)
    {
        ulong at = address - Base;
        string verb = reads ? "reads" : "writes";
        string access = $"{verb} {bytes} bytes at 0x{address:X}";
        if (at < size)
        {
            int wrong = 0;
            while (wrong < bytes - 1 && states[at + (ulong)wrong] is Defined || (!reads && states[at + (ulong)wrong] is Allocated
                && wrong < bytes - 1)) wrong++;
            switch (states[at + (ulong)wrong])
            {
                case Allocated: return (CudaResult.LaunchFailed, $"{access}, of which byte {wrong} was never written{Nearest(at)}");
                case Freed: return (CudaResult.IllegalAddress, $"{access}, which has been freed");
            }
        }
        return (CudaResult.IllegalAddress, $"{access}, out of bounds{Nearest(at)}");
    }

    private string Nearest(ulong at)
    {
        ulong start = 0, bytes = 0;
        foreach (var (from, length) in allocations)
        {
            if (from > at) break;
            (start, bytes) = (from, length);
        }
        if (start == 0) return ", before every allocation";
        ulong offset = at - start;
        return offset < bytes ? $": byte {offset} of an allocation of {bytes}" : $": {offset - bytes} bytes past the end of an allocation of {bytes}";
    }
}

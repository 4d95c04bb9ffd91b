using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>A state space: where a lane's address is in the host's memory, or a fault. Reading what was never written is noted only: <see
/// cref="Warp.Miss"/>.</summary>
internal unsafe interface ISpace
{
    static abstract byte* Read(Warp warp, int lane, ulong address, int bytes);

    static abstract byte* Write(Warp warp, int lane, ulong address, int bytes);

    /// <summary>For an atomic operation.</summary>
    static abstract byte* Update(Warp warp, int lane, ulong address, int bytes);
}

internal readonly unsafe struct GlobalSpace : ISpace
{
    public static byte* Read(Warp warp, int lane, ulong address, int bytes)
    {
        byte* at = warp.Block.Memory.Read(address, bytes);
        if (at != null)
        {
            // Where blocks can agree by atomic operations on who comes first, nothing is said.
            long writer = warp.Block.Stamp == 0 ? -1 : warp.Block.Memory.Writer(address, bytes, warp.Block.Stamp);
            if (writer < 0) return at;
            throw warp.Fault(CudaResult.LaunchFailed, lane, $"reads {bytes} bytes at 0x{address:X}, written by block {writer} of the same launch: a data race");
        }
        at = warp.Block.Memory.Peek(address, bytes);
        if (at == null) throw Explain(warp, lane, address, bytes, true);
        warp.Miss("global", lane, address, bytes);
        return at;
    }

    public static byte* Write(Warp warp, int lane, ulong address, int bytes)
    {
        byte* at = warp.Block.Memory.Write(address, bytes);
        if (at == null) throw Explain(warp, lane, address, bytes, false);
        if (warp.Block.Stamp != 0) warp.Block.Memory.Sign(address, bytes, warp.Block.Stamp);
        return at;
    }

    public static byte* Update(Warp warp, int lane, ulong address, int bytes)
    {
        Read(warp, lane, address, bytes);
        warp.CheckMissed();
        return Write(warp, lane, address, bytes);
    }

    public static EmulatorFaultException Explain(Warp warp, int lane, ulong address, int bytes, bool reads)
    {
        (CudaResult result, string message) = warp.Block.Memory.Explain(address, bytes, reads);
        return warp.Fault(result, lane, message);
    }
}

internal readonly unsafe struct SharedSpace : ISpace
{
    public static byte* Read(Warp warp, int lane, ulong address, int bytes) => warp.Block.Shared.Read(warp, lane, address, bytes);
    public static byte* Write(Warp warp, int lane, ulong address, int bytes) => warp.Block.Shared.Write(warp, lane, address, bytes);
    public static byte* Update(Warp warp, int lane, ulong address, int bytes) => warp.Block.Shared.Update(warp, lane, address, bytes);
}

/// <summary>A thread's own memory.</summary>
internal readonly unsafe struct LocalSpace : ISpace
{
    public static byte* Read(Warp warp, int lane, ulong address, int bytes)
    {
        ulong at = Place(warp, lane, address, bytes);
        if (warp.Block.Options.FindsUninitialized && new ReadOnlySpan<byte>(warp.LocalStates + at, bytes).Contains((byte)0))
            warp.Miss("local", lane, address, bytes);
        return warp.Local + at;
    }

    public static byte* Write(Warp warp, int lane, ulong address, int bytes)
    {
        ulong at = Place(warp, lane, address, bytes);
        new Span<byte>(warp.LocalStates + at, bytes).Fill(1);
        return warp.Local + at;
    }

    public static byte* Update(Warp warp, int lane, ulong address, int bytes) => throw warp.Fault(CudaResult.IllegalAddress, lane,
        "an atomic operation on local memory");

    private static ulong Place(Warp warp, int lane, ulong address, int bytes)
    {
        ulong size = (ulong)warp.Block.Kernel.LocalBytes;
        if (address > size || address + (ulong)bytes > size)
            throw warp.Fault(CudaResult.IllegalAddress, lane, $"{bytes} bytes at {(long)address} of {size} bytes of local memory, out of bounds");
        return ((ulong)lane * size) + address;
    }
}

/// <summary>Generic addresses: windows for shared and local memory, the rest global.</summary>
internal readonly unsafe struct GenericSpace : ISpace
{
    public const ulong Shared = 1UL << 48, Local = 2UL << 48, Window = 1UL << 48;

    public static byte* Read(Warp warp, int lane, ulong address, int bytes) => (address >> 48) switch
    {
        1 => SharedSpace.Read(warp, lane, address - Shared, bytes),
        2 => LocalSpace.Read(warp, lane, address - Local, bytes),
        _ => GlobalSpace.Read(warp, lane, address, bytes),
    };

    public static byte* Write(Warp warp, int lane, ulong address, int bytes) => (address >> 48) switch
    {
        1 => SharedSpace.Write(warp, lane, address - Shared, bytes),
        2 => LocalSpace.Write(warp, lane, address - Local, bytes),
        _ => GlobalSpace.Write(warp, lane, address, bytes),
    };

    public static byte* Update(Warp warp, int lane, ulong address, int bytes) => (address >> 48) switch
    {
        1 => SharedSpace.Update(warp, lane, address - Shared, bytes),
        2 => LocalSpace.Update(warp, lane, address - Local, bytes),
        _ => GlobalSpace.Update(warp, lane, address, bytes),
    };
}

using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>Loads, stores, conversions of addresses, asynchronous copies.</summary>
internal static unsafe class MemoryAccess
{
    /// <summary>
    /// ld of i.Vector.Length elements; what was never written leaves its register without a value, so that only who uses it is at fault.
    /// T is signed where the value is extended with its sign, to as many bytes as i.Count says.
    /// </summary>
    public static void Load<TSpace, T>(Warp warp, Instruction i, uint mask) where TSpace : struct, ISpace where T : unmanaged, IBinaryInteger<T>
    {
        ulong* a = warp[i.A];
        int bytes = sizeof(T) * i.Vector.Length;
        ulong width = i.Count == 8 ? ulong.MaxValue : (1UL << (8 * i.Count)) - 1;
        foreach (int to in i.Vector) if (to >= 0) warp.Defined[to] |= mask;
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            ulong address = a[lane] + (ulong)i.Offset;
            if ((address & (ulong)(bytes - 1)) != 0) throw Misaligned(warp, lane, address, bytes);
            var from = (T*)TSpace.Read(warp, lane, address, bytes);
            bool missed = warp.TakeMissed() is not null;
            for (int k = 0; k < i.Vector.Length; k++)
            {
                int to = i.Vector[k];
                if (to < 0) continue;
                warp.Registers[(to << 5) + lane] = ulong.CreateTruncating(from[k]) & width;
                if (!missed) continue;
                // Which of the elements it is.
                TSpace.Read(warp, lane, address + (ulong)(k * sizeof(T)), sizeof(T));
                if (warp.TakeMissed() is { } miss) warp.Undefine(to, 1u << lane, miss);
            }
        }
    }

    public static void Store<TSpace, T>(Warp warp, Instruction i, uint mask) where TSpace : struct, ISpace where T : unmanaged, IBinaryInteger<T>
    {
        ulong* a = warp[i.A];
        int bytes = sizeof(T) * i.Vector.Length;
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            ulong address = a[lane] + (ulong)i.Offset;
            if ((address & (ulong)(bytes - 1)) != 0) throw Misaligned(warp, lane, address, bytes);
            var to = (T*)TSpace.Write(warp, lane, address, bytes);
            for (int k = 0; k < i.Vector.Length; k++) to[k] = T.CreateTruncating(warp[i.Vector[k]][lane]);
        }
    }

    public static EmulatorFaultException Misaligned(Warp warp, int lane, ulong address, int bytes) =>
        warp.Fault(CudaResult.MisalignedAddress, lane, $"the address 0x{address:X} is no multiple of {bytes}");

    /// <summary>ld.param.</summary>
    public static void LoadParameter<T>(Warp warp, Instruction i, uint mask) where T : unmanaged, IBinaryInteger<T>
    {
        ulong* a = warp[i.A];
        byte[] parameters = warp.Block.Parameters;
        int bytes = sizeof(T) * i.Vector.Length;
        ulong width = i.Count == 8 ? ulong.MaxValue : (1UL << (8 * i.Count)) - 1;
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            ulong address = a[lane] + (ulong)i.Offset;
            if ((address & (ulong)(bytes - 1)) != 0) throw Misaligned(warp, lane, address, bytes);
            if (address > (ulong)parameters.Length || (ulong)bytes > (ulong)parameters.Length - address)
                throw warp.Fault(CudaResult.IllegalAddress, lane, $"reads {bytes} bytes at {address} of the {parameters.Length} bytes of parameters");
            for (int k = 0; k < i.Vector.Length; k++)
            {
                int to = i.Vector[k];
                if (to < 0) continue;
                T value = Unsafe.ReadUnaligned<T>(ref parameters[(int)address + (k * sizeof(T))]);
                warp.Registers[(to << 5) + lane] = ulong.CreateTruncating(value) & width;
            }
        }
    }

    /// <summary>isspacep; i.Code is the window.</summary>
    public static void IsSpace(Warp warp, Instruction i, uint mask)
    {
        ulong* a = warp[i.A];
        uint holds = 0;
        for (int lane = 0; lane < Warp.Lanes; lane++) if ((int)(a[lane] >> 48) == i.Code) holds |= 1u << lane;
        Loops.Store(warp, i.D, holds, mask);
    }

    /// <summary>cp.async: i.A in shared memory, i.B in global memory, i.Count bytes, of which i.C are there and the rest zeros.</summary>
    public static void StartCopy(Warp warp, Instruction i, uint mask)
    {
        ulong* to = warp[i.A], from = warp[i.B], sizes = warp[i.C];
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            ulong target = to[lane] + (ulong)i.Offset, source = from[lane] + (ulong)i.Vector[0];
            if ((target & (ulong)(i.Count - 1)) != 0) throw Misaligned(warp, lane, target, i.Count);
            if ((source & (ulong)(i.Count - 1)) != 0) throw Misaligned(warp, lane, source, i.Count);
            uint size = (uint)sizes[lane];
            if (size > i.Count) throw warp.Fault(CudaResult.LaunchFailed, lane, $"{size} bytes of {i.Count} are to be copied");
            warp.Block.Shared.Reserve(warp, lane, target, i.Count);
            if (size > 0 && warp.Block.Memory.Peek(source, (int)size) == null) throw GlobalSpace.Explain(warp, lane, source, (int)size, true);
            warp.Pending.Add(new(lane, target, source, (int)size, i.Count - (int)size, warp.Commits[lane]));
        }
    }

    public static void Commit(Warp warp, Instruction i, uint mask)
    {
        for (; mask != 0; mask &= mask - 1) warp.Commits[BitOperations.TrailingZeroCount(mask)]++;
    }

    /// <summary>Delivers all groups but the latest i.Code; -1 means everything, committed or not.</summary>
    public static void Wait(Warp warp, Instruction i, uint mask)
    {
        List<AsyncCopy> pending = warp.Pending;
        int kept = 0;
        for (int k = 0; k < pending.Count; k++)
        {
            AsyncCopy copy = pending[k];
            bool waits = (mask >> copy.Lane & 1) != 0 && (i.Code < 0 || copy.Group < warp.Commits[copy.Lane] - i.Code);
            if (!waits)
            {
                pending[kept++] = copy;
                continue;
            }
            warp.Block.Shared.Deliver(warp, copy, warp.Block.Memory);
        }
        pending.RemoveRange(kept, pending.Count - kept);
    }
}

using System.Runtime.InteropServices;
using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>A copy from global to shared memory that a thread has started. Groups are numbered by the commits before it.</summary>
internal readonly record struct AsyncCopy(int Lane, ulong To, ulong From, int Bytes, int Zeros, int Group);

/// <summary>A block of threads: its warps, shared memory and barriers. Used for one block after another.</summary>
internal sealed unsafe class Block(DeviceMemory memory, EmulatorOptions options) : IDisposable
{
    private const int Barriers = 16;

    private sealed class Barrier
    {
        public int Arrived, Expected, Aggregate;
        public bool All = true;
        public readonly List<(Warp Warp, uint Mask, Instruction Instruction, bool Waits)> Members = [];
    }

    private readonly Barrier[] barriers = [.. Enumerable.Range(0, Barriers).Select(_ => new Barrier())];
    private readonly List<Warp> warps = [];
    private readonly uint[] joined = new uint[Warp.Lanes];
    private readonly EmulatorOptions options = options;
    private ulong* registers;
    private long capacity;
    private int count;
    private uint clock = 1;
    private bool left;

    public DeviceMemory Memory { get; } = memory;
    public EmulatorOptions Options => options;
    public SharedMemory Shared { get; } = new();
    public Kernel Kernel { get; private set; } = null!;
    public byte[] Parameters { get; private set; } = null!;
    public CudaGrid Grid { get; private set; }
    public int X { get; private set; }
    public int Y { get; private set; }
    public int Z { get; private set; }
    public int SharedBytes { get; private set; }
    /// <summary>Launch and number of the block, for what it writes to global memory; 0 where nothing is noted.</summary>
    public ulong Stamp { get; private set; }

    ~Block() => NativeMemory.Free(registers);

    public void Dispose()
    {
        NativeMemory.Free(registers);
        registers = null;
        Shared.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs one block to its end; the instructions that its threads have executed.</summary>
    public long Run(Kernel kernel, byte[] parameters, CudaGrid grid, int sharedBytes, int x, int y, int z, ulong* constants, Order order, ulong stamp)
    {
        (Kernel, Parameters, Grid, X, Y, Z) = (kernel, parameters, grid, x, y, z);
        Stamp = options.FindsRaces && !kernel.HasGlobalAtomics ? stamp : 0;
        count = (grid.Threads + Warp.Lanes - 1) / Warp.Lanes;
        SharedBytes = kernel.StaticShared + sharedBytes;
        if (clock > 1 << 20) clock = 1;
        Shared.Start(SharedBytes, clock, options);
        foreach (Barrier barrier in barriers) Clear(barrier);
        Start(constants);
        long executed = 0;
        int* runnable = stackalloc int[Warp.Lanes];
        while (true)
        {
            int able = 0;
            bool isDone = true;
            for (int i = 0; i < count; i++)
            {
                isDone &= warps[i].IsDone;
                if (warps[i].CanRun) runnable[able++] = i;
            }
            if (isDone) break;
            if (able == 0) throw Deadlock();
            warps[runnable[order.Below(able)]].Run(able == 1 ? 1 << 16 : 16 << order.Below(8));
            if (left) ReleaseAfterExit();
        }
        for (int i = 0; i < count; i++)
        {
            executed += warps[i].Executed;
            clock = Math.Max(clock, warps[i].Clock + 1);
            foreach (AsyncCopy copy in warps[i].Pending) Shared.Forget(copy.To, copy.Bytes + copy.Zeros);
        }
        return executed;
    }

    private void Start(ulong* constants)
    {
        while (warps.Count < count) warps.Add(new(this, warps.Count));
        long perWarp = ((long)Kernel.Registers * Warp.Lanes * sizeof(ulong)) + (((long)Kernel.Registers * sizeof(uint)) + 7 & ~7)
            + (2L * Kernel.LocalBytes * Warp.Lanes) + (Warp.Lanes * sizeof(uint)) + 7 & ~7;
        if (perWarp * count > capacity)
        {
            NativeMemory.Free(registers);
            capacity = perWarp * count;
            registers = (ulong*)NativeMemory.Alloc((nuint)capacity);
        }
        byte* at = (byte*)registers;
        for (int i = 0; i < count; i++, at += perWarp)
        {
            var values = (ulong*)at;
            var defined = (uint*)(values + (Kernel.Registers * Warp.Lanes));
            byte* local = (byte*)defined + ((Kernel.Registers * sizeof(uint)) + 7 & ~7);
            var clocks = (uint*)(local + (2 * Kernel.LocalBytes * Warp.Lanes));
            new Span<uint>(defined, Kernel.Registers).Clear();
            new Span<byte>(local, Kernel.LocalBytes * Warp.Lanes).Fill(0xFF);
            byte* states = local + (Kernel.LocalBytes * Warp.Lanes);
            new Span<byte>(states, Kernel.LocalBytes * Warp.Lanes).Clear();
            new Span<uint>(clocks, Warp.Lanes).Fill(clock - 1);
            clocks[i] = clock;
            int lanes = Math.Min(Warp.Lanes, Grid.Threads - (i * Warp.Lanes));
            warps[i].Start(values, defined, constants, local, states, clocks, lanes == Warp.Lanes ? Warp.All : (1u << lanes) - 1);
            foreach ((string name, int register) in Kernel.Specials)
            {
                Special(name, i, values + (register * Warp.Lanes));
                defined[register] = Warp.All;
            }
        }
    }

    private void Special(string name, int warp, ulong* to)
    {
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            to[lane] = (uint)(name switch
            {
                "%tid.x" => (warp * Warp.Lanes) + lane,
                "%ntid.x" => Grid.Threads,
                "%ctaid.x" => X,
                "%ctaid.y" => Y,
                "%ctaid.z" => Z,
                "%nctaid.x" => Grid.X,
                "%nctaid.y" => Grid.Y,
                "%nctaid.z" => Grid.Z,
                "%ntid.y" or "%ntid.z" => 1,
                "%laneid" => lane,
                "%warpid" => warp,
                "%nwarpid" => Warp.Lanes,
                "%lanemask_eq" => 1 << lane,
                "%lanemask_lt" => (1 << lane) - 1,
                "%lanemask_le" => (int)((2L << lane) - 1),
                "%lanemask_gt" => (int)~((2L << lane) - 1),
                "%lanemask_ge" => ~((1 << lane) - 1),
                "%dynamic_smem_size" => SharedBytes - Kernel.StaticShared,
                "%total_smem_size" => SharedBytes,
                "%nsmid" => options.Multiprocessors,
                "%smid" => X % options.Multiprocessors,
                _ => 0,
            });
        }
    }

    /// <summary>Lanes of a warp have come to a barrier; whether they wait there.</summary>
    public bool Arrive(Warp warp, Instruction i, uint mask)
    {
        int id = (int)(uint)warp[i.A][0];
        if (id >= Barriers) throw warp.Fault(CudaResult.LaunchFailed, $"barrier {id} of {Barriers}");
        int expected = i.Count == 0 ? 0 : (int)warp[i.B][0];
        if (expected % Warp.Lanes != 0) throw warp.Fault(CudaResult.LaunchFailed, $"a barrier for {expected} threads, which is no multiple of {Warp.Lanes}");
        Barrier barrier = barriers[id];
        if (barrier.Arrived > 0 && barrier.Expected != expected)
            throw warp.Fault(CudaResult.LaunchFailed, $"barrier {id} is waited at for {Threads(barrier.Expected)} and for {Threads(expected)}");
        barrier.Expected = expected;
        // A count of threads is a count of warps: a whole one counts 32, however many of its lanes run.
        barrier.Arrived += expected == 0 ? int.PopCount((int)mask) : Warp.Lanes;
        bool waits = i.Code != BarrierCode.Arrive;
        if (i.Code >= BarrierCode.PopCount)
        {
            uint votes = ((uint)warp[i.C][0] ^ (i.E == 1 ? Warp.All : 0)) & mask;
            barrier.Aggregate += int.PopCount((int)votes);
            barrier.All &= votes == mask;
        }
        barrier.Members.Add((warp, mask, i, waits));
        if (barrier.Arrived >= Expected(barrier))
        {
            Release(barrier);
            return false;
        }
        return waits;
    }

    /// <summary>Threads have ended.</summary>
    public void Left() => left = true;

    /// <summary>A barrier of the whole block waits for the threads that have not ended.</summary>
    private void ReleaseAfterExit()
    {
        left = false;
        foreach (Barrier barrier in barriers)
        {
            if (barrier is { Arrived: > 0, Expected: 0 } && barrier.Arrived >= Expected(barrier)) Release(barrier);
        }
    }

    private int Expected(Barrier barrier)
    {
        if (barrier.Expected != 0) return barrier.Expected;
        int live = 0;
        for (int i = 0; i < count; i++) live += int.PopCount((int)warps[i].Live);
        return live;
    }

    private static string Threads(int expected) => expected == 0 ? "the whole block" : $"{expected} threads";

    private void Release(Barrier barrier)
    {
        Array.Clear(joined);
        foreach (var (warp, _, _, _) in barrier.Members)
        {
            for (int k = 0; k < count; k++) joined[k] = Math.Max(joined[k], warp.Knows(k));
        }
        foreach (var (warp, mask, i, waits) in barrier.Members)
        {
            // Who only arrives lets others know what it has done, and learns nothing.
            if (waits) warp.Learn(joined, count);
            else warp.Advance();
            if (i.Code < BarrierCode.PopCount) continue;
            if (i.Code == BarrierCode.PopCount)
            {
                ulong* to = warp[i.D];
                for (int lane = 0; lane < Warp.Lanes; lane++) if ((mask >> lane & 1) != 0) to[lane] = (uint)barrier.Aggregate;
            }
            else
            {
                bool result = i.Code == BarrierCode.And ? barrier.All : barrier.Aggregate > 0;
                warp[i.D][0] = result ? warp[i.D][0] | mask : warp[i.D][0] & ~mask;
            }
            warp.Defined[i.D] |= mask;
        }
        foreach (var (warp, mask, _, waits) in barrier.Members) if (waits) warp.Release(mask);
        Clear(barrier);
    }

    private static void Clear(Barrier barrier)
    {
        (barrier.Arrived, barrier.Expected, barrier.Aggregate, barrier.All) = (0, 0, 0, true);
        barrier.Members.Clear();
    }

    private EmulatorFaultException Deadlock()
    {
        var waiting = barriers.Index().Where(barrier => barrier.Item.Members.Count > 0).ToArray();
        string text = string.Join("; ",
            waiting.Select(barrier => $"barrier {barrier.Index} has {barrier.Item.Arrived} of {Expected(barrier.Item)} threads, waiting in line "
            + string.Join(", ", barrier.Item.Members.Select(member => member.Instruction.Line).Distinct())));
        Instruction first = waiting[0].Item.Members[0].Instruction;
        return new(new(CudaResult.LaunchFailed, $"the block waits for ever: {text}", Kernel.Name, first.Line, first.Text, $", block ({X}, {Y}, {Z})"));
    }
}

/// <summary>What a barrier instruction does besides.</summary>
internal static class BarrierCode
{
    public const int Sync = 0, Arrive = 1, PopCount = 2, And = 3, Or = 4;
}

/// <summary>A source of orders: xorshift64*, so that a seed says all.</summary>
internal sealed class Order(ulong seed)
{
    private ulong state = (seed * 0x9E3779B97F4A7C15) ^ 0xD1B54A32D192ED03;

    public int Below(int count)
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return (int)((ulong)(uint)(state * 0x2545F4914F6CDD1D >> 32) * (uint)count >> 32);
    }
}

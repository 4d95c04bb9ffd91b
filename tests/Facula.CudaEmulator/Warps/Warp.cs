using System.Numerics;
using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>
/// 32 threads. Those at the same instruction form a group; the group that is furthest behind runs, and joins the others where they are at the same
/// instruction.
/// </summary>
internal sealed unsafe class Warp(Block block, int index)
{
    public const int Lanes = 32;
    public const uint All = uint.MaxValue;

    private readonly int[] pcs = new int[Lanes];
    private readonly uint[] masks = new uint[Lanes];
    private readonly bool[] waits = new bool[Lanes];
    private int groups;
    private readonly Dictionary<int, MissedRead> reasons = [];
    private MissedRead? missed;
    private Instruction current = null!;
    private uint currentMask;

    public Block Block { get; } = block;
    public int Index { get; } = index;

    /// <summary>[register][lane]; a predicate is a mask in its first place.</summary>
    public ulong* Registers { get; private set; }
    /// <summary>The lanes in which a register has a value.</summary>
    public uint* Defined { get; private set; }
    public byte* Local { get; private set; }
    public byte* LocalStates { get; private set; }
    private ulong* constants;

    /// <summary>The lanes that have not ended.</summary>
    public uint Live { get; private set; }
    public uint Clock => clocks[Index];
    private uint* clocks;

    /// <summary>Asynchronous copies that have been started and not delivered, and how many groups each lane has committed.</summary>
    public List<AsyncCopy> Pending { get; } = [];
    public int[] Commits { get; } = new int[Lanes];
    public long Executed { get; private set; }
    private long steps;

    public bool IsDone => Live == 0;

    public bool CanRun
    {
        get
        {
            for (int i = 0; i < groups; i++) if (!waits[i]) return true;
            return false;
        }
    }

    public uint Knows(int warp) => clocks[warp];

    public uint Stamp(int lane) => clocks[Index] << 10 | (uint)(Index * Lanes + lane);

    public ulong* this[int operand] => operand >= 0 ? Registers + (operand << 5) : constants + (~operand << 5);

    public void Start(ulong* registers, uint* defined, ulong* constants, byte* local, byte* localStates, uint* clocks, uint lanes)
    {
        Registers = registers;
        Defined = defined;
        this.constants = constants;
        Local = local;
        LocalStates = localStates;
        this.clocks = clocks;
        Live = lanes;
        (pcs[0], masks[0], waits[0], groups) = (0, lanes, false, 1);
        Pending.Clear();
        reasons.Clear();
        missed = null;
        Array.Clear(Commits);
        Executed = steps = 0;
    }

    public EmulatorFaultException Fault(CudaResult result, int lane, string message) => Fault(result, message, lane);

    public EmulatorFaultException Fault(CudaResult result, string message, int lane = -1)
    {
        int thread = (Index * Lanes) + (lane >= 0 ? lane : BitOperations.TrailingZeroCount(currentMask));
        return new(new(result, message, Block.Kernel.Name, current.Line, current.Text, $", block ({Block.X}, {Block.Y}, {Block.Z}), thread {thread}"));
    }

    /// <summary>Runs until all wait, all have ended, or for as many instructions.</summary>
    public void Run(int quantum)
    {
        Instruction[] code = Block.Kernel.Code;
        long began = steps;
        while (true)
        {
            int group = Furthest(out int other);
            if (group < 0 || steps - began >= quantum) return;
            int pc = pcs[group];
            uint active = masks[group];
            bool isFree = true;
            while (isFree)
            {
                Instruction i = code[pc];
                uint mask = active;
                current = i;
                currentMask = active;
                steps++;
                if (i.Predicate >= 0)
                {
                    if ((Defined[i.Predicate] & active) != active) throw Undefined(i.Predicate, active);
                    uint predicate = (uint)Registers[i.Predicate << 5];
                    mask &= i.Negated ? ~predicate : predicate;
                }
                if (mask != 0)
                {
                    currentMask = mask;
                    Executed += BitOperations.PopCount(mask);
                    foreach (int register in i.Reads) if ((Defined[register] & mask) != mask) throw Undefined(register, mask);
                    if (i.Kind == InstructionKind.Plain)
                    {
                        i.Run(this, i, mask);
                        foreach (int register in i.Writes) Defined[register] |= mask;
                    }
                    else if (i.Kind == InstructionKind.Branch)
                    {
                        if (mask == active)
                        {
                            pc = i.Target;
                            if (steps > Block.Options.InstructionLimit)
                                throw Fault(CudaResult.LaunchTimeout, $"the kernel does not end: {steps} instructions of a warp");
                            if (steps - began >= quantum || pc >= other) break;
                            continue;
                        }
                        masks[group] = active &= ~mask;
                        Add(i.Target, mask, false);
                        other = Math.Min(other, i.Target);
                    }
                    else
                    {
                        isFree = Control(i, mask, group, pc, ref active);
                        if (!isFree) break;
                    }
                }
                pc++;
                if (pc >= other) break;
            }
            if (isFree) pcs[group] = pc;
            Join();
        }
    }

    /// <summary>What changes which lanes run; whether the group goes on to the next instruction.</summary>
    private bool Control(Instruction i, uint mask, int group, int pc, ref uint active)
    {
        switch (i.Kind)
        {
            case InstructionKind.Exit:
                active &= ~mask;
                masks[group] = active;
                Exit(mask);
                return active != 0;
            case InstructionKind.Barrier:
                // The aligned kind, bar.sync, is for whole warps.
                if (i.Inverted && mask != Live)
                    throw Fault(CudaResult.LaunchFailed, $"a barrier reached by the lanes {mask:X8} of a warp of which {Live:X8} run: it is divergent");
                if (mask != active)
                {
                    masks[group] = active & ~mask;
                    group = Add(pc, mask, false);
                    pcs[IndexOf(active & ~mask)] = pc + 1;
                }
                pcs[group] = pc + 1;
                if (Block.Arrive(this, i, mask)) waits[group] = true;
                return false;
            case InstructionKind.WarpBarrier:
                CheckMembers(i, mask);
                clocks[Index]++;
                return true;
            case InstructionKind.Yield:
                pcs[group] = pc + 1;
                return true;
            default:
                throw Fault(CudaResult.LaunchFailed, "the kernel has trapped");
        }
    }

    /// <summary>The lanes that an instruction of several lanes names must all be there.</summary>
    public uint CheckMembers(Instruction i, uint mask)
    {
        ulong* members = this[i.C];
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            uint wanted = (uint)members[lane];
            if ((wanted >> lane & 1) == 0) throw Fault(CudaResult.LaunchFailed, lane, $"the thread is not among the members {wanted:X8} that it names");
            if ((wanted & Live & ~mask) != 0)
                throw Fault(CudaResult.LaunchFailed, lane,
                    $"the members {wanted:X8} are named, but {wanted & Live & ~mask:X8} of them are elsewhere: it is divergent");
        }
        return mask;
    }

    /// <summary>All lanes of the warp must be there.</summary>
    public void CheckWhole(uint mask)
    {
        if (mask != All) throw Fault(CudaResult.LaunchFailed, $"an instruction of whole warps executed by the lanes {mask:X8} only");
    }

    /// <summary>Lets go on the lanes of a mask, which have waited at one barrier.</summary>
    public void Release(uint mask)
    {
        for (int i = 0; i < groups; i++) waits[i] &= (masks[i] & mask) == 0;
    }

    /// <summary>Takes over what the warps at a barrier know of each other, and begins a new time.</summary>
    public void Learn(uint[] joined, int count)
    {
        for (int i = 0; i < count; i++) clocks[i] = Math.Max(clocks[i], joined[i]);
        Advance();
    }

    public void Advance() => clocks[Index]++;

    private int IndexOf(uint mask)
    {
        for (int i = 0; i < groups; i++) if (masks[i] == mask) return i;
        return 0;
    }

    private int Add(int pc, uint mask, bool isWaiting)
    {
        (pcs[groups], masks[groups], waits[groups]) = (pc, mask, isWaiting);
        return groups++;
    }

    private void Exit(uint mask)
    {
        for (int i = 0; i < groups; i++) masks[i] &= ~mask;
        Live &= ~mask;
        Block.Left();
    }

    /// <summary>Puts together the groups that are at the same place, and drops the empty ones.</summary>
    private void Join()
    {
        int kept = 0;
        for (int i = 0; i < groups; i++)
        {
            if (masks[i] == 0) continue;
            int same = -1;
            for (int k = 0; k < kept && same < 0; k++) if (pcs[k] == pcs[i] && waits[k] == waits[i]) same = k;
            if (same >= 0) masks[same] |= masks[i];
            else
            {
                (pcs[kept], masks[kept], waits[kept]) = (pcs[i], masks[i], waits[i]);
                kept++;
            }
        }
        groups = kept;
    }

    /// <summary>The group that is furthest behind, and where the next one is.</summary>
    private int Furthest(out int other)
    {
        int best = -1;
        other = int.MaxValue;
        for (int i = 0; i < groups; i++)
        {
            if (waits[i]) continue;
            if (best < 0 || pcs[i] < pcs[best])
            {
                if (best >= 0) other = Math.Min(other, pcs[best]);
                best = i;
            }
            else other = Math.Min(other, pcs[i]);
        }
        return best;
    }

    /// <summary>Notes that memory has been read that nobody has written: no fault yet, as the value may never be used.</summary>
    public void Miss(string space, int lane, ulong address, int bytes) => missed ??= new(current, space, lane, address, bytes);

    public MissedRead? TakeMissed()
    {
        MissedRead? miss = missed;
        missed = null;
        return miss;
    }

    public void CheckMissed()
    {
        if (missed is { } miss) throw Fault(CudaResult.LaunchFailed, miss.Lane, miss.Explain(Block.Memory));
    }

    /// <summary>Leaves a register without a value in some lanes; who uses it there is told why.</summary>
    public void Undefine(int register, uint lanes, MissedRead reason)
    {
        Defined[register] &= ~lanes;
        reasons[register] = reason;
    }

    /// <summary>A register must have a value in the lanes of a mask; constants always have.</summary>
    public void CheckDefined(int register, uint mask)
    {
        if (register >= 0 && (Defined[register] & mask) != mask) throw Undefined(register, mask);
    }

    private EmulatorFaultException Undefined(int register, uint mask)
    {
        int lane = BitOperations.TrailingZeroCount(mask & ~Defined[register]);
        string reason = reasons.TryGetValue(register, out MissedRead miss) ? $": line {miss.Instruction.Line} {miss.Explain(Block.Memory)}" : "";
        return Fault(CudaResult.LaunchFailed, lane, "uses a register that has no value" + reason);
    }
}

/// <summary>A read of what nobody has written.</summary>
internal readonly record struct MissedRead(Instruction Instruction, string Space, int Lane, ulong Address, int Bytes)
{
    public string Explain(DeviceMemory memory) => Space == "global" ? memory.Explain(Address, Bytes, true).Message
        : $"reads {Bytes} bytes at {Address} of {Space} memory, which were never written";
}

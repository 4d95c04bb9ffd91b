namespace Facula.CudaEmulator;

/// <summary>What the warp itself does with an instruction; all else is its function's.</summary>
internal enum InstructionKind { Plain, Branch, Exit, Barrier, WarpBarrier, Yield, Trap }

/// <summary>An instruction as it is executed: operands are places in the register file, or, below zero, in the table of constants.</summary>
internal sealed unsafe class Instruction
{
    public InstructionKind Kind;
    /// <summary>Executes it for the lanes of a mask.</summary>
    public delegate*<Warp, Instruction, uint, void> Run;
    /// <summary>The predicate's register, or -1.</summary>
    public int Predicate = -1;
    public bool Negated;
    /// <summary>Destinations, -1 where there is none.</summary>
    public int D = -1, E = -1;
    /// <summary>Sources.</summary>
    public int A, B, C;
    /// <summary>The elements of vectors, all in one row.</summary>
    public int[] Vector = [];
    /// <summary>What an address adds to its base; the place of a parameter.</summary>
    public long Offset;
    /// <summary>Numbers that mean what the function says.</summary>
    public int Code, Count;
    public bool Inverted;
    public Conversion? Conversion;
    /// <summary>Of a branch.</summary>
    public int Target;
    /// <summary>The registers that must have a value, and those that get one.</summary>
    public int[] Reads = [], Writes = [];
    public int Line;
    public string Text = "";
}

/// <summary>A kernel ready to run.</summary>
internal sealed class Kernel
{
    public required string Name { get; init; }
    public required Instruction[] Code { get; init; }
    public required int Registers { get; init; }
    /// <summary>The constants, 32 times each.</summary>
    public required ulong[] Constants { get; init; }
    public required (string Name, int Register)[] Specials { get; init; }
    public required int ParameterBytes { get; init; }
    public required int StaticShared { get; init; }
    public required int LocalBytes { get; init; }
    public required int MaxThreads { get; init; }
    public required int RequiredThreads { get; init; }
    /// <summary>Whether an instruction could tell in which order blocks run.</summary>
    public required bool HasGlobalAtomics { get; init; }
    /// <summary>What it may have of dynamic shared memory, as the driver has been told.</summary>
    public int DynamicShared { get; set; } = 48 << 10;
    public bool IsUnloaded { get; set; }
}

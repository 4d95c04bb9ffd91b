namespace Facula.CudaEmulator;

/// <summary>What device is emulated, and what is looked for.</summary>
internal sealed record EmulatorOptions
{
    /// <summary>Decides every order that a real device leaves open: of streams, blocks, warps and how far each runs at a time.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Bytes of device memory.</summary>
    public long TotalMemory { get; init; } = 256L << 20;

    /// <summary>Compute capability, 10 times the major number and the minor one.</summary>
    public int Capability { get; init; } = 80;

    /// <summary>What the driver says it knows, as cuDriverGetVersion.</summary>
    public int DriverVersion { get; init; } = 12040;

    public int Multiprocessors { get; init; } = 132;

    public string Name { get; init; } = "Emulated CUDA device";

    /// <summary>Every operation is done when it is given, so that the call that is at fault is the one that fails.</summary>
    public bool Immediate { get; init; }

    /// <summary>A fault is thrown as well as returned.</summary>
    public bool Throws { get; init; }

    /// <summary>Reading bytes that nobody has written is a fault.</summary>
    public bool FindsUninitialized { get; init; } = true;

    /// <summary>Accesses to shared memory that no barrier orders are a fault, and reading what another block of the launch writes.</summary>
    public bool FindsRaces { get; init; } = true;

    /// <summary>Instructions that a warp may run before its kernel counts as hanging.</summary>
    public long InstructionLimit { get; init; } = 200_000_000;

    /// <summary>What becomes of the text of a module that is loaded: tests plant faults in it.</summary>
    public Func<string, string>? Edit { get; init; }

    /// <summary>Threads of the host that run blocks side by side where no atomic operation on global memory could tell their order.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}

/// <summary>What a device has done.</summary>
internal sealed class EmulatorCounters
{
    /// <summary>Kernels run, those of graphs as well.</summary>
    public long Launches { get; set; }
    /// <summary>Kernels, copies and graphs given to the driver; what a replay does counts once.</summary>
    public long Submissions { get; set; }
    public long GraphLaunches { get; set; }
    public long CopiesToDevice { get; set; }
    public long CopiesToHost { get; set; }
    public long CopiesOnDevice { get; set; }
    public long Fills { get; set; }
    public long BytesCopied { get; set; }
    /// <summary>Calls that wait: for a stream, an event, the context, or a copy to memory that is not pinned.</summary>
    public long Synchronizations { get; set; }
    public long Allocations { get; set; }
    public long Frees { get; set; }
    public long PeakMemory { get; set; }
    public long ModulesLoaded { get; set; }
    /// <summary>Instructions, each once for every thread that executed it.</summary>
    public long ThreadInstructions { get; set; }
    /// <summary>How often each kernel has run.</summary>
    public Dictionary<string, long> LaunchesByKernel { get; } = [];
}

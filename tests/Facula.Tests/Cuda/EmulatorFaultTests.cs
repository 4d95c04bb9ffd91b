using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>What the emulator finds that a device may not, and what it then says.</summary>
public sealed class EmulatorFaultTests
{
    private const string Declarations = """
            .reg .b32 %t, %r<8>; .reg .b64 %rd<8>; .reg .pred %p, %q;
            .shared .align 16 .b8 shared[1024];
            mov.u32 %t, %tid.x; ld.param.u64 %rd0, [to]; mad.wide.u32 %rd1, %t, 4, %rd0; mov.u32 %r0, shared; mad.lo.u32 %r1, %t, 4, %r0;
        """;

    /// <summary>Runs 64 threads that may write 64 words from [to] on; %rd1 is each thread's, %r1 its word of shared memory.</summary>
    private static EmulatorFault? Run(string body, CudaResult expected, ulong seed = 1, int blocks = 1)
    {
        using var program = new EmulatedProgram(new() { Seed = seed, InstructionLimit = 100_000 });
        ulong to = program.Allocate(256);
        CudaResult result = program.Run(EmulatedProgram.Module(".param .u64 to", Declarations + body), new CudaGrid(blocks, 1, 1, 64), 0, to);
        Assert.True(expected == result, $"{result}: {program.Driver.Fault}");
        if (result == CudaResult.Success) return null;
        // It stays so.
        Assert.Equal(expected, program.Driver.Allocate(16, out _));
        Assert.Equal(expected, program.Driver.SynchronizeContext());
        return program.Driver.Fault;
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "add.u64 %rd1, %rd1, 4; st.global.u32 [%rd1], 1;", nameof(CudaResult.IllegalAddress), "0 bytes past the end of an allocation of 256" },
        { "sub.u64 %rd1, %rd1, 4; st.global.u32 [%rd1], 1;", nameof(CudaResult.IllegalAddress), "out of bounds" },
        { "mov.u64 %rd1, 0; st.global.u32 [%rd1], 1;", nameof(CudaResult.IllegalAddress), "out of bounds" },
        { "ld.global.u32 %r2, [%rd1]; add.u32 %r2, %r2, 1;", nameof(CudaResult.LaunchFailed), "never written: byte " },
        { "ld.global.u32 %r2, [%rd1]; st.global.u32 [%rd1], %r2;", nameof(CudaResult.LaunchFailed), "never written" },
        { "st.global.u16 [%rd1], %h; ld.global.u32 %r2, [%rd1]; add.u32 %r2, %r2, 1;", nameof(CudaResult.LaunchFailed), "byte 2 was never written" },
        { "st.global.u32 [%rd1+2], 1;", nameof(CudaResult.MisalignedAddress), "no multiple of 4" },
        { "st.global.v4.u32 [%rd1], {%t, %t, %t, %t};", nameof(CudaResult.MisalignedAddress), "no multiple of 16" },
        { "st.shared.u32 [%r1+1024], 1;", nameof(CudaResult.IllegalAddress), "1024 bytes of shared memory, out of bounds" },
        { "ld.shared.u32 %r2, [%r1]; add.u32 %r2, %r2, 1;", nameof(CudaResult.LaunchFailed), "shared memory, which were never written" },
        { "add.u32 %r2, %r3, 1;", nameof(CudaResult.LaunchFailed), "no value" },
        { "setp.lt.u32 %p, %t, 63; @%p mov.u32 %r3, 1; add.u32 %r2, %r3, 1;", nameof(CudaResult.LaunchFailed), "thread 63" },
        { "@%p st.global.u32 [%rd1], 1;", nameof(CudaResult.LaunchFailed), "no value" },
        // Shared memory that no barrier orders: between warps, and within one.
        { "st.shared.u32 [%r1], %t; xor.b32 %r2, %r1, 128; ld.shared.u32 %r3, [%r2];", nameof(CudaResult.LaunchFailed), "" },
        { "st.shared.u32 [%r1], %t; xor.b32 %r2, %r1, 4; ld.shared.u32 %r3, [%r2];", nameof(CudaResult.LaunchFailed), "data race" },
        { "st.shared.u32 [shared], %t;", nameof(CudaResult.LaunchFailed), "data race" },
        { "st.shared.u32 [%r1], %t; bar.sync 0; ld.shared.u32 %r2, [shared]; st.shared.u32 [%r1], 0;", nameof(CudaResult.LaunchFailed), "data race" },
        { "st.shared.u32 [%r1], 0; bar.sync 0; atom.shared.add.u32 %r2, [shared], 1; st.shared.u32 [shared+4], %t;", nameof(CudaResult.LaunchFailed),
            "data race" },
        // Barriers.
        { "setp.lt.u32 %p, %t, 48; @%p bar.sync 0;", nameof(CudaResult.LaunchFailed), "divergent" },
        { "setp.lt.u32 %p, %t, 48; @%p bra A; bra B; A: bar.sync 0; B:", nameof(CudaResult.LaunchFailed), "divergent" },
        { "setp.lt.u32 %p, %t, 32; @%p bra A; bar.sync 0; ret; A: bar.sync 1;", nameof(CudaResult.LaunchFailed),
            "waits for ever: barrier 0 has 32 of 64 threads, waiting in line" },
        { "bar.sync 0, 96;", nameof(CudaResult.LaunchFailed), "waits for ever" },
        { "setp.lt.u32 %p, %t, 20; @%p shfl.sync.bfly.b32 %r2, %t, 1, 31, -1;", nameof(CudaResult.LaunchFailed), "elsewhere" },
        { "shfl.sync.bfly.b32 %r2, %t, 1, 31, 0xFFFF;", nameof(CudaResult.LaunchFailed), "not among the members" },
        { "L: bra L;", nameof(CudaResult.LaunchTimeout), "does not end" },
        { "trap;", nameof(CudaResult.LaunchFailed), "trapped" },
        // Asynchronous copies.
        { "cp.async.ca.shared.global [%r1], [%rd1], 4; ld.shared.u32 %r2, [%r1];", nameof(CudaResult.LaunchFailed), "not delivered" },
        { "cp.async.ca.shared.global [%r1], [%rd1], 4; cp.async.commit_group; cp.async.wait_group 1; ld.shared.u32 %r2, [%r1];",
            nameof(CudaResult.LaunchFailed), "not delivered" },
        { "st.global.u32 [%rd1], %t; cp.async.ca.shared.global [%r1], [%rd1], 4; cp.async.wait_all; xor.b32 %r2, %r1, 4; ld.shared.u32 %r2, [%r2];",
            nameof(CudaResult.LaunchFailed), "data race" },
        { "cp.async.ca.shared.global [%r1], [%rd1+4], 4; cp.async.wait_all;", nameof(CudaResult.IllegalAddress), "out of bounds" },
        { "cp.async.ca.shared.global [%r1], [%rd1], 4; cp.async.wait_all; ld.shared.u32 %r2, [%r1]; add.u32 %r2, %r2, 1;", nameof(CudaResult.LaunchFailed),
            "never written" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void A_fault_is_found_whatever_the_order(string body, string expected, string message)
    {
        body = ".reg .b16 %h; mov.u16 %h, 7;" + body;
        for (ulong seed = 1; seed <= 3; seed++)
        {
            EmulatorFault? fault = Run(body, Enum.Parse<CudaResult>(expected), seed);
            Assert.Contains(message, fault!.ToString());
            Assert.Equal("kernel", fault.Kernel);
        }
    }

    public static TheoryData<string> Allowed =>
    [
        // What is read and never used, chosen or kept.
        "ld.global.u32 %r2, [%rd1];",
        "ld.global.u32 %r2, [%rd1]; setp.lt.u32 %p, %t, 0; selp.b32 %r3, %r2, %t, %p; st.global.u32 [%rd1], %r3;",
        "setp.lt.u32 %p, %t, 63; @%p mov.u32 %r3, 1; @%p add.u32 %r2, %r3, 1;",
        // Each its own word; a barrier between; all atomic.
        "st.shared.u32 [%r1], %t; ld.shared.u32 %r2, [%r1];",
        "st.shared.u32 [%r1], %t; bar.warp.sync -1; xor.b32 %r2, %r1, 4; ld.shared.u32 %r3, [%r2];",
        "setp.eq.u32 %p, %t, 0; @%p st.shared.u32 [shared], 0; bar.sync 0; red.shared.add.u32 [shared], 1; bar.sync 0; ld.shared.u32 %r2, [shared];",
        "st.shared.u32 [%r1], %t; barrier.sync 3, 64; xor.b32 %r2, %r1, 128; ld.shared.u32 %r3, [%r2];",
        // One warp makes, the other takes.
        "setp.lt.u32 %p, %t, 32; @!%p bra TAKE; st.shared.u32 [%r1], %t; bar.arrive 1, 64; bra END; TAKE: bar.sync 1, 64; ld.shared.u32 %r2, [%r1+-128]; END:",
        // Zeros for what is not there, wherever the address.
        "mov.u64 %rd3, 16; cp.async.cg.shared.global [shared+16], [%rd3], 16, 0; cp.async.wait_all;".Insert(0, "setp.ne.u32 %p, %t, 0; @%p ret; ")
            + "ld.shared.u32 %r2, [shared+28]; st.global.u32 [%rd0], %r2;",
    ];

    [Theory, MemberData(nameof(Allowed))]
    public void What_is_right_is_no_fault(string body)
    {
        for (ulong seed = 1; seed <= 3; seed++) Run(body, CudaResult.Success, seed);
    }

    [Fact]
    public void Memory_that_has_been_freed_is_not_touched()
    {
        using var program = new EmulatedProgram();
        ulong to = program.Allocate(256);
        nint function = program.Load(EmulatedProgram.Module(".param .u64 to", Declarations + "st.global.u32 [%rd1], 1;"));
        Assert.Equal(CudaResult.Success, program.Driver.Free(to));
        Assert.Equal(CudaResult.Success, program.Launch(function, new CudaGrid(1, 1, 1, 64), 0, to));
        Assert.Equal(CudaResult.IllegalAddress, program.Driver.SynchronizeStream(program.Stream));
        Assert.Contains("has been freed", program.Driver.Fault!.Message);
    }

    [Fact]
    public void A_block_that_reads_what_another_one_writes_is_found()
    {
        // Each of 64 blocks adds its neighbour's word to its own.
        string body = "mov.u32 %r0, %ctaid.x; mad.wide.u32 %rd1, %r0, 4, %rd0; add.u32 %r0, %r0, NEXT; and.b32 %r0, %r0, 63; mad.wide.u32 %rd2, %r0, 4, %rd0;"
            + "ld.global.u32 %r2, [%rd2]; ld.global.u32 %r3, [%rd1]; add.u32 %r2, %r2, %r3; st.global.u32 [%rd1], %r2;";
        foreach ((string next, bool isRight) in new[] { ("1", false), ("0", true) })
        {
            using var program = new EmulatedProgram();
            ulong to = program.Upload<int>(new int[64]);
            CudaResult result = program.Run(EmulatedProgram.Module(".param .u64 to", Declarations + body.Replace("NEXT", next)), new CudaGrid(64, 1, 1, 1), 0,
                to);
            Assert.Equal(isRight ? CudaResult.Success : CudaResult.LaunchFailed, result);
            if (!isRight) Assert.Contains("written by block", program.Driver.Fault!.Message);
        }
    }

    [Fact]
    public void A_fault_is_thrown_at_once_where_that_is_asked_for()
    {
        using var program = new EmulatedProgram(new() { Throws = true, Immediate = true });
        nint function = program.Load(EmulatedProgram.Module(".param .u64 to", Declarations + "st.global.u32 [%rd1], 1;"));
        var thrown = Assert.Throws<EmulatorFaultException>(() => program.Launch(function, new CudaGrid(1, 1, 1, 65), 0, program.Allocate(256)));
        Assert.Contains("thread 64", thrown.Message);
    }

    [Fact]
    public void What_nobody_has_written_may_be_read_where_that_is_asked_for()
    {
        using var program = new EmulatedProgram(new() { FindsUninitialized = false });
        ulong to = program.Allocate(256);
        program.Succeed(program.Run(EmulatedProgram.Module(".param .u64 to", Declarations
            + "ld.global.u32 %r2, [%rd1]; add.u32 %r2, %r2, 1; st.global.u32 [%rd1], %r2;"), 64, to));
        Assert.All(program.Download<int>(to, 64), got => Assert.Equal(0, got)); // the poison is all ones
    }
}

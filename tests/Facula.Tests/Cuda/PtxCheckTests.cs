using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>Mistakes planted in kernels are found before anything runs, and the kernel and the instruction are named.</summary>
public sealed class PtxCheckTests
{
    [Fact]
    public void A_right_kernel_passes() => Assert.Contains(".visible .entry planted(", Build(_ => { }).Ptx);

    [Fact]
    public void Types_must_match()
    {
        Fails("not U32", k => k.Add(k.Register(PtxType.U32), k.Register(PtxType.F32)));
        Fails("not Pred", k => k.If(k.Special("tid.x"), () => { }));
        Fails("no whole number", k => k.Add(k.Special("tid.x"), 1.5));
        Fails("no address", k => k.LoadGlobal(PtxType.F32, k.Variable(PtxType.F32, 0)));
        Fails("cannot be seen", k => k.Special("tid.x").As(PtxType.F32), typeof(ArgumentException));
    }

    [Fact]
    public void Registers_must_be_the_kernels_own()
    {
        var other = new Assembler("other", 32);
        Value foreign = other.Special("tid.x");
        Fails("kernel other", k => k.Emit("mov.u32", [PtxOperand.Of(PtxType.U32, k.Register(PtxType.U32))], PtxOperand.Of(PtxType.U32, foreign)));
    }

    [Fact]
    public void Registers_must_be_written_before_they_are_read()
    {
        Fails("read before it is written", k => k.Add(k.Register(PtxType.U32), 1));
        // The sum is written to the variable itself, so that the register it was to have is never written.
        Fails("read before it is written", k =>
        {
            Value variable = k.Variable(PtxType.U32, 0), sum = k.Special("tid.x") + 1;
            k.Set(variable, sum);
            k.Add(sum, variable);
        });
    }

    [Fact]
    public void Vectors_must_be_aligned()
    {
        Fails("no multiple of 16", k => k.LoadGlobal(PtxType.F32, k.Pointer(16), 4, offset: 8));
        Fails("not known to be a multiple of 16", k => k.LoadGlobal(PtxType.F32, k.Pointer(8), 4));
        Fails("not known to be a multiple of 16", k => k.LoadGlobal(PtxType.F32, k.MultiplyAddWide(k.Special("tid.x"), 8, k.Pointer(16)), 4));
        Fails("not known to be a multiple of 8", k => k.StoreShared(PtxType.F32, k.SharedMemory(64, alignment: 4), k.LoadGlobal(PtxType.F32, k.Pointer(8), 2)));
        Fails("more than 16 bytes", k => k.LoadGlobal(PtxType.F64, k.Pointer(32), 4));
        Build(k => k.LoadGlobal(PtxType.F32, k.MultiplyAddWide(k.Special("tid.x"), 16, k.Pointer(16)), 4, offset: 32));
        // A loop that goes on by less than it began with.
        Fails("not known to be a multiple of 16", k =>
        {
            Value address = k.Variable(PtxType.U64, k.Pointer(16));
            k.For(PtxType.U32, 0, 4, 1, _ =>
            {
                k.LoadGlobal(PtxType.F32, address, 4);
                k.Set(address, address + 8);
            });
        });
    }

    [Fact]
    public void Shared_memory_and_blocks_have_limits()
    {
        Fails("bytes of shared memory", k => k.SharedMemory(48 << 10 | 16));
        Fails("bytes of shared memory", k => k.DynamicSharedMemory(228 << 10));
        Assert.Throws<InvalidOperationException>(() => new Assembler("wide", 2048).Build());
    }

    [Fact]
    public void No_thread_waits_where_another_may_not_come()
    {
        Fails("some threads may not come here", k => k.If(k.Special("tid.x") < 5, k.Barrier));
        Fails("some threads may not come here", k => k.If(k.LoadGlobal(PtxType.U32, k.Pointer(4))[0] < 5, () => { }, k.Barrier));
        Fails("some threads may not come here", k => k.If(k.Special("tid.x") < 5, () => k.Shuffle("bfly", k.Special("tid.x"), 1)));
        // As many rounds as the thread's number.
        Fails("some threads may not come here", k => k.For(PtxType.U32, 0, k.Special("tid.x"), 1, _ => k.Barrier()));
        // What threads that have parted have written.
        Fails("some threads may not come here", k =>
        {
            Value uniform = k.Parameter(PtxType.U32), variable = k.Variable(PtxType.U32, 0);
            k.If(k.Special("tid.x") < uniform, () => k.Set(variable, k.Variable(PtxType.U32, 1)));
            k.If(k.Equal(variable, 1), k.Barrier);
        });
        Build(k => k.For(PtxType.U32, 0, k.Parameter(PtxType.U32), 1, _ => k.If(k.Special("ctaid.x") < 3, k.Barrier)));
    }

    private static CudaKernel Build(Action<Assembler> body)
    {
        var kernel = new Assembler("planted", 32);
        body(kernel);
        return kernel.Build();
    }

    private static void Fails(string fault, Action<Assembler> body, Type? type = null)
    {
        Exception error = Assert.ThrowsAny<Exception>(() => Build(body));
        Assert.IsType(type ?? typeof(InvalidOperationException), error);
        Assert.Contains(fault, error.Message);
        if (type is null) Assert.Contains("Kernel planted", error.Message);
    }
}

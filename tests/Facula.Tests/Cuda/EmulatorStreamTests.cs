using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>Memory, streams, events and graphs of the emulated driver.</summary>
public sealed unsafe class EmulatorStreamTests
{
    private const string Increment = """
            .reg .b32 %r<3>; .reg .b64 %rd<2>; mov.u32 %r0, %tid.x; ld.param.u64 %rd0, [to]; mad.wide.u32 %rd0, %r0, 4, %rd0;
            ld.global.u32 %r1, [%rd0]; add.u32 %r1, %r1, 1; st.global.u32 [%rd0], %r1;
        """;

    private static readonly CudaGrid Warp = new(1, 1, 1, 32);

    private static nint Incrementer(EmulatedProgram program) => program.Load(EmulatedProgram.Module(".param .u64 to", Increment));

    private static nint Pinned(EmulatedProgram program, int bytes)
    {
        Assert.Equal(CudaResult.Success, program.Driver.AllocateHost((ulong)bytes, out nint pointer));
        return pointer;
    }

    private static nint NewStream(EmulatedProgram program)
    {
        Assert.Equal(CudaResult.Success, program.Driver.CreateStream(out nint stream));
        return stream;
    }

    private static nint NewEvent(EmulatedProgram program, bool timing = false)
    {
        Assert.Equal(CudaResult.Success, program.Driver.CreateEvent(timing, out nint @event));
        return @event;
    }

    [Fact]
    public void Work_is_done_late_and_in_the_order_of_its_stream()
    {
        using var program = new EmulatedProgram();
        nint function = Incrementer(program), host = Pinned(program, 128);
        ulong to = program.Allocate(128);
        new Span<int>((void*)host, 32).Fill(1);
        Assert.Equal(CudaResult.Success, program.Driver.CopyToDevice(to, host, 128, program.Stream));
        new Span<int>((void*)host, 32).Fill(40); // the device has not looked yet
        for (int i = 0; i < 2; i++) Assert.Equal(CudaResult.Success, program.Launch(function, Warp, 0, to));
        Assert.Equal(CudaResult.Success, program.Driver.CopyToHost(host, to, 128, program.Stream));
        Assert.Equal(0, program.Driver.Counters.Launches);
        Assert.Equal(40, *(int*)host);
        program.Succeed(program.Driver.SynchronizeStream(program.Stream));
        Assert.All(new ReadOnlySpan<int>((void*)host, 32).ToArray(), got => Assert.Equal(42, got));
        Assert.Equal((2, 4, 1, 1, 1, 2), (program.Driver.Counters.Launches, program.Driver.Counters.Submissions, program.Driver.Counters.Synchronizations,
            program.Driver.Counters.CopiesToDevice, program.Driver.Counters.CopiesToHost, program.Driver.Counters.LaunchesByKernel["kernel"]));
    }

    [Fact]
    public void Memory_that_is_not_pinned_is_read_when_the_copy_is_given()
    {
        using var program = new EmulatedProgram();
        int[] values = [1, 2, 3];
        ulong to = program.Upload<int>(values);
        values[0] = 9;
        Assert.Equal([1, 2, 3], program.Download<int>(to, 3));
    }

    [Fact]
    public void A_dependency_that_is_missing_between_streams_shows_in_some_order()
    {
        bool Run(ulong seed, bool waits)
        {
            using var program = new EmulatedProgram(new() { Seed = seed });
            nint function = Incrementer(program), copies = NewStream(program), host = Pinned(program, 128), done = NewEvent(program);
            new Span<int>((void*)host, 32).Fill(1);
            ulong to = program.Allocate(128);
            Assert.Equal(CudaResult.Success, program.Driver.CopyToDevice(to, host, 128, copies));
            Assert.Equal(CudaResult.Success, program.Driver.Record(done, copies));
            if (waits) Assert.Equal(CudaResult.Success, program.Driver.WaitFor(program.Stream, done));
            Assert.Equal(CudaResult.Success, program.Launch(function, Warp, 0, to));
            bool isRight = program.Driver.SynchronizeStream(program.Stream) == CudaResult.Success;
            if (!isRight) Assert.Contains("never written", program.Driver.Fault!.ToString());
            return isRight;
        }
        Assert.All(Enumerable.Range(1, 10), seed => Assert.True(Run((ulong)seed, true)));
        Assert.Contains(Enumerable.Range(1, 10), seed => !Run((ulong)seed, false));
    }

    [Fact]
    public void An_event_happens_when_what_came_before_it_is_done()
    {
        using var program = new EmulatedProgram();
        nint function = Incrementer(program), first = NewEvent(program, true), last = NewEvent(program, true), unused = NewEvent(program);
        ulong to = program.Upload<int>(new int[32]);
        Assert.Equal(CudaResult.Success, program.Driver.Query(unused));
        program.Driver.Record(first, program.Stream);
        for (int i = 0; i < 20; i++) program.Launch(function, Warp, 0, to);
        program.Driver.Record(last, program.Stream);
        Assert.Equal(CudaResult.NotReady, program.Driver.GetElapsed(first, last, out _));
        Assert.Equal(CudaResult.NotReady, program.Driver.Query(last));
        int asked = 0;
        while (program.Driver.Query(last) == CudaResult.NotReady) Assert.True(++asked < 100);
        Assert.Equal(20, program.Driver.Counters.Launches);
        Assert.Equal(CudaResult.Success, program.Driver.SynchronizeEvent(last));
        Assert.Equal(CudaResult.Success, program.Driver.GetElapsed(first, last, out float milliseconds));
        Assert.True(milliseconds >= 0);
    }

    [Fact]
    public void Memory_is_as_large_as_is_said_and_comes_back()
    {
        using var program = new EmulatedProgram(); // 16 MB
        ulong[] taken = [.. Enumerable.Range(0, 15).Select(_ => program.Allocate(1 << 20))];
        Assert.Equal(15, taken.Distinct().Count());
        Assert.Equal(CudaResult.Success, program.Driver.GetMemory(out ulong free, out ulong total));
        Assert.Equal((1UL << 20, 16UL << 20), (free, total));
        Assert.Equal(CudaResult.OutOfMemory, program.Driver.Allocate((1 << 20) + 1, out ulong none));
        Assert.Equal(0UL, none);
        Assert.Equal(CudaResult.InvalidValue, program.Driver.Allocate(0, out _));
        Assert.Equal(CudaResult.Success, program.Driver.Free(taken[3]));
        Assert.Equal(CudaResult.InvalidValue, program.Driver.Free(taken[3]));
        for (int i = 0; i < 100; i++) Assert.Equal(CudaResult.Success, program.Driver.Free(program.Allocate((1 << 20) + i)));
        Assert.Equal(14UL << 20, program.Driver.UsedMemory);
        Assert.Equal(15L << 20, program.Driver.Counters.PeakMemory & ~0xFFFL);
    }

    [Theory, InlineData(-1), InlineData(1)]
    public void Copies_and_fills_keep_to_allocations(int wrong)
    {
        foreach (int kind in Enumerable.Range(0, 4))
        {
            using var program = new EmulatedProgram();
            ulong from = program.Upload<int>(new int[32]), to = program.Allocate(128), past = to + (ulong)wrong;
            int[] host = new int[32];
            fixed (int* pointer = host)
            {
                CudaResult given = kind switch
                {
                    0 => program.Driver.CopyToDevice(past, (nint)pointer, 128, program.Stream),
                    1 => program.Driver.CopyToHost((nint)pointer, past, 128, program.Stream),
                    2 => program.Driver.CopyOnDevice(past, from, 128, program.Stream),
                    _ => program.Driver.Set(past, 0, 128, program.Stream),
                };
                Assert.Equal(kind == 1 ? CudaResult.IllegalAddress : CudaResult.Success, given);
            }
            Assert.Equal(CudaResult.IllegalAddress, program.Driver.SynchronizeContext());
        }
    }

    [Fact]
    public void Reading_what_was_never_written_back_is_a_fault_and_copying_it_is_not()
    {
        using var program = new EmulatedProgram();
        ulong from = program.Allocate(64), to = program.Upload<int>(new int[16]);
        Assert.Equal(CudaResult.Success, program.Driver.Set(from, 1, 32, program.Stream));
        Assert.Equal(CudaResult.Success, program.Driver.CopyOnDevice(to, from, 64, program.Stream));
        Assert.Equal([0x01010101, 0x01010101], program.Download<int>(to + 24, 2));
        int[] host = new int[1];
        fixed (int* pointer = host) Assert.Equal(CudaResult.LaunchFailed, program.Driver.CopyToHost((nint)pointer, to + 32, 4, program.Stream));
        Assert.Contains("never written", program.Driver.Fault!.Message);
    }

    [Fact]
    public void Pinned_memory_that_is_freed_too_early_is_a_fault()
    {
        using var program = new EmulatedProgram();
        nint host = Pinned(program, 128);
        ulong to = program.Allocate(128);
        Assert.Equal(CudaResult.Success, program.Driver.CopyToDevice(to, host, 128, program.Stream));
        Assert.Equal(CudaResult.Success, program.Driver.FreeHost(host));
        Assert.Equal(CudaResult.IllegalAddress, program.Driver.SynchronizeStream(program.Stream));
        Assert.Contains("freed meanwhile", program.Driver.Fault!.Message);
    }

    [Fact]
    public void A_graph_does_again_what_was_captured()
    {
        using var program = new EmulatedProgram();
        nint function = Incrementer(program), side = NewStream(program), fork = NewEvent(program), join = NewEvent(program);
        ulong a = program.Upload<int>(new int[32]), b = program.Allocate(128);
        EmulatedDriver driver = program.Driver;
        program.Succeed(driver.SynchronizeContext());
        Assert.Equal(CudaResult.Success, driver.BeginCapture(program.Stream));
        program.Launch(function, Warp, 0, a);
        driver.Record(fork, program.Stream);
        driver.WaitFor(side, fork);
        Assert.Equal(CudaResult.Success, driver.CopyOnDevice(b, a, 128, side));
        driver.Record(join, side);
        driver.WaitFor(program.Stream, join);
        program.Launch(function, Warp, 0, a);
        Assert.Equal(CudaResult.Success, driver.EndCapture(program.Stream, out nint graph));
        program.Succeed(driver.SynchronizeContext());
        Assert.Equal(0, driver.Counters.Launches);
        Assert.Equal(CudaResult.Success, driver.Instantiate(graph, out nint executable));
        Assert.Equal(CudaResult.Success, driver.DestroyGraph(graph));
        for (int i = 0; i < 3; i++) Assert.Equal(CudaResult.Success, driver.LaunchGraph(executable, program.Stream));
        Assert.Equal((6, 5), (program.Download<int>(a, 32)[7], program.Download<int>(b, 32)[31]));
        Assert.Equal((6, 3), (driver.Counters.Launches, driver.Counters.GraphLaunches));
        Assert.Equal(CudaResult.Success, driver.DestroyExecutable(executable));
    }

    [Fact]
    public void What_would_wait_or_allocate_ends_a_capture()
    {
        using var program = new EmulatedProgram();
        EmulatedDriver driver = program.Driver;
        ulong a = program.Upload<int>(new int[32]);
        int[] host = new int[32];
        nint happened = NewEvent(program);
        driver.Record(happened, program.Stream);
        program.Succeed(driver.SynchronizeContext());
        fixed (int* pointer = host)
        {
            nint to = (nint)pointer;
            Func<CudaResult>[] calls =
            [
                () => driver.SynchronizeStream(program.Stream), driver.SynchronizeContext, () => driver.Allocate(64, out _), () => driver.Free(a),
                () => driver.CopyToHost(to, a, 4, program.Stream), () => driver.SynchronizeEvent(happened),
            ];
            foreach (Func<CudaResult> call in calls)
            {
                Assert.Equal(CudaResult.Success, driver.BeginCapture(program.Stream));
                Assert.Equal(CudaResult.StreamCaptureUnsupported, call());
                Assert.Equal(CudaResult.StreamCaptureInvalidated, driver.EndCapture(program.Stream, out nint graph));
                Assert.Equal(0, graph);
            }
        }
        // And the driver is as before.
        Assert.Null(driver.Fault);
        Assert.Equal(0, program.Download<int>(a, 32)[3]);
    }

    [Fact]
    public void A_context_must_be_current_on_the_thread()
    {
        using var program = new EmulatedProgram();
        var result = CudaResult.Success;
        var thread = new Thread(() => result = program.Driver.Allocate(64, out _));
        thread.Start();
        thread.Join();
        Assert.Equal(CudaResult.InvalidContext, result);
        using var fresh = new EmulatedDriver();
        Assert.Equal(CudaResult.NotInitialized, fresh.GetDeviceCount(out _));
    }
}

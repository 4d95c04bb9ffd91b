using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>Divergence, barriers, exchanges between lanes, atomic operations.</summary>
public sealed class EmulatorWarpTests
{
    /// <summary>A kernel of threads that have their number in %t and leave their result in %d, run by one block.</summary>
    private static int[] Threads(int threads, string body, ulong seed = 1)
    {
        using var program = new EmulatedProgram(new() { Seed = seed });
        ulong to = program.Allocate(threads * 4);
        program.Succeed(program.Run(Numbered(body), threads, to));
        return program.Download<int>(to, threads);
    }

    private static string Numbered(string body) => EmulatedProgram.Module(".param .u64 to", $$"""
            .reg .b32 %t, %d, %r<8>; .reg .b64 %rd<3>; .reg .pred %p, %q; .reg .f32 %f<3>;
            .shared .align 8 .b8 shared[4096];
            mov.u32 %t, %tid.x;
            {{body}}
            ld.param.u64 %rd0, [to]; mad.wide.u32 %rd1, %t, 4, %rd0; st.global.u32 [%rd1], %d;
        """);

    [Fact]
    public void Lanes_that_part_meet_again()
    {
        // Each thread goes round as often as its number, and takes one of two ways each time; then all are together for the sum.
        int[] got = Threads(64, """
                mov.u32 %d, 0; mov.u32 %r0, 0;
            LOOP:
                setp.ge.u32 %p, %r0, %t; @%p bra OUT;
                and.b32 %r1, %r0, 1; setp.eq.u32 %q, %r1, 0;
                @%q bra EVEN;
                add.u32 %d, %d, 100; bra NEXT;
            EVEN:
                add.u32 %d, %d, 1;
            NEXT:
                add.u32 %r0, %r0, 1; bra LOOP;
            OUT:
                vote.sync.ballot.b32 %r2, %p, -1; setp.ne.u32 %p, %r2, -1; @%p mov.u32 %d, -1;
            """);
        Assert.Equal(Enumerable.Range(0, 64).Select(t => ((t + 1) / 2) + (t / 2 * 100)), got);
    }

    [Fact]
    public void A_thread_may_end_before_the_others()
    {
        int[] got = Threads(40, """
                mov.u32 %d, %t; setp.ge.u32 %p, %t, 35;
                ld.param.u64 %rd0, [to]; mad.wide.u32 %rd1, %t, 4, %rd0; @%p st.global.u32 [%rd1], -5; @%p exit;
                bar.sync 0;
            """);
        Assert.Equal(Enumerable.Range(0, 40).Select(t => t < 35 ? t : -5), got);
    }

    [Theory]
    [InlineData("up.b32 %d|%p, %t, 3, 0", 0), InlineData("down.b32 %d|%p, %t, 5, 31", 1), InlineData("bfly.b32 %d|%p, %t, 9, 31", 2),
        InlineData("idx.b32 %d|%p, %t, 7, 31", 3)]
    [InlineData("down.b32 %d|%p, %t, 2, 0x1807", 4)]
    public void Shuffles_take_the_lane_that_they_name(string shuffle, int mode)
    {
        int[] got = Threads(32, $"shfl.sync.{shuffle}, -1; @!%p add.u32 %d, %d, 1000;");
        int Expected(int lane)
        {
            (int from, bool inside) = mode switch
            {
                0 => (lane - 3, lane >= 3),
                1 => (lane + 5, lane + 5 <= 31),
                2 => (lane ^ 9, true),
                3 => (7, true),
                // Groups of 8 lanes: segments of 0x18, bound 7 within.
                _ => (lane + 2, lane % 8 + 2 <= 7),
            };
            return inside ? from : lane + 1000;
        }
        Assert.Equal(Enumerable.Range(0, 32).Select(Expected), got);
    }

    [Fact]
    public void Votes_matches_and_reductions_see_all_lanes()
    {
        Assert.All(Threads(32, "and.b32 %r0, %t, 5; setp.eq.u32 %p, %r0, 5; vote.sync.ballot.b32 %d, %p, -1;"),
            got => Assert.Equal((int)Enumerable.Range(0, 32).Aggregate(0u, (mask, t) => (t & 5) == 5 ? mask | 1u << t : mask), got));
        Assert.All(Threads(32,
            "setp.lt.u32 %p, %t, 31; vote.sync.all.pred %q, %p, -1; vote.sync.any.pred %p, !%p, -1; selp.u32 %d, 2, 0, %p; @%q add.u32 %d, %d, 1;"),
            got => Assert.Equal(2, got));
        Assert.Equal(Enumerable.Range(0, 32).Select(t => 0x11111111 << (t % 4)), Threads(32, "and.b32 %r0, %t, 3; match.any.sync.b32 %d, %r0, -1;"));
        Assert.All(Threads(32, "redux.sync.add.s32 %d, %t, -1; redux.sync.max.u32 %r0, %t, -1; mad.lo.u32 %d, %r0, 1000, %d;"), got =>
            Assert.Equal(31496, got));
        Assert.All(Threads(16, "activemask.b32 %d;"), got => Assert.Equal(0xFFFF, got));
    }

    [Theory, InlineData(1ul), InlineData(2ul), InlineData(9ul)]
    public void A_barrier_lets_all_see_what_all_have_written(ulong seed)
    {
        int[] got = Threads(256, """
                mov.u32 %r0, shared; mad.lo.u32 %r1, %t, 4, %r0; st.shared.u32 [%r1], %t;
                bar.sync 0;
                xor.b32 %r2, %t, 255; mad.lo.u32 %r2, %r2, 4, %r0; ld.shared.u32 %d, [%r2];
                bar.sync 0;
                add.u32 %d, %d, 1; st.shared.u32 [%r1], %d;
                barrier.sync 1, 256;
                ld.shared.u32 %d, [%r2];
                setp.lt.u32 %p, %t, 100; bar.red.popc.u32 %r3, 0, %p; mad.lo.u32 %d, %r3, 1000, %d;
                bar.red.and.pred %q, 0, %p; @%q mov.u32 %d, -1; bar.red.or.pred %q, 0, %p; @!%q mov.u32 %d, -2;
            """, seed);
        Assert.Equal(Enumerable.Range(0, 256).Select(t => t + 1 + 100_000), got);
    }

    [Theory, InlineData(1ul), InlineData(5ul)]
    public void Atomic_operations_lose_nothing(ulong seed)
    {
        using var program = new EmulatedProgram(new() { Seed = seed, Workers = 4 });
        ulong to = program.Upload<int>(0, int.MaxValue, int.MinValue, 0, 0, 0, 0, 0, 0, 0);
        string ptx = EmulatedProgram.Module(".param .u64 to", """
                .reg .b32 %t, %r<8>; .reg .b64 %rd<3>; .reg .f32 %f; .reg .pred %p;
                .shared .align 4 .u32 sum;
                mov.u32 %t, %tid.x; mov.u32 %r0, %ctaid.x; mad.lo.u32 %r0, %r0, 96, %t; ld.param.u64 %rd0, [to];
                setp.ne.u32 %p, %t, 0; @!%p st.shared.u32 [sum], 0;
                bar.sync 0;
                red.shared.add.u32 [sum], 1;
                atom.global.add.u32 %r1, [%rd0], %r0; red.global.min.s32 [%rd0+4], %r0; red.global.max.s32 [%rd0+8], %r0;
                cvt.rn.f32.u32 %f, %r0; red.global.add.f32 [%rd0+12], %f;
                red.global.or.b32 [%rd0+16], %r0; atom.global.inc.u32 %r1, [%rd0+20], 9;
                mov.b32 %r4, 0x3C003C00; red.global.add.noftz.f16x2 [%rd0+24], %r4;
                bar.sync 0;
                ld.shared.u32 %r2, [sum]; @!%p red.global.add.u32 [%rd0+28], %r2;
                setp.eq.u32 %p, %r0, 17; @%p atom.global.cas.b32 %r3, [%rd0+32], 0, 77; @%p atom.global.exch.b32 %r3, [%rd0+36], 5;
            """);
        program.Succeed(program.Run(ptx, new CudaGrid(10, 1, 1, 96), 0, to));
        int[] got = program.Download<int>(to, 10);
        Assert.Equal([960 * 959 / 2, 0, 959, BitConverter.SingleToInt32Bits(960 * 959 / 2), 1023, 0, 0x63806380, 960, 77, 5], got);
    }

    [Fact]
    public void Local_and_generic_memory_are_each_threads_own()
    {
        int[] got = Threads(64, """
                .local .align 4 .b8 own[16];
                .reg .b64 %l; mov.u64 %l, own; st.local.u32 [%l+8], %t; cvta.local.u64 %l, %l; ld.u32 %d, [%l+8];
                mov.u64 %rd0, shared; mad.wide.u32 %rd1, %t, 4, %rd0; cvta.shared.u64 %rd2, %rd1; add.u32 %r0, %d, 7; st.u32 [%rd2], %r0;
                ld.shared.u32 %d, [%rd1];
            """);
        Assert.Equal(Enumerable.Range(7, 64), got);
    }

    [Fact]
    public void Constants_parameters_and_vectors_are_read()
    {
        using var program = new EmulatedProgram();
        ulong from = program.Upload<float>([.. Enumerable.Range(0, 8).Select(x => (float)x)]), to = program.Allocate(64);
        string ptx = EmulatedProgram.Module(
            ".param .u64 from, .param .u64 to, .param .f32 scale, .param .s16 small, .param .f64 wide, .param .align 16 .b8 bytes[8]", """
                .reg .b64 %rd<6>; .reg .f32 %f<8>; .reg .f64 %e; .reg .b32 %r<4>; .reg .b16 %h;
                ld.param.u64 %rd0, [from]; ld.param.u64 %rd1, [to]; ld.param.f32 %f4, [scale]; ld.param.s16 %r0, [small]; ld.param.f64 %e, [wide];
                ld.param.u32 %r1, [bytes+4];
                ld.global.nc.L1::no_allocate.v4.f32 {%f0, %f1, %f2, %f3}, [%rd0+16]; mul.f32 %f0, %f0, %f4;
                mov.u64 %rd3, table; ld.const.u64 %rd4, [%rd3+8]; ld.const.b8 %r2, [single];
                st.global.v4.f32 [%rd1], {%f0, %f1, %f2, %f3}; st.global.b32 [%rd1+16], %r0; st.global.f64 [%rd1+24], %e; st.global.b32 [%rd1+32], %r1;
                st.global.u64 [%rd1+40], %rd4; st.global.b32 [%rd1+48], %r2;
            """, ".const .align 8 .b64 table[3] = {1, 0x123456789A, -1};\n.const .align 4 .b8 single[4] = {200, 1};");
        byte[] arguments = [.. EmulatedProgram.Pack(from, to, 10f), 0xFE, 0xFF, 0, 0, .. BitConverter.GetBytes(2.5), 1, 2, 3, 4, 5, 6, 7, 8];
        nint function = program.Load(ptx);
        Assert.Equal(CudaResult.Success, program.Driver.Launch(function, new CudaGrid(1, 1, 1, 1), 0, program.Stream, arguments));
        program.Succeed(program.Driver.SynchronizeContext());
        float[] vector = program.Download<float>(to, 4);
        Assert.Equal([40, 5, 6, 7], vector);
        Assert.Equal(-2, program.Download<int>(to + 16, 1)[0]);
        Assert.Equal(2.5, program.Download<double>(to + 24, 1)[0]);
        Assert.Equal(0x08070605, program.Download<int>(to + 32, 1)[0]);
        Assert.Equal(0x123456789A, program.Download<long>(to + 40, 1)[0]);
        Assert.Equal(200, program.Download<int>(to + 48, 1)[0]);
    }

    [Fact]
    public void Blocks_come_in_another_order_with_another_seed_and_in_the_same_with_the_same()
    {
        string ptx = EmulatedProgram.Module(".param .u64 to", """
                .reg .b32 %r<3>; .reg .b64 %rd<2>;
                ld.param.u64 %rd0, [to]; mov.u32 %r0, %ctaid.x; atom.global.add.u32 %r1, [%rd0], 1; mad.wide.u32 %rd1, %r1, 4, %rd0;
                st.global.u32 [%rd1+4], %r0;
            """);
        int[] Order(ulong seed)
        {
            using var program = new EmulatedProgram(new() { Seed = seed });
            ulong to = program.Upload<int>(new int[21]);
            program.Succeed(program.Run(ptx, new CudaGrid(20, 1, 1, 1), 0, to));
            return program.Download<int>(to, 21)[1..];
        }
        int[] first = Order(1);
        Assert.Equal(first, Order(1));
        Assert.Equal(Enumerable.Range(0, 20), first.Order());
        Assert.Contains(Enumerable.Range(2, 5), seed => !Order((ulong)seed).SequenceEqual(first));
    }
}

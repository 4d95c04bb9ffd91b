using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>ldmatrix, mma.sync and cp.async: a small product, and the faults that are planted in it.</summary>
public sealed class EmulatorMatrixTests
{
    private const int M = 64, N = 32, K = 80;

    /// <summary>
    /// C = A B in bfloat16 with float32 sums. A block of two warps makes 32 rows and 16 columns, 16 of the depth at a time, in two stages: while one is
    /// multiplied, the next is on its way.
    /// </summary>
    private static readonly string Product = EmulatedProgram.Module(".param .u64 pa, .param .u64 pb, .param .u64 pc, .param .u32 n, .param .u32 k", """
            .reg .pred %p<4>; .reg .b32 %r<48>; .reg .b64 %rd<12>; .reg .f32 %f<8>;
            .shared .align 16 .b8 tile[4608];
            ld.param.u64 %rd0, [pa]; ld.param.u64 %rd1, [pb]; ld.param.u64 %rd2, [pc]; ld.param.u32 %r0, [n]; ld.param.u32 %r1, [k];
            mov.u32 %r2, %tid.x; mov.u32 %r3, %ctaid.x; mov.u32 %r4, %ctaid.y; and.b32 %r5, %r2, 31; shr.u32 %r6, %r2, 5; mov.u32 %r7, tile;
            shr.u32 %r8, %r2, 1; and.b32 %r9, %r2, 1;
            mad.lo.u32 %r10, %r4, 32, %r8; mul.wide.u32 %rd3, %r10, %r1; shl.b64 %rd3, %rd3, 1; add.u64 %rd3, %rd3, %rd0; mad.wide.u32 %rd3, %r9, 16, %rd3;
            mul.wide.u32 %rd4, %r8, %r0; shl.b64 %rd4, %rd4, 1; add.u64 %rd4, %rd4, %rd1; mad.wide.u32 %rd4, %r3, 32, %rd4; mad.wide.u32 %rd4, %r9, 16, %rd4;
            mad.lo.u32 %r11, %r8, 48, %r7; mad.lo.u32 %r11, %r9, 16, %r11; add.u32 %r12, %r11, 1536;
            setp.lt.u32 %p0, %r2, 32; mul.wide.u32 %rd5, %r0, 32;
            mov.f32 %f0, 0f00000000; mov.f32 %f1, %f0; mov.f32 %f2, %f0; mov.f32 %f3, %f0; mov.f32 %f4, %f0; mov.f32 %f5, %f0; mov.f32 %f6, %f0;
            mov.f32 %f7, %f0;
            mov.u32 %r13, 0; mov.u32 %r14, 0;
            // Where the lanes read their fragments.
            and.b32 %r20, %r5, 15; shr.u32 %r21, %r5, 4; mad.lo.u32 %r22, %r20, 48, %r7; mad.lo.u32 %r22, %r21, 16, %r22; mad.lo.u32 %r23, %r6, 768, %r22;
            cp.async.cg.shared.global [%r11], [%rd3], 16;
            @%p0 cp.async.cg.shared.global [%r12], [%rd4], 16;
            cp.async.commit_group;
        LOOP:
            add.u32 %r17, %r13, 16; setp.ge.u32 %p1, %r17, %r1; sub.u32 %r18, 2304, %r14;
            @%p1 bra LAST;
            add.u64 %rd3, %rd3, 32; add.u64 %rd4, %rd4, %rd5; add.u32 %r15, %r11, %r18; add.u32 %r16, %r12, %r18;
            cp.async.cg.shared.global [%r15], [%rd3], 16;
            @%p0 cp.async.cg.shared.global [%r16], [%rd4], 16;
            cp.async.commit_group;
            cp.async.wait_group 1;
            bra READY;
        LAST:
            cp.async.wait_group 0;
        READY:
            bar.sync 0; // filled
            add.u32 %r24, %r22, %r14; add.u32 %r25, %r23, %r14;
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r30, %r31, %r32, %r33}, [%r25];
            ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%r34, %r35, %r36, %r37}, [%r24+1536];
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f0, %f1, %f2, %f3}, {%r30, %r31, %r32, %r33}, {%r34, %r35}, {%f0, %f1, %f2, %f3};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f4, %f5, %f6, %f7}, {%r30, %r31, %r32, %r33}, {%r36, %r37}, {%f4, %f5, %f6, %f7};
            bar.sync 0; // used up
            mov.u32 %r14, %r18; mov.u32 %r13, %r17;
            @!%p1 bra LOOP;
            shr.u32 %r40, %r5, 2; mad.lo.u32 %r41, %r6, 16, %r40; mad.lo.u32 %r41, %r4, 32, %r41; and.b32 %r42, %r5, 3; shl.b32 %r42, %r42, 1;
            mad.lo.u32 %r42, %r3, 16, %r42;
            mad.lo.u32 %r43, %r41, %r0, %r42; mad.wide.u32 %rd6, %r43, 4, %rd2; mad.wide.u32 %rd7, %r0, 32, %rd6;
            st.global.v2.f32 [%rd6], {%f0, %f1}; st.global.v2.f32 [%rd7], {%f2, %f3};
            st.global.v2.f32 [%rd6+32], {%f4, %f5}; st.global.v2.f32 [%rd7+32], {%f6, %f7};
        """);

    private static (CudaResult Result, float Error, EmulatorFault? Fault) Multiply(string ptx, ulong seed, int workers = 1)
    {
        using var program = new EmulatedProgram(new() { Seed = seed, Workers = workers });
        var random = new System.Random(7);
        float[] a = [.. Enumerable.Range(0, M * K).Select(_ => (float)(BFloat16)(random.NextSingle() - 0.5f))];
        float[] b = [.. Enumerable.Range(0, K * N).Select(_ => (float)(BFloat16)(random.NextSingle() - 0.5f))];
        ulong pa = program.Upload<ushort>([.. a.Select(x => ((BFloat16)x).Bits)]), pb = program.Upload<ushort>([.. b.Select(x => ((BFloat16)x).Bits)]);
        ulong pc = program.Allocate(M * N * 4);
        CudaResult result = program.Run(ptx, new CudaGrid(N / 16, M / 32, 1, 64), 0, pa, pb, pc, N, K);
        if (result != CudaResult.Success) return (result, 0, program.Driver.Fault);
        float[] c = program.Download<float>(pc, M * N);
        float error = 0;
        for (int i = 0; i < M; i++)
        {
            for (int j = 0; j < N; j++)
            {
                double sum = 0;
                for (int k = 0; k < K; k++) sum += (double)a[(i * K) + k] * b[(k * N) + j];
                error = Math.Max(error, (float)Math.Abs(sum - c[(i * N) + j]));
            }
        }
        return (result, error, null);
    }

    [Theory, InlineData(1ul, 1), InlineData(2ul, 1), InlineData(3ul, 2), InlineData(4ul, 4)]
    public void A_product_in_two_stages_is_right_in_any_order(ulong seed, int workers)
    {
        (CudaResult result, float error, EmulatorFault? fault) = Multiply(Product, seed, workers);
        Assert.True(result == CudaResult.Success, fault?.ToString());
        Assert.InRange(error, 0, 2e-6f);
    }

    [Theory]
    [InlineData("cp.async.wait_group 1;", "cp.async.wait_group 2;", "not delivered")]
    [InlineData("cp.async.wait_group 0;", "", "not delivered")]
    [InlineData("bar.sync 0; // filled", "", "data race")]
    [InlineData("bar.sync 0; // used up", "", "data race")]
    [InlineData("setp.ge.u32 %p1, %r17, %r1;", "setp.gt.u32 %p1, %r17, %r1;", "out of bounds")]
    [InlineData("setp.lt.u32 %p0, %r2, 32;", "setp.lt.u32 %p0, %r2, 31;", "never written")]
    [InlineData("mul.wide.u32 %rd5, %r0, 32;", "mul.wide.u32 %rd5, %r0, 320000;", "out of bounds")]
    [InlineData("mad.lo.u32 %r22, %r21, 16, %r22;", "mad.lo.u32 %r22, %r21, 8, %r22;", "no multiple of 16")]
    [InlineData("bar.sync 0; // filled", "setp.lt.u32 %p2, %r5, 16; @%p2 bar.sync 0;", "divergent")]
    [InlineData("mov.u32 %r13, 0; mov.u32 %r14, 0;", "mov.u32 %r13, 0;", "no value")]
    public void A_fault_that_is_planted_is_found_in_any_order(string right, string wrong, string message)
    {
        Assert.Contains(right, Product);
        for (ulong seed = 1; seed <= 5; seed++)
        {
            (CudaResult result, _, EmulatorFault? fault) = Multiply(Product.Replace(right, wrong), seed);
            Assert.NotEqual(CudaResult.Success, result);
            Assert.Contains(message, fault!.ToString());
            Assert.True(fault.Line > 0 && fault.Instruction.Length > 0 && fault.Kernel == "kernel" && fault.Place.Contains("thread"), fault.ToString());
        }
    }

    /// <summary>One product of a warp, whose fragments are loaded element by element as the ISA's tables say.</summary>
    [Theory]
    [InlineData("m16n8k16", "f16", "f32", 16), InlineData("m16n8k8", "f16", "f32", 8), InlineData("m16n8k8", "bf16", "f32", 8),
        InlineData("m16n8k16", "f16", "f16", 16)]
    [InlineData("m16n8k8", "tf32", "f32", 8), InlineData("m16n8k4", "tf32", "f32", 4)]
    public void Every_shape_of_product_is_right(string shape, string type, string sums, int depth)
    {
        using var program = new EmulatedProgram();
        var random = new System.Random(5);
        // Small whole numbers: exact in every type.
        float[] a = [.. Enumerable.Range(0, 16 * depth).Select(_ => (float)random.Next(-4, 5))],
            b = [.. Enumerable.Range(0, depth * 8).Select(_ => (float)random.Next(-4, 5))];
        float[] c = [.. Enumerable.Range(0, 128).Select(_ => (float)random.Next(-9, 9))];
        uint Word(float x) => type switch
        {
            "f16" => BitConverter.HalfToUInt16Bits((Half)x),
            "bf16" => ((BFloat16)x).Bits,
            _ =>
            BitConverter.SingleToUInt32Bits(x)
        };
        int per = type == "tf32" ? 1 : 2, registersA = 16 * depth / 32 / per, registersB = 8 * depth / 32 / per;
        var fragmentsA = new uint[32 * registersA];
        var fragmentsB = new uint[32 * registersB];
        for (int lane = 0; lane < 32; lane++)
        {
            for (int r = 0; r < registersA; r++)
            {
                for (int e = 0; e < per; e++)
                {
                    int row = (lane / 4) + (r % 2 == 1 ? 8 : 0), column = (lane % 4 * per) + e + (r >= 2 ? 4 * per : 0);
                    fragmentsA[(lane * registersA) + r] |= Word(a[(row * depth) + column]) << (16 * e);
                }
            }
            for (int r = 0; r < registersB; r++)
            {
                for (int e = 0; e < per; e++) fragmentsB[(lane * registersB) + r] |= Word(b[(((lane % 4 * per) + e + (r * 4 * per)) * 8)
                    + (lane / 4)]) << (16 * e);
            }
        }
        bool half = sums == "f16";
        string List(string stem, int count) => string.Join(", ", Enumerable.Range(0, count).Select(k => $"%{stem}{k}"));
        string loads = string.Concat(Enumerable.Range(0, registersA).Select(r => $"ld.global.b32 %a{r}, [%rd0+{r * 4}];\n"))
            + string.Concat(Enumerable.Range(0, registersB).Select(r => $"ld.global.b32 %b{r}, [%rd1+{r * 4}];\n"));
        // C is kept as float32 in memory, in the order of the matrix.
        string read = "ld.global.v2.f32 {%f0, %f1}, [%rd2]; ld.global.v2.f32 {%f2, %f3}, [%rd2+256];";
        string write = "st.global.v2.f32 [%rd2], {%f0, %f1}; st.global.v2.f32 [%rd2+256], {%f2, %f3};";
        string product = half
            ? "cvt.rn.f16x2.f32 %h0, %f1, %f0; cvt.rn.f16x2.f32 %h1, %f3, %f2;"
                + $"mma.sync.aligned.{shape}.row.col.f16.{type}.{type}.f16 {{%h0, %h1}}, {{{List("a", registersA)}}}, "
                + $"{{{List("b", registersB)}}}, {{%h0, %h1}};"
                + "mov.b32 {%s0, %s1}, %h0; cvt.f32.f16 %f0, %s0; cvt.f32.f16 %f1, %s1; mov.b32 {%s0, %s1}, %h1; cvt.f32.f16 %f2, %s0; cvt.f32.f16 %f3, %s1;"
            : $"mma.sync.aligned.{shape}.row.col.f32.{type}.{type}.f32 {{{List("f", 4)}}}, {{{List("a", registersA)}}}, "
                + $"{{{List("b", registersB)}}}, {{{List("f", 4)}}};";
        string ptx = EmulatedProgram.Module(".param .u64 pa, .param .u64 pb, .param .u64 pc", $$"""
                .reg .b32 %a<4>, %b<4>, %h<2>, %t<3>; .reg .b64 %rd<3>; .reg .f32 %f<4>; .reg .b16 %s<2>;
                ld.param.u64 %rd0, [pa]; ld.param.u64 %rd1, [pb]; ld.param.u64 %rd2, [pc]; mov.u32 %t0, %laneid;
                mad.wide.u32 %rd0, %t0, {{registersA * 4}}, %rd0; mad.wide.u32 %rd1, %t0, {{registersB * 4}}, %rd1;
                shr.u32 %t1, %t0, 2; and.b32 %t2, %t0, 3; shl.b32 %t1, %t1, 5; mad.lo.u32 %t1, %t2, 8, %t1; mad.wide.u32 %rd2, %t1, 1, %rd2;
                {{loads}}
                {{read}}
                {{product}}
                {{write}}
            """);
        ulong pc = program.Upload<float>(c);
        program.Succeed(program.Run(ptx, 32, program.Upload<uint>(fragmentsA), program.Upload<uint>(fragmentsB), pc));
        float[] got = program.Download<float>(pc, 128);
        for (int i = 0; i < 16; i++)
        {
            for (int j = 0; j < 8; j++)
            {
                float expected = c[(i * 8) + j];
                for (int k = 0; k < depth; k++) expected += a[(i * depth) + k] * b[(k * 8) + j];
                Assert.Equal(expected, got[(i * 8) + j]);
            }
        }
    }
}

using System.Numerics;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>Instructions of the emulator against C#.</summary>
public sealed class EmulatorInstructionTests
{
    private static readonly int[] Integers = [0, 1, -1, 2, 7, -7, 31, 32, 33, 255, -256, 65535, 65536, int.MaxValue, int.MinValue, 0x12345678,
        unchecked((int)0xDEADBEEF)];

    private static readonly float[] Floats =
    [
        0, -0f, 1, -1, 0.5f, 1.5f, -2.5f, 3.25f, 1e-40f, -1e-40f, 1e38f, -1e38f, 16777217, 0.1f, 65504, 65520, 1e-8f,
        float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    /// <summary>Runs an instruction over all pairs of values, whose results have as many bits: %a and %b in, %d out.</summary>
    private static TOut[] Pairs<TIn, TOut>(string instruction, TIn[] a, TIn[] b, string declarations, string type, string outType) where TIn : unmanaged
        where TOut : unmanaged
    {
        using var program = new EmulatedProgram();
        int count = a.Length;
        int size = int.Parse(type[1..]) / 8, outSize = int.Parse(outType[1..]) / 8;
        ulong x = program.Upload<TIn>(a), y = program.Upload<TIn>(b), z = program.Allocate(count * outSize);
        string ptx = EmulatedProgram.Module(".param .u64 px, .param .u64 py, .param .u64 pz, .param .u32 count", $$"""
                .reg .b32 %r<3>; .reg .b64 %rd<8>; .reg .pred %p, %q; {{declarations}}
                mov.u32 %r0, %tid.x; mov.u32 %r1, %ctaid.x; mad.lo.u32 %r0, %r1, 64, %r0;
                ld.param.u32 %r2, [count]; setp.ge.u32 %p, %r0, %r2; @%p bra DONE;
                ld.param.u64 %rd0, [px]; ld.param.u64 %rd1, [py]; ld.param.u64 %rd2, [pz];
                mad.wide.u32 %rd3, %r0, {{size}}, %rd0; mad.wide.u32 %rd4, %r0, {{size}}, %rd1; mad.wide.u32 %rd5, %r0, {{outSize}}, %rd2;
                ld.global.{{type}} %a, [%rd3]; ld.global.{{type}} %b, [%rd4];
                {{instruction}}
                st.global.{{outType}} [%rd5], %d;
            DONE:
            """);
        program.Succeed(program.Run(ptx, new CudaGrid((count + 63) / 64, 1, 1, 64), 0, x, y, z, count));
        return program.Download<TOut>(z, count);
    }

    private static (T[] A, T[] B) Cross<T>(T[] values) =>
        ([.. values.SelectMany(a => values.Select(_ => a))], [.. values.SelectMany(_ => values)]);

    public static TheoryData<string, Func<int, int, int>> IntegerCases => new()
    {
        { "add.s32 %d, %a, %b;", (a, b) => unchecked(a + b) },
        { "sub.u32 %d, %a, %b;", (a, b) => unchecked(a - b) },
        { "mul.lo.s32 %d, %a, %b;", (a, b) => unchecked(a * b) },
        { "mul.hi.s32 %d, %a, %b;", (a, b) => (int)((long)a * b >> 32) },
        { "mul.hi.u32 %d, %a, %b;", (a, b) => (int)((ulong)(uint)a * (uint)b >> 32) },
        { "mad.lo.s32 %d, %a, %b, 5;", (a, b) => unchecked((a * b) + 5) },
        { "div.s32 %d, %a, %b;", (a, b) => b == 0 ? -1 : b == -1 ? unchecked(-a) : a / b },
        { "div.u32 %d, %a, %b;", (a, b) => b == 0 ? -1 : (int)((uint)a / (uint)b) },
        { "rem.s32 %d, %a, %b;", (a, b) => b == 0 ? a : b == -1 ? 0 : a % b },
        { "rem.u32 %d, %a, %b;", (a, b) => b == 0 ? a : (int)((uint)a % (uint)b) },
        { "min.s32 %d, %a, %b;", Math.Min },
        { "max.u32 %d, %a, %b;", (a, b) => (int)Math.Max((uint)a, (uint)b) },
        { "neg.s32 %d, %a;", (a, _) => unchecked(-a) },
        { "abs.s32 %d, %a;", (a, _) => a == int.MinValue ? a : Math.Abs(a) },
        { "and.b32 %d, %a, %b;", (a, b) => a & b },
        { "or.b32 %d, %a, %b;", (a, b) => a | b },
        { "xor.b32 %d, %a, %b;", (a, b) => a ^ b },
        { "not.b32 %d, %a;", (a, _) => ~a },
        { "shl.b32 %d, %a, %b;", (a, b) => (uint)b > 31 ? 0 : a << b },
        { "shr.u32 %d, %a, %b;", (a, b) => (uint)b > 31 ? 0 : (int)((uint)a >> b) },
        { "shr.s32 %d, %a, %b;", (a, b) => a >> ((uint)b > 31 ? 31 : b) },
        { "popc.b32 %d, %a;", (a, _) => BitOperations.PopCount((uint)a) },
        { "clz.b32 %d, %a;", (a, _) => BitOperations.LeadingZeroCount((uint)a) },
        { "bfind.u32 %d, %a;", (a, _) => a == 0 ? -1 : BitOperations.Log2((uint)a) },
        { "brev.b32 %d, %a;", (a, _) => (int)Enumerable.Range(0, 32).Aggregate(0u, (r, i) => r | ((uint)a >> i & 1) << (31 - i)) },
        { "bfe.u32 %d, %a, 4, 8;", (a, _) => a >> 4 & 0xFF },
        { "bfe.s32 %d, %a, 4, 8;", (a, _) => (sbyte)(a >> 4) },
        { "bfe.s32 %d, %a, 28, 8;", (a, _) => a >> 28 },
        { "bfi.b32 %d, %a, %b, 8, 12;", (a, b) => (b & ~0xFFF00) | (a & 0xFFF) << 8 },
        { "prmt.b32 %d, %a, %b, 0x7531;", (a, b) => (a >> 8 & 0xFF) | (a >> 24 & 0xFF) << 8 | (b >> 8 & 0xFF) << 16 | (b >> 24 & 0xFF) << 24 },
        { "prmt.b32 %d, %a, %b, 0x3b;", (a, _) => (a < 0 ? 0xFF : 0) | (a >> 24 & 0xFF) << 8 | (a & 0xFF) << 16 | (a & 0xFF) << 24 },
        { "lop3.b32 %d, %a, %b, 0x0F0F0F0F, 0xE8;", (a, b) => (a & b) | (a & 0x0F0F0F0F) | (b & 0x0F0F0F0F) },
        { "shf.l.wrap.b32 %d, %a, %b, 7;", (a, b) => (int)((ulong)(uint)b << 32 << 7 >> 32) | (int)((uint)a >> 25) },
        { "shf.r.wrap.b32 %d, %a, %a, %b;", (a, b) => (int)BitOperations.RotateRight((uint)a, b) },
        { "setp.lt.s32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", (a, b) => a < b ? 1 : 0 },
        { "setp.lo.u32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", (a, b) => (uint)a < (uint)b ? 1 : 0 },
        { "setp.ge.s32 %p, %b, 0; setp.eq.and.s32 %p|%q, %a, %b, %p; selp.b32 %d, 1, 0, %p; @%q or.b32 %d, %d, 2;", (a, b) => b < 0 ? 0 : a == b ? 1 : 2 },
        { "setp.ne.s32 %p, %a, 0; not.pred %q, %p; or.pred %p, %p, %q; xor.pred %q, %p, %q; selp.b32 %d, 1, 0, %q;", (a, _) => a != 0 ? 1 : 0 },
        { "set.gt.u32.s32 %d, %a, %b;", (a, b) => a > b ? -1 : 0 },
        { "slct.s32.s32 %d, 3, 4, %a;", (a, _) => a >= 0 ? 3 : 4 },
        { "cnot.b32 %d, %a;", (a, _) => a == 0 ? 1 : 0 },
        { "sad.s32 %d, %a, %b, 1;", (a, b) => unchecked((a < b ? b - a : a - b) + 1) },
        { "add.sat.s32 %d, %a, %b;", (a, b) => (int)Math.Clamp((long)a + b, int.MinValue, int.MaxValue) },
        { "mov.b32 {%h0, %h1}, %a; mov.b32 %d, {%h1, %h0};", (a, _) => (int)BitOperations.RotateLeft((uint)a, 16) },
        { "cvt.u16.u32 %h0, %a; cvt.s32.s16 %d, %h0;", (a, _) => (short)a },
        { "cvt.s32.s8 %d, %a;", (a, _) => (sbyte)a },
        { "cvt.u32.u8 %d, %a;", (a, _) => (byte)a },
        { "cvt.sat.u8.s32 %d, %a;", (a, _) => Math.Clamp(a, 0, 255) },
        { "mov.b32 {%h0, %h1}, %a; mul.wide.s16 %d, %h0, %h1;", (a, _) => (short)a * (short)(a >> 16) },
    };

    [Theory, MemberData(nameof(IntegerCases))]
    public void Integers_are_as_in_CSharp(string instruction, Func<int, int, int> expected)
    {
        (int[] a, int[] b) = Cross(Integers);
        int[] got = Pairs<int, int>(instruction, a, b, ".reg .b32 %a, %b, %d; .reg .b16 %h0, %h1;", "b32", "b32");
        Assert.Equal(a.Zip(b, expected), got);
    }

    public static TheoryData<string, Func<float, float, float>> FloatCases => new()
    {
        { "add.f32 %d, %a, %b;", (a, b) => a + b },
        { "sub.rn.f32 %d, %a, %b;", (a, b) => a - b },
        { "mul.f32 %d, %a, %b;", (a, b) => a * b },
        { "mul.ftz.f32 %d, %a, %b;", (a, b) => Flush(Flush(a) * Flush(b)) },
        { "add.sat.f32 %d, %a, %b;", (a, b) => a + b is var s && s > 0 ? Math.Min(s, 1) : 0 },
        { "fma.rn.f32 %d, %a, %b, %a;", (a, b) => MathF.FusedMultiplyAdd(a, b, a) },
        { "div.rn.f32 %d, %a, %b;", (a, b) => a / b },
        { "sqrt.rn.f32 %d, %a;", (a, _) => MathF.Sqrt(a) },
        { "rcp.rn.f32 %d, %a;", (a, _) => 1 / a },
        { "neg.f32 %d, %a;", (a, _) => -a },
        { "abs.f32 %d, %a;", (a, _) => MathF.Abs(a) },
        { "min.f32 %d, %a, %b;", (a, b) => float.MinNumber(a, b) },
        { "max.f32 %d, %a, %b;", (a, b) => float.MaxNumber(a, b) },
        { "max.NaN.f32 %d, %a, %b;", (a, b) => float.Max(a, b) },
        { "ex2.approx.f32 %d, %a;", (a, _) => (float)Math.Pow(2, a) },
        { "lg2.approx.f32 %d, %a;", (a, _) => (float)Math.Log2(a) },
        { "copysign.f32 %d, %a, %b;", (a, b) => float.IsNaN(b) ? float.NaN : MathF.CopySign(b, a) },
        { "setp.lt.f32 %p, %a, %b; selp.f32 %d, 0f3F800000, 0f00000000, %p;", (a, b) => a < b ? 1 : 0 },
        { "setp.ne.f32 %p, %a, %b; selp.f32 %d, 1.0, 0.0, %p;", (a, b) => a < b || a > b ? 1 : 0 },
        { "setp.neu.f32 %p, %a, %b; selp.f32 %d, 1.0, 0.0, %p;", (a, b) => a != b ? 1 : 0 },
        { "setp.ltu.f32 %p, %a, %b; selp.f32 %d, 1.0, 0.0, %p;", (a, b) => !(a >= b) ? 1 : 0 },
        { "setp.num.f32 %p, %a, %b; selp.f32 %d, 1.0, 0.0, %p;", (a, b) => float.IsNaN(a) || float.IsNaN(b) ? 0 : 1 },
        { "setp.nan.f32 %p, %a, %b; selp.f32 %d, 1.0, 0.0, %p;", (a, b) => float.IsNaN(a) || float.IsNaN(b) ? 1 : 0 },
        { "testp.subnormal.f32 %p, %a; selp.f32 %d, 1.0, 0.0, %p;", (a, _) => float.IsSubnormal(a) ? 1 : 0 },
        { "testp.finite.f32 %p, %a; selp.f32 %d, 1.0, 0.0, %p;", (a, _) => float.IsFinite(a) ? 1 : 0 },
        { "set.lt.f32.f32 %d, %a, %b;", (a, b) => a < b ? 1 : 0 },
        { "cvt.rni.f32.f32 %d, %a;", (a, _) => MathF.Round(a) },
        { "cvt.rmi.f32.f32 %d, %a;", (a, _) => MathF.Floor(a) },
        { "cvt.rpi.f32.f32 %d, %a;", (a, _) => MathF.Ceiling(a) },
        { "cvt.rzi.f32.f32 %d, %a;", (a, _) => MathF.Truncate(a) },
        { "cvt.rn.f16.f32 %h, %a; cvt.f32.f16 %d, %h;", (a, _) => (float)(Half)a },
        { "cvt.rn.bf16.f32 %s, %a; mov.b32 %r0, {0, %s}; mov.b32 %d, %r0;", (a, _) => (float)(BFloat16)a },
        { "cvt.rn.bf16x2.f32 %r0, %a, %b; and.b32 %r0, %r0, 0xFFFF0000; mov.b32 %d, %r0;", (a, _) => (float)(BFloat16)a },
        { "cvt.rn.f16x2.f32 %r0, %a, %b; mov.b32 {%h, _}, %r0; cvt.f32.f16 %d, %h;", (_, b) => (float)(Half)b },
        { "cvt.f64.f32 %e, %a; mul.f64 %e, %e, 0d3FE0000000000000; cvt.rn.f32.f64 %d, %e;", (a, _) => (float)(a * 0.5) },
        { "cvt.rn.f16.f32 %h, %a; cvt.rn.f16.f32 %g, %b; mul.f16 %h, %h, %g; cvt.f32.f16 %d, %h;", (a, b) => (float)((Half)a * (Half)b) },
        { "cvt.rna.tf32.f32 %r0, %a; and.b32 %r1, %r0, 0x1FFF; mov.b32 %d, %r1;", (a, _) => float.IsNaN(a) ? BitConverter.Int32BitsToSingle(0x1FFF) : 0 },
        { "cvt.rzi.s32.f32 %r0, %a; cvt.rn.f32.s32 %d, %r0;", (a, _) => float.IsNaN(a) ? 0 : (float)(int)Math.Clamp(Math.Truncate((double)a), int.MinValue,
            int.MaxValue) },
        { "cvt.rni.u32.f32 %r0, %a; cvt.rn.f32.u32 %d, %r0;", (a, _) => float.IsNaN(a) ? 0 : (float)(uint)Math.Clamp(Math.Round((double)a), 0, uint.MaxValue) },
        { "cvt.rz.f32.f64 %d, 0d3FF00000FFFFFFFF;", (_, _) => BitConverter.Int32BitsToSingle(0x3F800007) },
    };

    private static float Flush(float a) => float.IsSubnormal(a) ? MathF.CopySign(0, a) : a;

    [Theory, MemberData(nameof(FloatCases))]
    public void Floats_are_as_in_CSharp(string instruction, Func<float, float, float> expected)
    {
        (float[] a, float[] b) = Cross(Floats);
        float[] got = Pairs<float, float>(instruction, a, b, ".reg .f32 %a, %b, %d; .reg .b16 %h, %g, %s; .reg .f64 %e;", "f32", "f32");
        Assert.Equal(a.Zip(b, expected).Select(Bits), got.Select(Bits));
    }

    /// <summary>The bits, with every NaN the same.</summary>
    private static string Bits(float value) => float.IsNaN(value) ? "NaN" : $"{value:R} {BitConverter.SingleToUInt32Bits(value):X8}";

    public static TheoryData<string, Func<long, long, long>> LongCases => new()
    {
        { "add.s64 %d, %a, %b;", (a, b) => unchecked(a + b) },
        { "mul.lo.u64 %d, %a, %b;", (a, b) => unchecked(a * b) },
        { "mul.hi.u64 %d, %a, %b;", (a, b) => (long)(ulong)((UInt128)(ulong)a * (ulong)b >> 64) },
        { "mul.hi.s64 %d, %a, %b;", (a, b) => (long)(ulong)(UInt128)((Int128)a * b >> 64) },
        { "shl.b64 %d, %a, 9;", (a, _) => a << 9 },
        { "shr.s64 %d, %a, 63;", (a, _) => a >> 63 },
        { "max.s64 %d, %a, %b;", Math.Max },
        { "cvt.u32.u64 %r0, %a; cvt.s64.s32 %d, %r0;", (a, _) => (int)a },
        { "cvt.u32.u64 %r0, %a; mul.wide.u32 %d, %r0, 4000000000;", (a, _) => (long)((uint)a * 4000000000UL) },
        { "cvt.u32.u64 %r0, %a; mad.wide.s32 %d, %r0, -3, %b;", (a, b) => unchecked(((long)(int)a * -3) + b) },
        { "mov.b64 {%r0, %r1}, %a; mov.b64 %d, {%r1, %r0};", (a, _) => (long)BitOperations.RotateLeft((ulong)a, 32) },
        { "cvt.rn.f64.s64 %e, %a; mov.b64 %d, %e;", (a, _) => BitConverter.DoubleToInt64Bits(a) },
        { "cvt.rn.f32.s64 %f, %a; cvt.f64.f32 %e, %f; mov.b64 %d, %e;", (a, _) => BitConverter.DoubleToInt64Bits((float)a) },
        { "cvt.rn.f32.u64 %f, %a; cvt.f64.f32 %e, %f; mov.b64 %d, %e;", (a, _) => BitConverter.DoubleToInt64Bits((float)(ulong)a) },
        { "cvt.rn.f64.s64 %e, %a; div.rn.f64 %e, %e, 0d4008000000000000; cvt.rzi.s64.f64 %d, %e;", (a, _) =>
            (long)Math.Clamp(Math.Truncate(a / 3.0), long.MinValue, long.MaxValue) },
        { "setp.gt.u64 %p, %a, %b; selp.b64 %d, %a, %b, %p;", (a, b) => (ulong)a > (ulong)b ? a : b },
        { "clz.b64 %r0, %a; cvt.u64.u32 %d, %r0;", (a, _) => BitOperations.LeadingZeroCount((ulong)a) },
    };

    [Theory, MemberData(nameof(LongCases))]
    public void Long_integers_are_as_in_CSharp(string instruction, Func<long, long, long> expected)
    {
        (long[] a, long[] b) = Cross<long>([0, 1, -1, 3, 1L << 32, (1L << 40) + 12345, long.MaxValue, long.MinValue, 16777217, -16777219]);
        long[] got = Pairs<long, long>(instruction, a, b, ".reg .b64 %a, %b, %d; .reg .f64 %e; .reg .f32 %f;", "b64", "b64");
        Assert.Equal(a.Zip(b, expected), got);
    }
}

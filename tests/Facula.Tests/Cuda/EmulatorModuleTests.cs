using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>What a module is refused for.</summary>
public sealed class EmulatorModuleTests
{
    private static (CudaResult Result, string Log) Load(string ptx, int capability = 80)
    {
        using var program = new EmulatedProgram(new() { Capability = capability });
        CudaResult result = program.Driver.LoadModule(ptx, out nint module, out string log);
        Assert.Equal(result == CudaResult.Success, module != 0);
        return (result, log);
    }

    /// <summary>An instruction in line 8.</summary>
    private static string With(string instruction, string target = "sm_80") =>
        EmulatedProgram.Module(".param .u64 to",
            $"\t.reg .b32 %r<4>; .reg .b64 %rd<2>; .reg .f32 %f<2>; .reg .pred %p; .reg .b16 %h; .reg .f64 %d;\n\t{instruction}", target: target);

    [Theory]
    [InlineData("add.u32 %r0, %r1;", "Arguments mismatch")]
    [InlineData("add.u32 %r0, %r1, %rd0;", "Arguments mismatch")]
    [InlineData("add.u32 %r0, %r1, %f0;", "Arguments mismatch")]
    [InlineData("add.f32 %f0, %f1, 1;", "Floating-point immediate")]
    [InlineData("add.u32 %r0, %r1, %r9;", "Unknown symbol '%r9'")]
    [InlineData("add.u99 %r0, %r1, %r2;", "type is missing")]
    [InlineData("add.u32.foo %r0, %r1, %r2;", "Illegal modifier '.foo'")]
    [InlineData("addd.u32 %r0, %r1, %r2;", "Not a name of any known instruction: 'addd'")]
    [InlineData("add.u32 %r0, %r1, %r2", "syntax error")]
    [InlineData("mul.u32 %r0, %r1, %r2;", ".lo, .hi or .wide")]
    [InlineData("fma.f32 %f0, %f0, %f0, %f0;", "Rounding modifier required")]
    [InlineData("div.f32 %f0, %f0, %f0;", "Rounding modifier required")]
    [InlineData("sqrt.f32 %f0, %f0;", "Rounding modifier required")]
    [InlineData("cvt.f32.s32 %f0, %r0;", "Rounding modifier required")]
    [InlineData("cvt.rn.f32.f32 %f0, %f0;", "Illegal rounding modifier")]
    [InlineData("setp.lt.b32 %p, %r0, %r1;", "cannot be applied")]
    [InlineData("setp.hi.s32 %p, %r0, %r1;", "cannot be applied")]
    [InlineData("bra NOWHERE;", "Unknown label")]
    [InlineData("ld.param.u64 %rd0, [from];", "Unknown symbol 'from'")]
    [InlineData("ld.param.u64 %rd0, [to+8];", "Out-of-bounds access of parameter")]
    [InlineData("ld.global.u64 %r0, [%rd0];", "Arguments mismatch")]
    [InlineData("ld.global.v2.u32 {%r0, %r1, %r2}, [%rd0];", "Arguments mismatch")]
    [InlineData("mov.u32 %r0, 0f3F800000;", "Integer immediate")]
    [InlineData("cp.async.cg.shared.global [%r0], [%rd0], 8;", "Illegal size")]
    [InlineData("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f0, %f1}, {%r0}, {%r1}, {%f0, %f1};", "Arguments mismatch")]
    [InlineData(".reg .b32 %r0;", "Duplicate definition")]
    [InlineData("st.global.u32 [0], 1;", "Immediate addresses")]
    [InlineData(".shared .b32 s; ld.global.u32 %r0, [s];", "State space mismatch")]
    [InlineData("add.f16 %h, %h, 0x3C00;", "Arguments mismatch")]
    [InlineData("call foo;", "Calls are not emulated")]
    [InlineData("selp.b32 %r0, %r1, %r2, %r3;", "Arguments mismatch")]
    [InlineData("shl.b32 %r0, %r1, %rd0;", "Arguments mismatch")]
    public void A_wrong_instruction_is_refused_with_its_line(string instruction, string message)
    {
        (CudaResult result, string log) = Load(With(instruction));
        Assert.Equal(CudaResult.InvalidPtx, result);
        Assert.Contains(message, log);
        Assert.Contains("ptxas application ptx input, line ", log);
        if (instruction.EndsWith(';')) Assert.Contains("line 8;", log);
    }

    [Theory]
    [InlineData("cp.async.wait_all;", 80), InlineData("cvt.rn.bf16.f32 %h, %f0;", 80), InlineData("tanh.approx.f32 %f0, %f0;", 75),
        InlineData("redux.sync.add.u32 %r0, %r1, -1;", 80)]
    [InlineData("max.NaN.f32 %f0, %f0, %f1;", 80), InlineData("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r0}, [%r1];", 75),
        InlineData("cvt.f32.bf16 %f0, %h;", 90)]
    public void What_the_target_lacks_is_refused(string instruction, int target)
    {
        Assert.Equal(CudaResult.Success, Load(With(instruction, $"sm_{target}"), 90).Result);
        (CudaResult result, string log) = Load(With(instruction, $"sm_{target - 1}"), 90);
        Assert.Equal(CudaResult.InvalidPtx, result);
        Assert.Contains($"requires .target sm_{target} or higher", log);
    }

    [Fact]
    public void A_module_for_another_device_or_a_newer_driver_is_refused()
    {
        Assert.Equal(CudaResult.InvalidPtx, Load(With("", "sm_90"), 80).Result);
        Assert.Equal(CudaResult.InvalidPtx, Load(With("", "sm_90a"), 100).Result);
        Assert.Equal(CudaResult.Success, Load(With("", "sm_70"), 80).Result);
        Assert.Equal(CudaResult.UnsupportedPtxVersion, Load(With("").Replace(".version 7.8", ".version 9.3")).Result);
        Assert.Equal(CudaResult.InvalidPtx, Load("int main() { }").Result);
    }

    [Fact]
    public void A_launch_is_checked()
    {
        using var program = new EmulatedProgram();
        nint function = program.Load(EmulatedProgram.Module(".param .u64 to, .param .u32 n", "").Replace("{", ".maxntid 128, 1, 1 {"));
        CudaResult Launch(CudaGrid grid, int shared, params object[] arguments) => program.Launch(function, grid, shared, arguments);
        Assert.Equal(CudaResult.Success, Launch(new(1, 1, 1, 128), 48 << 10, 0UL, 1));
        Assert.Equal(CudaResult.InvalidValue, Launch(new(1, 1, 1, 129), 0, 0UL, 1));
        Assert.Equal(CudaResult.InvalidValue, Launch(new(1, 1, 1, 0), 0, 0UL, 1));
        Assert.Equal(CudaResult.InvalidValue, Launch(new(1, 65536, 1, 32), 0, 0UL, 1));
        Assert.Equal(CudaResult.InvalidValue, Launch(new(1, 1, 1, 32), 0, 0UL));
        Assert.Equal(CudaResult.InvalidValue, Launch(new(1, 1, 1, 32), (48 << 10) + 16, 0UL, 1));
        Assert.Equal(CudaResult.Success, program.Driver.SetSharedBytes(function, 100 << 10));
        Assert.Equal(CudaResult.Success, Launch(new(1, 1, 1, 32), 100 << 10, 0UL, 1));
        Assert.Equal(CudaResult.InvalidValue, program.Driver.SetSharedBytes(function, 164 << 10));
        program.Succeed(program.Driver.SynchronizeContext());
    }
}

using System.Globalization;
using System.Text;

namespace Facula.Backends.Cuda;

/// <summary>
/// Writes one kernel in PTX (PTX ISA 7.8): a method for each family of instructions, which gives the register that it writes. C#'s own loops and functions are
/// its macros; registers without bound, as the driver's compiler allots and schedules them. What does not fit together is refused at once, and the whole is
/// checked when it is built (<see cref="PtxCheck"/>). The text hangs on nothing but the calls.
/// </summary>
internal sealed partial class Assembler(string name, int threads)
{
    private readonly List<PtxInstruction> _instructions = [];
    private readonly List<(PtxType Type, string Name, int Alignment, int Count)> _parameters = [];
    private readonly List<(string Name, int Bytes, int Alignment)> _shared = [];
    private readonly List<(string Name, long[] Values)> _constants = [];
    private readonly int[] _registers = new int[Enum.GetValues<RegisterClass>().Length];
    private int _labels;

    public string Name => name;

    /// <summary>A name as part of a kernel's.</summary>
    public static string Identifier(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    /// <summary>Threads of a block.</summary>
    public int Threads => threads;

    /// <summary>The least capability of a device that can run it: 70, or more where an instruction needs it.</summary>
    public int Target { get; private set; } = 70;

    /// <summary>Blocks that should fit a multiprocessor at once; 0 leaves it to the compiler.</summary>
    public int BlocksPerMultiprocessor { get; init; }

    /// <summary>Bytes of shared memory that come with the launch.</summary>
    public int DynamicSharedBytes { get; private set; }

    public IReadOnlyList<PtxInstruction> Instructions => _instructions;

    /// <summary>Bytes of shared memory that the kernel itself has.</summary>
    public int SharedBytes => _shared.Sum(variable => variable.Bytes);

    /// <summary>The arguments: their types, what they are at least a multiple of, and how many lie side by side as one.</summary>
    public IReadOnlyList<(PtxType Type, string Name, int Alignment, int Count)> Parameters => _parameters;

    public IReadOnlyList<(string Name, int Bytes, int Alignment)> Shared => _shared;

    public int Registers(RegisterClass kind) => _registers[(int)kind];

    /// <summary>A register that is written later.</summary>
    public Value Register(PtxType type) => new(this, type, _registers[(int)type.Class()]++);

    public Value[] NewRegisters(PtxType type, int count) => [.. Enumerable.Range(0, count).Select(_ => Register(type))];

    /// <summary>A register that begins with a value and may be given others.</summary>
    public Value Variable(PtxType type, Value start)
    {
        Value variable = Register(type);
        Set(variable, start);
        return variable;
    }

    /// <summary>
    /// Gives a register another value. Where that is the result of the instruction just written, which then nobody else may use, it is written to the
    /// register itself.
    /// </summary>
    public void Set(Value register, Value value)
    {
        if (value.IsRegister && _instructions.Count > 0 && _instructions[^1] is { Results: 1, Guard: null } last && !last.Operands[0].IsVector
            && last.Operands[0].Values[0].Equals(value) && value.Number == _registers[(int)value.Type.Class()] - 1 && value.Type == register.Type)
        {
            _instructions[^1] = last with { Operands = [PtxOperand.Of(last.Operands[0].Type, register), .. last.Operands.Skip(1)] };
            return;
        }
        // Bytes lie in words.
        string type = register.Type.Size() == 1 ? "b32" : register.Type == PtxType.F16 ? "b16" : register.Type.Suffix();
        Emit("mov." + type, [PtxOperand.Of(register.Type, register)], PtxOperand.Of(register.Type, value));
    }

    /// <summary>The least capability that what follows needs.</summary>
    public void Needs(int capability) => Target = Math.Max(Target, capability);

    /// <summary>The next argument of the kernel. Of an address, what it is at least a multiple of.</summary>
    public Value Parameter(PtxType type, int alignment = 1)
    {
        string parameter = NewParameter(type, alignment, 1);
        Value register = Register(type);
        Emit($"ld.param.{type.Suffix()}", [PtxOperand.Of(type, register)], PtxOperand.Address(parameter, 0));
        return register;
    }

    /// <summary>The address, for <see cref="LoadParameter"/>, of the next argument of the kernel: so many numbers side by side.</summary>
    public Value ParameterTable(PtxType type, int count) => Result(PtxType.U64, "mov.u64", PtxOperand.Named(NewParameter(type, type.Size(), count)));

    private string NewParameter(PtxType type, int alignment, int count)
    {
        string parameter = $"p{_parameters.Count.ToString(CultureInfo.InvariantCulture)}";
        _parameters.Add((type, parameter, alignment, count));
        return parameter;
    }

    /// <summary>The address, in global memory, of an argument that is one.</summary>
    public Value Pointer(int alignment) =>
        Result(PtxType.U64, "cvta.to.global.u64", PtxOperand.Of(PtxType.U64, Parameter(PtxType.U64, alignment)));

    /// <summary>The address of shared memory of this many bytes.</summary>
    public Value SharedMemory(int bytes, int alignment = 16)
    {
        string variable = $"shared{_shared.Count.ToString(CultureInfo.InvariantCulture)}";
        _shared.Add((variable, bytes, alignment));
        return Result(PtxType.U32, "mov.u32", PtxOperand.Named(variable));
    }

    /// <summary>The address of the shared memory that comes with the launch, a multiple of 128.</summary>
    public Value DynamicSharedMemory(int bytes)
    {
        DynamicSharedBytes = bytes;
        return Result(PtxType.U32, "mov.u32", PtxOperand.Named("dynamic"));
    }

    /// <summary>The address of 64-bit numbers in constant memory.</summary>
    public Value ConstantTable(string table, long[] values)
    {
        if (!_constants.Exists(known => known.Name == table)) _constants.Add((table, values));
        return Result(PtxType.U64, "mov.u64", PtxOperand.Named(table));
    }

    /// <summary>A special register, such as tid.x.</summary>
    public Value Special(string register) => Result(PtxType.U32, "mov.u32", PtxOperand.Named("%" + register));

    /// <summary>An instruction that writes registers. For kinds that have no method here.</summary>
    public void Emit(string mnemonic, PtxOperand[] results, params PtxOperand[] sources) =>
        Emit(new PtxInstruction(mnemonic, results.Length, [.. results, .. sources]));

    public void Emit(PtxInstruction instruction)
    {
        foreach (PtxOperand operand in instruction.Operands)
        {
            foreach (Value value in operand.Values) CheckFits(operand, value);
        }
        if (instruction.Guard is { } guard) CheckFits(PtxOperand.Of(PtxType.Pred, guard), guard);
        _instructions.Add(instruction);

        void CheckFits(in PtxOperand operand, Value value)
        {
            if (PtxCheck.Misfit(this, operand, value) is { } fault) throw new InvalidOperationException($"Kernel {name}: {instruction}: {fault}.");
        }
    }

    /// <summary>An instruction that writes a register of its own, which is returned.</summary>
    public Value Result(PtxType type, string mnemonic, params PtxOperand[] sources)
    {
        Value result = Register(type);
        Emit(mnemonic, [PtxOperand.Of(type, result)], sources);
        return result;
    }

    /// <summary>The kernel, checked.</summary>
    /// <exception cref="InvalidOperationException">It is wrong; the message names the kernel and the instruction.</exception>
    public CudaKernel Build()
    {
        PtxCheck.Check(this);
        return new(name, ToString(), threads, DynamicSharedBytes);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $".version 7.8\n.target sm_{Target}\n.address_size 64\n");
        foreach ((string table, long[] values) in _constants)
        {
            text.Append(CultureInfo.InvariantCulture, $".const .align 8 .b64 {table}[{values.Length}] = {{");
            text.AppendJoin(", ", values.Select(value => $"0x{value:X16}")).Append("};\n");
        }
        if (DynamicSharedBytes > 0) text.Append(".extern .shared .align 128 .b8 dynamic[];\n");
        text.Append(CultureInfo.InvariantCulture, $".visible .entry {name}(");
        text.AppendJoin(", ", _parameters.Select(parameter => $".param .{parameter.Type.Suffix()} {parameter.Name}" +
            (parameter.Count > 1 ? $"[{parameter.Count.ToString(CultureInfo.InvariantCulture)}]" : "")));
        text.Append(CultureInfo.InvariantCulture, $")\n.maxntid {threads}, 1, 1\n");
        if (BlocksPerMultiprocessor > 0) text.Append(CultureInfo.InvariantCulture, $".minnctapersm {BlocksPerMultiprocessor}\n");
        text.Append("{\n");
        foreach (RegisterClass kind in Enum.GetValues<RegisterClass>())
        {
            if (Registers(kind) == 0) continue;
            text.Append(CultureInfo.InvariantCulture, $"\t.reg .{kind.Declaration()} {kind.Prefix()}<{Registers(kind)}>;\n");
        }
        foreach ((string variable, int bytes, int alignment) in _shared)
            text.Append(CultureInfo.InvariantCulture, $"\t.shared .align {alignment} .b8 {variable}[{bytes}];\n");
        foreach (PtxInstruction instruction in _instructions) text.Append(instruction.IsLabel ? "" : "\t").Append(instruction).Append('\n');
        return text.Append("\tret;\n}\n").ToString();
    }
}

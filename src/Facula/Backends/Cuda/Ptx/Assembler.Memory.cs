namespace Facula.Backends.Cuda;

internal sealed partial class Assembler
{
    /// <summary>One to four numbers that lie side by side in global memory. Bytes come into words.</summary>
    public Value[] LoadGlobal(PtxType type, Value address, int count = 1, int offset = 0, Value? guard = null) =>
        Load("global", type, address, count, offset, guard);

    public void StoreGlobal(PtxType type, Value address, Value[] values, int offset = 0, Value? guard = null) =>
        Store("global", type, address, values, offset, guard);

    public Value[] LoadShared(PtxType type, Value address, int count = 1, int offset = 0, Value? guard = null) =>
        Load("shared", type, address, count, offset, guard);

    public void StoreShared(PtxType type, Value address, Value[] values, int offset = 0, Value? guard = null) =>
        Store("shared", type, address, values, offset, guard);

    /// <summary>A number of a table that is an argument.</summary>
    public Value LoadParameter(PtxType type, Value address, int offset = 0) => Load("param", type, address, 1, offset, null)[0];

    /// <summary>An element of a table in constant memory.</summary>
    public Value LoadConstant(PtxType type, Value address, int offset = 0) => Load("const", type, address, 1, offset, null)[0];

    /// <summary>What another lane of the warp has, 32 bits: the modes are PTX's, bfly, down, up and idx. All lanes must take part.</summary>
    public Value Shuffle(string mode, Value value, Value lane)
    {
        if (value.Type.Size() == 8)
        {
            (Value low, Value high) = Split(PtxType.U32, value);
            return Join(value.Type, Shuffle(mode, low, lane), Shuffle(mode, high, lane));
        }
        Value result = Register(value.Type);
        Emit($"shfl.sync.{mode}.b32", [PtxOperand.Of(value.Type, result)], PtxOperand.Of(value.Type, value), PtxOperand.Of(PtxType.U32, lane),
            PtxOperand.Of(PtxType.U32, mode == "up" ? 0 : 31), PtxOperand.Of(PtxType.U32, -1));
        return result;
    }

    private Value[] Load(string space, PtxType type, Value address, int count, int offset, Value? guard)
    {
        Value[] loaded = NewRegisters(type, count);
        Emit(new PtxInstruction($"ld.{space}{Lanes(count)}.{Moved(type)}", 1, [PtxOperand.Vector(type, loaded), PtxOperand.Address(address, offset)])
        {
            Guard = guard,
            Bytes = count * type.Size(),
        });
        return loaded;
    }

    private void Store(string space, PtxType type, Value address, Value[] values, int offset, Value? guard) =>
        Emit(new PtxInstruction($"st.{space}{Lanes(values.Length)}.{Moved(type)}", 0, [PtxOperand.Address(address, offset), PtxOperand.Vector(type, values)])
        {
            Guard = guard,
            Bytes = values.Length * type.Size(),
        });

    // Memory knows no half precision.
    private static string Moved(PtxType type) => type == PtxType.F16 ? "b16" : type.Suffix();

    private static string Lanes(int count) => count switch
    {
        1 => "",
        2 => ".v2",
        4 => ".v4",
        _ => throw new ArgumentOutOfRangeException(nameof(count), count, "One, two or four numbers are moved at once."),
    };
}

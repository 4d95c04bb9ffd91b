namespace Facula.Backends.Cuda;

/// <summary>Elements of tensors in a kernel: how they lie in memory, and as what they are computed.</summary>
internal static class Elements
{
    /// <summary>How an element is read and written. Bytes come into words.</summary>
    public static PtxType Stored(DType type) => type.Kind switch
    {
        ElementType.Bool or ElementType.UInt8 => PtxType.U8,
        ElementType.Int8 => PtxType.S8,
        ElementType.Int16 => PtxType.S16,
        ElementType.Int32 => PtxType.S32,
        ElementType.Int64 => PtxType.S64,
        ElementType.Float16 => PtxType.F16,
        ElementType.BFloat16 => PtxType.U16,
        ElementType.Float32 => PtxType.F32,
        _ => PtxType.F64,
    };

    /// <summary>A stored element as Float32, Float64 or Int64, by the rules of a copy: to an integer cut off, as near as it gets, and 0 for NaN.</summary>
    public static Value Load(Assembler k, DType from, Value stored, DType compute)
    {
        PtxType to = FormulaPrinter.TypeOf(compute);
        if (from == DType.BFloat16) stored = k.Reinterpret(PtxType.F32, k.Convert(PtxType.U32, stored) << 16);
        if (from == DType.Float16) stored = k.Convert(PtxType.F32, stored);
        return to == PtxType.S64 ? ToWhole(k, stored) : k.Convert(to, stored);
    }

    /// <summary>
    /// A computed number as it is stored: rounded to nearest, to 16 bits by way of float32; an integer cut off and, where it does not fit, wrapped; as a truth
    /// value, whether it is not 0.
    /// </summary>
    public static Value Store(Assembler k, Value value, DType to)
    {
        PtxType stored = Stored(to);
        switch (to.Kind)
        {
            case ElementType.Bool: return k.Select(PtxType.U32, k.NotEqual(value, value.Type.IsFloat() ? (Value)0.0 : 0), 1, 0).As(PtxType.U8);
            case ElementType.UInt8 or ElementType.Int8: return k.Convert(PtxType.U32, ToWhole(k, value).As(PtxType.U64)).As(stored);
            case ElementType.Int64: return ToWhole(k, value);
            case ElementType.Int16 or ElementType.Int32: return k.Convert(stored, ToWhole(k, value));
            case ElementType.Float16: return k.Convert(stored, k.Convert(PtxType.F32, value));
            case ElementType.BFloat16: return ToBFloat16(k, k.Convert(PtxType.F32, value));
            default: return k.Convert(stored, value);
        }
    }

    private static Value ToWhole(Assembler k, Value a)
    {
        if (!a.Type.IsFloat()) return k.Convert(PtxType.S64, a);
        // What the conversion makes of NaN differs between devices.
        return k.Select(k.IsNaN(a), 0, k.Convert(PtxType.S64, a));
    }

    // By integers, as older devices have no such conversion: the lower half is rounded off, halves to even; NaN stays NaN.
    private static Value ToBFloat16(Assembler k, Value a)
    {
        Value bits = k.BitsOf(a), upper = bits >> 16, rounded = (bits + 0x7FFF + (upper & 1)) >> 16;
        return k.Convert(PtxType.U16, k.Select(k.IsNaN(a), upper | 0x40, rounded));
    }

    /// <summary>
    /// A few elements that lie side by side, in one access of at most 16 bytes.
    /// </summary>
    public static Value[] LoadMany(Assembler k, PtxType type, Value address, int count, int offset = 0)
    {
        if (count <= 4) return k.LoadGlobal(type, address, count, offset);
        // More than four elements come as words.
        Value[] words = k.LoadGlobal(PtxType.U32, address, count * type.Size() / 4, offset);
        return type.Size() == 2 ? [.. words.SelectMany(word => { (Value low, Value high) = k.Split(type, word); return (Value[])[low, high]; })]
            : [.. words.SelectMany(word => Enumerable.Range(0, 4).Select(i => Byte(k, word, i, type)))];
    }

    /// <summary>The way back.</summary>
    public static void StoreMany(Assembler k, PtxType type, Value address, Value[] elements, int offset = 0)
    {
        if (elements.Length <= 4)
        {
            k.StoreGlobal(type, address, elements, offset);
            return;
        }
        int perWord = 4 / type.Size();
        k.StoreGlobal(PtxType.U32, address, [.. elements.Chunk(perWord).Select(part => perWord == 2 ? k.Join(PtxType.U32, part[0], part[1])
            : part.Select((element, i) => (element.As(PtxType.U32) & 255) << 8 * i).Aggregate((all, next) => all | next))], offset);
    }

    private static Value Byte(Assembler k, Value word, int i, PtxType type) =>
        type == PtxType.S8 ? ((word << (24 - 8 * i)).As(PtxType.S32) >> 24).As(type) : k.And(word >> 8 * i, 255).As(type);
}

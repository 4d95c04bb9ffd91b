namespace Facula.Backends.Cuda;

// What came with capability 8.0: copies that pass no register, and products of small matrices by a warp. Fragments: PTX ISA 7.8, 9.7.13.4.
internal sealed partial class Assembler
{
    private const int Ampere = 80;

    /// <summary>
    /// Begins to copy 4, 8 or 16 bytes from global to shared memory, both at multiples of that; of these the given number is read, and the rest becomes 0.
    /// </summary>
    public void CopyAsync(Value shared, int offset, Value global, int bytes, Value read, Value? guard = null)
    {
        Needs(Ampere);
        // Only whole 16 bytes can pass by the nearest cache.
        string cache = bytes == 16 ? "cg" : "ca";
        Emit(new PtxInstruction($"cp.async.{cache}.shared.global", 0,
            [PtxOperand.Address(shared, offset), PtxOperand.Address(global, 0), PtxOperand.Of(PtxType.U32, bytes), PtxOperand.Of(PtxType.U32, read)])
        {
            Guard = guard,
            Bytes = bytes,
        });
    }

    /// <summary>The copies that this thread has begun since the last time are a group.</summary>
    public void CommitCopies()
    {
        Needs(Ampere);
        Emit("cp.async.commit_group", []);
    }

    /// <summary>Waits for this thread's groups of copies but the latest ones, so many.</summary>
    public void WaitForCopies(int pending)
    {
        Needs(Ampere);
        Emit("cp.async.wait_group", [], PtxOperand.Of(PtxType.U32, pending));
    }

    /// <summary>
    /// Four matrices of 8 rows of 16 bytes in shared memory, a register of each; lanes 8 i .. 8 i + 7 give the addresses of the rows of the i-th. Lane l
    /// gets bytes
    /// 4 (l mod 4) .. of row l / 4; transposed, of two-byte elements, rows 2 (l mod 4) and the next of column l / 4.
    /// </summary>
    public Value[] LoadMatrices(Value address, int offset, bool transposed)
    {
        Value[] loaded = NewRegisters(PtxType.U32, 4);
        Emit(new PtxInstruction($"ldmatrix.sync.aligned.m8n8.x4{(transposed ? ".trans" : "")}.shared.b16", 1,
            [PtxOperand.Vector(PtxType.U32, loaded), PtxOperand.Address(address, offset)])
        {
            Bytes = 16,
        });
        Needs(75);
        return loaded;
    }

    /// <summary>
    /// Adds to 16 rows and 8 columns the product of A and B, of which a lane holds four and two registers: 16 elements of depth of two bytes (f16, bf16),
    /// or 8 of
    /// tf32.
    /// </summary>
    public void MultiplyMatrices(string elements, Value[] sums, Value[] a, Value[] b)
    {
        Needs(Ampere);
        string shape = elements == "tf32" ? "m16n8k8" : "m16n8k16";
        PtxOperand d = PtxOperand.Vector(PtxType.F32, sums);
        Emit($"mma.sync.aligned.{shape}.row.col.f32.{elements}.{elements}.f32", [d], PtxOperand.Vector(PtxType.U32, a), PtxOperand.Vector(PtxType.U32, b), d);
    }

    /// <summary>The bits of a float32, rounded to what tf32 keeps.</summary>
    public Value RoundToTf32(Value bits)
    {
        Needs(Ampere);
        return Result(PtxType.U32, "cvt.rna.tf32.f32", PtxOperand.Of(PtxType.U32, bits));
    }

    /// <summary>What lies side by side in global memory where a predicate holds, and zeros where it does not.</summary>
    public Value[] LoadGlobalOrZero(PtxType type, Value address, int count, int offset, Value guard)
    {
        Value[] loaded = [.. Enumerable.Range(0, count).Select(_ => Variable(type, type.IsFloat() ? (Value)0.0 : 0))];
        Emit(new PtxInstruction($"ld.global{Lanes(count)}.{Moved(type)}", 1, [PtxOperand.Vector(type, loaded), PtxOperand.Address(address, offset)])
        {
            Guard = guard,
            Bytes = count * type.Size(),
        });
        return loaded;
    }
}

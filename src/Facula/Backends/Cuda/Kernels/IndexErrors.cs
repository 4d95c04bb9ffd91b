namespace Facula.Backends.Cuda;

/// <summary>Leaves what is out of range where <see cref="DeferredErrors"/> finds it. Two arguments: the record's address, and the number to leave there.</summary>
internal sealed class IndexErrors
{
    private readonly Assembler _k;
    private readonly Value _record, _number;

    public IndexErrors(Assembler k) => (_k, _record, _number) = (k, k.Pointer(DeferredErrors.RecordBytes), k.Parameter(PtxType.U32));

    /// <summary>Leaves an index, of s64, the size that it is outside of, and its position, unless there is one already.</summary>
    public void Leave(Value index, Value size, Value position)
    {
        Value before = _k.Register(PtxType.U32);
        _k.Emit("atom.global.cas.b32", [PtxOperand.Of(PtxType.U32, before)], PtxOperand.Address(_record, 0), PtxOperand.Of(PtxType.U32, 0),
            PtxOperand.Of(PtxType.U32, _number));
        _k.If(_k.Equal(before, 0), () =>
        {
            int at = DeferredErrors.IndexAt;
            foreach (Value value in (Value[])[index, size, position])
            {
                _k.StoreGlobal(PtxType.S64, _record, [value.Type.Size() == 8 ? value.As(PtxType.S64) : _k.Convert(PtxType.S64, value)], at);
                at += sizeof(long);
            }
        });
    }
}

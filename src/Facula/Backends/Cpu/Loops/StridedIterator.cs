using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>An operand of a <see cref="StridedIterator"/>: its first element, and its strides in elements over the coalesced shape.</summary>
internal unsafe struct StridedOperand
{
    public byte* Data;
    public long* Strides;
    public DType DType;
    public int Size;
    public bool IsConstant;
}

/// <summary>
/// Goes through operands of any layout together, output first, a row of the last dimension at a time. Neighbouring dimensions that lie evenly in all
/// of them are coalesced first. PyTorch's TensorIterator.
/// </summary>
internal unsafe struct StridedIterator
{
    /// <summary>The most operands, the output included.</summary>
    public const int MaxOperands = 5;

    public int Inputs;
    public int Rank;
    public int* Shape;
    private Operands _operands;

    [InlineArray(MaxOperands)]
    private struct Operands
    {
        private StridedOperand _first;
    }

    [UnscopedRef]
    public readonly ref StridedOperand this[int i] => ref Unsafe.AsRef(in _operands[i]);

    public void Add(int i, byte* data, in Operand x) =>
        _operands[i] = new StridedOperand { Data = data, DType = x.DType, Size = x.DType.Size };

    /// <summary>
    /// Sets the shape, and the strides of what has been added; both have room for the rank of y, and at least 1, the strides for each operand.
    /// </summary>
    public void Coalesce(in Operand y, in Operand a, in Operand b, in Operand c, in Operand d, int* shape, long* strides, int rank)
    {
        Layout of = y.Layout;
        for (int i = 0; i <= Inputs; i++)
        {
            _operands[i].Strides = strides + i * rank;
            Layout layout = (i switch { 0 => y, 1 => a, 2 => b, 3 => c, _ => d }).Layout;
            int extra = of.Rank - layout.Rank;
            for (int k = 0; k < of.Rank; k++)
                strides[i * rank + k] = k < extra || layout.Shape[k - extra] == 1 ? 0 : layout.Strides[k - extra];
        }
        Rank = 0;
        Shape = shape;
        for (int k = 0; k < of.Rank; k++)
        {
            int size = of.Shape[k];
            if (size == 1) continue;
            bool merge = Rank > 0 && (long)shape[Rank - 1] * size <= int.MaxValue;
            for (int i = 0; merge && i <= Inputs; i++) merge = strides[i * rank + Rank - 1] == strides[i * rank + k] * size;
            if (!merge) shape[Rank++] = size;
            else shape[Rank - 1] *= size;
            for (int i = 0; i <= Inputs; i++) strides[i * rank + Rank - 1] = strides[i * rank + k];
        }
        if (Rank == 0)
        {
            shape[Rank++] = 1;
            for (int i = 0; i <= Inputs; i++) strides[i * rank] = 0;
        }
        for (int i = 0; i <= Inputs; i++)
        {
            bool constant = true;
            for (int k = 0; k < Rank; k++) constant &= strides[i * rank + k] == 0;
            _operands[i].IsConstant = constant;
        }
    }

    /// <summary>Goes to a row: its index in the outer dimensions and each operand's address there.</summary>
    public readonly void Seek(long row, int* index, byte** at)
    {
        for (int i = 0; i <= Inputs; i++) at[i] = _operands[i].Data;
        for (int k = Rank - 2; k >= 0; k--)
        {
            index[k] = (int)(row % Shape[k]);
            row /= Shape[k];
            for (int i = 0; i <= Inputs; i++) at[i] += index[k] * _operands[i].Strides[k] * _operands[i].Size;
        }
    }

    public readonly void Next(int* index, byte** at)
    {
        for (int k = Rank - 2; k >= 0; k--)
        {
            bool carry = ++index[k] == Shape[k];
            if (carry) index[k] = 0;
            for (int i = 0; i <= Inputs; i++)
                at[i] += (carry ? 1 - Shape[k] : 1) * _operands[i].Strides[k] * _operands[i].Size;
            if (!carry) return;
        }
    }
}

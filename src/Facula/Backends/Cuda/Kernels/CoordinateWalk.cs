using System.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>
/// The coordinates of the i-th of some elements in row-major order. Arguments, in a kernel as from the host: for each dimension but the outermost its size and,
/// where 32 bits are enough, what division by it becomes.
/// </summary>
internal sealed class CoordinateWalk
{
    private readonly Assembler _k;
    private readonly PtxType _index;
    private readonly Value[] _sizes, _multipliers, _shifts;

    public CoordinateWalk(Assembler k, PtxType index, int rank)
    {
        (_k, _index) = (k, index);
        (_sizes, _multipliers, _shifts) = (new Value[rank], new Value[rank], new Value[rank]);
        for (int d = 1; d < rank; d++)
        {
            _sizes[d] = k.Parameter(index);
            if (index == PtxType.U64) continue;
            _multipliers[d] = k.Parameter(PtxType.U32);
            _shifts[d] = k.Parameter(PtxType.U32);
        }
    }

    public int Rank => _sizes.Length;

    /// <summary>The type of strides, and of what becomes of them.</summary>
    public PtxType Signed => _index == PtxType.U64 ? PtxType.S64 : PtxType.S32;

    /// <summary>The arguments for one dimension, from the host.</summary>
    public static void AddSize(ref readonly CudaLaunch launch, int size, bool isWide)
    {
        if (isWide)
        {
            launch.Add((ulong)size);
            return;
        }
        (uint multiplier, int shift) = Division((uint)size);
        launch.Add((uint)size);
        launch.Add(multiplier);
        launch.Add(shift);
    }

    /// <summary>
    /// A multiplier and a shift by which n / divisor is (n * multiplier) >> 32 >> shift for every n below 2^31 (Granlund and Montgomery, "Division by invariant
    /// integers using multiplication", 1994). Of 1 the multiplier would have a bit more, and is 0.
    /// </summary>
    public static (uint Multiplier, int Shift) Division(uint divisor)
    {
        if (divisor <= 1) return (0, 0);
        int shift = 31 - BitOperations.LeadingZeroCount(divisor - 1);
        return ((uint)(((1UL << 32 + shift) + divisor - 1) / divisor), shift);
    }

    /// <summary>The coordinates, the outermost first.</summary>
    public Value[] Coordinates(Value i)
    {
        var coordinates = new Value[Rank];
        Value left = i;
        for (int d = Rank - 1; d > 0; d--)
        {
            Value quotient = _index == PtxType.U64 ? left / _sizes[d]
                : _k.Select(_k.Equal(_sizes[d], 1), left, _k.MultiplyHigh(left, _multipliers[d]) >> _shifts[d]);
            coordinates[d] = (left - quotient * _sizes[d]).As(Signed);
            left = quotient;
        }
        coordinates[0] = left.As(Signed);
        return coordinates;
    }

    /// <summary>The strides of as many dimensions.</summary>
    public Value[] Strides() => [.. Enumerable.Range(0, Rank).Select(_ => _k.Parameter(Signed))];

    /// <summary>Where an element with such coordinates lies.</summary>
    public Value Offset(Value[] coordinates, Value[] strides)
    {
        Value offset = coordinates[0] * strides[0];
        for (int d = 1; d < Rank; d++) offset = _k.MultiplyAdd(coordinates[d], strides[d], offset);
        return offset;
    }

    /// <summary>The address of what lies so many times some bytes behind another address.</summary>
    public Value Address(Value pointer, Value offset, int bytes) => _index == PtxType.U64
        ? _k.MultiplyAdd(offset, bytes, pointer.As(PtxType.S64)) : _k.MultiplyAddWide(offset, bytes, pointer.As(PtxType.S64));
}

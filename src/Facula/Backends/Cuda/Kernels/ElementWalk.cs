namespace Facula.Backends.Cuda;

/// <summary>
/// From the number of a thread to the places of its elements, through dimensions of any strides. Arguments, in a kernel as from the host: for each dimension but
/// the outermost its size and, where 32 bits are enough, what division by it becomes; then for each operand the strides of its dimensions, of which the innermost
/// is left out where it is known.
/// </summary>
internal sealed class ElementWalk
{
    private readonly Assembler _k;
    private readonly ElementKey _key;
    private readonly PtxType _index;
    private readonly Value[] _sizes, _multipliers, _shifts;
    private readonly Value[][] _strides;

    public ElementWalk(Assembler k, PtxType index, in ElementKey key)
    {
        (_k, _index, _key) = (k, index, key);
        int rank = key.Rank;
        (_sizes, _multipliers, _shifts, _strides) = (new Value[rank], new Value[rank], new Value[rank], new Value[key.Operands][]);
        for (int d = 1; d < rank; d++)
        {
            _sizes[d] = k.Parameter(index);
            if (index == PtxType.U64) continue;
            _multipliers[d] = k.Parameter(PtxType.U32);
            _shifts[d] = k.Parameter(PtxType.U32);
        }
        for (int i = 0; i < key.Operands; i++)
        {
            _strides[i] = new Value[rank];
            for (int d = 0; d < Strides(key, i); d++) _strides[i][d] = k.Parameter(Signed);
        }
    }

    private PtxType Signed => _index == PtxType.U64 ? PtxType.S64 : PtxType.S32;

    /// <summary>How many strides of an operand are arguments.</summary>
    private static int Strides(in ElementKey key, int operand) => key[operand].Access switch
    {
        Access.Immediate => 0,
        Access.Strided or Access.Place => key.Rank,
        _ => key.Rank - 1,
    };

    /// <summary>What a stride counts: where elements lie side by side, as many as a thread has.</summary>
    private static int Unit(in ElementKey key, int operand) => key[operand].Access == Access.Lane ? key.Lanes : 1;

    /// <summary>The arguments, from the host.</summary>
    public static void Add(ref readonly CudaLaunch launch, in ElementKey key, ElementPlan plan)
    {
        for (int d = 1; d < key.Rank; d++)
        {
            int size = d == key.Rank - 1 ? plan.Size(d) / key.Lanes : plan.Size(d);
            if (key.IsWide)
            {
                launch.Add((ulong)size);
                continue;
            }
            (uint multiplier, int shift) = Division((uint)size);
            launch.Add((uint)size);
            launch.Add(multiplier);
            launch.Add(shift);
        }
        for (int i = 0; i < key.Operands; i++)
        {
            for (int d = 0; d < Strides(key, i); d++)
            {
                long stride = plan.Stride(i, d) / Unit(key, i);
                if (key.IsWide) launch.Add(stride);
                else launch.Add((int)stride);
            }
        }
    }

    /// <summary>
    /// A multiplier and a shift by which n / divisor is (n * multiplier) >> 32 >> shift for every n below 2^31 (Granlund and Montgomery, "Division by invariant
    /// integers using multiplication", 1994). Of 1 the multiplier would have a bit more, and is 0.
    /// </summary>
    public static (uint Multiplier, int Shift) Division(uint divisor)
    {
        if (divisor == 1) return (0, 0);
        int shift = 31 - System.Numerics.BitOperations.LeadingZeroCount(divisor - 1);
        return ((uint)(((1UL << 32 + shift) + divisor - 1) / divisor), shift);
    }

    /// <summary>The places of a thread's first elements: from the first element, in units of what an access moves.</summary>
    public Value[] Places(Value thread)
    {
        int rank = _key.Rank;
        var coordinates = new Value[rank];
        Value left = thread;
        for (int d = rank - 1; d > 0; d--)
        {
            Value quotient;
            if (_index == PtxType.U64) quotient = left / _sizes[d];
            else quotient = _k.Select(_k.Equal(_sizes[d], 1), left, _k.MultiplyHigh(left, _multipliers[d]) >> _shifts[d]);
            coordinates[d] = (left - quotient * _sizes[d]).As(Signed);
            left = quotient;
        }
        coordinates[0] = left.As(Signed);
        return [.. Enumerable.Range(0, _key.Operands).Select(i => Place(i, coordinates))];
    }

    private Value Place(int operand, Value[] coordinates)
    {
        if (_key[operand].Access == Access.Immediate) return default;
        Value place = 0;
        for (int d = 0; d < _key.Rank; d++)
        {
            bool isInner = d == _key.Rank - 1;
            Value coordinate = coordinates[d];
            if (isInner && _key[operand].Access == Access.Splat) continue;
            if (isInner && _key[operand].Access == Access.Lane) place = place.IsRegister ? place + coordinate : coordinate;
            else
            {
                if (isInner && _key[operand].Access == Access.Place && _key.Lanes > 1) coordinate = coordinate * _key.Lanes;
                place = place.IsRegister ? _k.MultiplyAdd(coordinate, _strides[operand][d], place) : coordinate * _strides[operand][d];
            }
        }
        return place;
    }

    /// <summary>The address of what a thread accesses.</summary>
    public Value Address(int operand, Value place, Value pointer)
    {
        if (!place.IsRegister) return pointer;
        int bytes = _key[operand].Type.Size * Unit(_key, operand);
        return _index == PtxType.U64 ? _k.MultiplyAdd(place, bytes, pointer.As(PtxType.S64)) : _k.MultiplyAddWide(place, bytes, pointer.As(PtxType.S64));
    }

    /// <summary>The place itself, as a number, of one of a thread's elements.</summary>
    public Value PlaceValue(int operand, Value place, int lane)
    {
        if (lane > 0) place = _k.MultiplyAdd(_strides[operand][_key.Rank - 1], lane, place);
        return _k.Convert(PtxType.S64, place);
    }
}

namespace Facula.Backends.Cuda;

/// <summary>
/// From the number of a thread to the places of its elements, through dimensions of any strides. Arguments, in a kernel as from the host: those of a
/// <see cref="CoordinateWalk"/>, then for each operand the strides of its dimensions, of which the innermost is left out where it is known.
/// </summary>
internal sealed class ElementWalk
{
    private readonly Assembler _k;
    private readonly ElementKey _key;
    private readonly CoordinateWalk _walk;
    private readonly Value[][] _strides;

    public ElementWalk(Assembler k, PtxType index, in ElementKey key)
    {
        (_k, _key, _walk, _strides) = (k, key, new(k, index, key.Rank), new Value[key.Operands][]);
        for (int i = 0; i < key.Operands; i++)
        {
            _strides[i] = new Value[key.Rank];
            for (int d = 0; d < Strides(key, i); d++) _strides[i][d] = k.Parameter(_walk.Signed);
        }
    }

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
        for (int d = 1; d < key.Rank; d++) CoordinateWalk.AddSize(in launch, d == key.Rank - 1 ? plan.Size(d) / key.Lanes : plan.Size(d), key.IsWide);
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

    /// <summary>The places of a thread's first elements: from the first element, in units of what an access moves.</summary>
    public Value[] Places(Value thread)
    {
        Value[] coordinates = _walk.Coordinates(thread);
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
        return _walk.Address(pointer, place, _key[operand].Type.Size * Unit(_key, operand));
    }

    /// <summary>The place itself, as a number, of one of a thread's elements.</summary>
    public Value PlaceValue(int operand, Value place, int lane)
    {
        if (lane > 0) place = _k.MultiplyAdd(_strides[operand][_key.Rank - 1], lane, place);
        return _k.Convert(PtxType.S64, place);
    }
}

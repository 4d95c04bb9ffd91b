using System.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>
/// What kernels of lines have in common: which line a thread works at, with which others; passes over its elements, which stay in registers between passes where
/// there is room; and what all threads of a line have together. Threads without a line do what those of the last line do, and store nothing, so that all of a
/// block take part in what they exchange. Arguments: the operands; then what <see cref="LinePlan"/> adds.
/// </summary>
internal sealed class LineWalk
{
    public const int Threads = 256;

    private const int WarpSize = 32;

    private readonly Assembler _k;
    private readonly LineShape _shape;
    private readonly DType[] _types;
    private readonly DType _compute;
    private readonly CoordinateWalk _walk;
    private readonly Value[] _pointers, _starts, _strides;
    private readonly Value[][] _lineStrides;
    private readonly Value[]?[][] _held;
    private readonly Value _thread, _lane, _units;
    private readonly Value? _isFirst;

    public LineWalk(Assembler k, LineShape shape, DType compute, params DType[] types)
    {
        (_k, _shape, _types, _compute) = (k, shape, types, compute);
        PtxType index = shape.IsWide ? PtxType.U64 : PtxType.U32;
        _pointers = [.. types.Select((type, i) => k.Pointer(type.Size * (shape.IsSingle(i) ? 1 : shape.Vector)))];
        Value lines = k.Parameter(index);
        _units = k.Parameter(PtxType.U32);
        Length = shape.Vector == 1 ? _units : _units * shape.Vector;
        _walk = new CoordinateWalk(k, index, shape.Rank);
        _lineStrides = new Value[types.Length][];
        _strides = new Value[types.Length];
        for (int i = 0; i < types.Length; i++)
        {
            _lineStrides[i] = _walk.Strides();
            if (HasStride(shape, i)) _strides[i] = k.Parameter(_walk.Signed);
        }
        int perBlock = shape.LinesPerBlock;
        _thread = k.Special("tid.x");
        Value row = shape.IsAlong ? _thread >> BitOperations.Log2((uint)shape.Lanes) : _thread & perBlock - 1;
        _lane = shape.Lanes == 1 ? k.Variable(PtxType.U32, 0)
            : shape.IsAlong ? _thread & shape.Lanes - 1 : _thread >> BitOperations.Log2((uint)perBlock);
        Value line = shape.IsWide ? k.MultiplyAddWide(k.Special("ctaid.x"), perBlock, k.Convert(index, row)) : k.MultiplyAdd(k.Special("ctaid.x"), perBlock, row);
        IsThere = line < lines;
        Line = line = k.Min(line, lines - 1);
        Value[] coordinates = _walk.Coordinates(line);
        _starts = [.. types.Select((_, i) => Start(i, coordinates))];
        _held = [.. types.Select(_ => new Value[]?[Math.Max(1, shape.Held)])];
        _isFirst = shape.Lanes == 1 ? null : k.Equal(_lane, 0);
    }

    /// <summary>Which line it is.</summary>
    public Value Line { get; }

    /// <summary>Elements of a line, as u32.</summary>
    public Value Length { get; }

    /// <summary>Whether there is one for this thread.</summary>
    public Value IsThere { get; }

    /// <summary>Whether elements stay what a pass has made of them.</summary>
    public bool Holds => _shape.Held > 0;

    /// <summary>Whether the stride of an operand along its lines is an argument.</summary>
    public static bool HasStride(in LineShape shape, int operand) => shape.Vector == 1 && !shape.IsSingle(operand);

    /// <summary>What is done once a line, by one of its threads.</summary>
    public void Once(Action body) => _k.If(_isFirst is { } first ? IsThere & first : IsThere, body);

    private Value Start(int operand, Value[] coordinates)
    {
        // Lines lie whole units apart where elements are read several at once.
        int unit = _shape.IsSingle(operand) ? 1 : _shape.Vector;
        Value offset = _walk.Offset(coordinates, _lineStrides[operand]);
        if (unit > 1) offset = offset >> BitOperations.Log2((uint)unit);
        return _walk.Address(_pointers[operand], offset, _types[operand].Size * unit);
    }

    /// <summary>The element, as one of a type, of an operand that has one for each line; or the i-th of the line.</summary>
    public Value Read(int operand, DType type, Value? i = null) =>
        ReadAt(operand, type, i is { } at ? ElementAddress(operand, at) : _starts[operand]);

    /// <summary>The element of an operand that has one for each line, of a line of any number.</summary>
    public Value ReadOf(Value line, int operand, DType type) => ReadAt(operand, type, Start(operand, _walk.Coordinates(line)));

    private Value ReadAt(int operand, DType type, Value address) =>
        Elements.Load(_k, _types[operand], _k.LoadGlobal(Elements.Stored(_types[operand]), address)[0], type);

    /// <summary>Writes the element of an operand that has one for each line.</summary>
    public void Write(int operand, Value value) =>
        _k.StoreGlobal(Elements.Stored(_types[operand]), _starts[operand], [Elements.Store(_k, value, _types[operand])]);

    /// <summary>
    /// A pass over the elements of a line. The body gets, for each element, the values of the operands that are read, which it may set, in the type that is computed
    /// in; and returns what is stored to the result, operand 0, in a pass that stores.
    /// </summary>
    /// <param name="operands">Those that are read.</param>
    /// <param name="body">Takes their values, and the element's number in its line.</param>
    /// <param name="stores">Whether the result is written.</param>
    public void Pass(int[] operands, Func<Value[], Func<Value>, Value?> body, bool stores = false)
    {
        if (!Holds)
        {
            _k.For(PtxType.U32, _lane, _units, _shape.Lanes, unit => One(unit, 0, [.. operands.Select(operand => Load(operand, unit, 0))], body, stores));
            return;
        }
        Value[] units = [.. Enumerable.Range(0, _shape.Held).Select(i => i == 0 ? _lane : _lane + i * _shape.Lanes)];
        // All that is to come from memory is asked for first.
        int[] missing = [.. operands.Where(operand => _held[operand][0] is null)];
        if (missing.Length > 0)
        {
            for (int i = 0; i < units.Length; i++)
            {
                int at = i;
                WhereThere(units[i], () =>
                {
                    foreach (int operand in missing) _held[operand][at] = Load(operand, _lane, at * _shape.Lanes);
                });
            }
        }
        for (int i = 0; i < units.Length; i++)
        {
            int at = i;
            WhereThere(units[i], () => One(_lane, at * _shape.Lanes, [.. operands.Select(operand => _held[operand][at]!)], body, stores));
        }
    }

    private void WhereThere(Value unit, Action body)
    {
        if (_shape.IsExact) body();
        else _k.If(unit < _units, body);
    }

    private void One(Value unit, int ahead, Value[][] elements, Func<Value[], Func<Value>, Value?> body, bool stores)
    {
        int vector = _shape.Vector;
        var results = new Value[vector];
        for (int i = 0; i < vector; i++)
        {
            int at = i;
            Value? result = body([.. elements.Select(values => values.Length == 1 ? values[0] : values[at])], () => unit * vector + (ahead * vector + at));
            if (stores) results[i] = Elements.Store(_k, result!.Value, _types[0]);
        }
        if (!stores) return;
        (Value address, int offset) = AddressOf(0, unit, ahead);
        _k.If(IsThere, () => Elements.StoreMany(_k, Elements.Stored(_types[0]), address, results, offset));
    }

    private Value[] Load(int operand, Value unit, int ahead)
    {
        DType type = _types[operand];
        (Value address, int offset) = _shape.IsSingle(operand) ? (_starts[operand], 0) : AddressOf(operand, unit, ahead);
        Value[] stored = Elements.LoadMany(_k, Elements.Stored(type), address, _shape.IsSingle(operand) ? 1 : _shape.Vector, offset);
        return [.. stored.Select(value => Elements.Load(_k, type, value, _compute))];
    }

    private (Value Address, int Offset) AddressOf(int operand, Value unit, int ahead)
    {
        int bytes = _types[operand].Size * _shape.Vector;
        if (!HasStride(_shape, operand)) return (_k.MultiplyAddWide(unit, bytes, _starts[operand].As(PtxType.U64)), ahead * bytes);
        return (ElementAddress(operand, ahead == 0 ? unit : unit + ahead), 0);
    }

    private Value ElementAddress(int operand, Value i)
    {
        int size = _types[operand].Size;
        Value start = _starts[operand].As(PtxType.S64);
        if (HasStride(_shape, operand))
            i = _shape.IsWide ? _k.Convert(PtxType.S64, i) * _strides[operand] : _k.Convert(PtxType.S32, i) * _strides[operand];
        return i.Type.Size() == 8 ? _k.MultiplyAdd(i.As(PtxType.S64), size, start) : _k.MultiplyAddWide(i, size, start.As(PtxType.U64));
    }

    /// <summary>
    /// What all threads of a line have together, in all of them, by an operation that takes its operands in any order; in an order that hangs on sizes alone.
    /// </summary>
    public Value Combine(Value value, Func<Value, Value, Value> operation) => Combine(value, operation, _shape.Lanes, _shape.IsAlong);

    /// <summary>The sum over all threads of a line.</summary>
    public Value Sum(Value value) => Combine(value, (a, b) => a + b);

    /// <summary>The sum over all threads of the block.</summary>
    public Value SumOfBlock(Value value) => Combine(value, (a, b) => a + b, Threads, isAlong: true);

    private Value Combine(Value value, Func<Value, Value, Value> operation, int lanes, bool isAlong)
    {
        if (lanes == 1) return value;
        int bytes = value.Type.Size(), lines = Threads / lanes;
        if (!isAlong)
        {
            Value all = _k.SharedMemory(Threads * bytes);
            _k.StoreShared(value.Type, _k.MultiplyAdd(_thread, bytes, all), [value]);
            return Together(_k.MultiplyAdd(_thread & lines - 1, bytes, all), lanes, lines * bytes);
        }
        for (int apart = Math.Min(lanes, WarpSize) / 2; apart > 0; apart /= 2) value = operation(value, _k.Shuffle("bfly", value, apart));
        if (lanes <= WarpSize) return value;
        int warps = lanes / WarpSize;
        Value shared = _k.SharedMemory(Threads / WarpSize * bytes);
        _k.If(_k.Equal(_thread & WarpSize - 1, 0), () => _k.StoreShared(value.Type, _k.MultiplyAdd(_thread >> 5, bytes, shared), [value]));
        return Together(_k.MultiplyAdd(_thread >> BitOperations.Log2((uint)lanes), warps * bytes, shared), warps, bytes);

        Value Together(Value from, int parts, int apart)
        {
            _k.Barrier();
            Value total = _k.LoadShared(value.Type, from)[0];
            for (int i = 1; i < parts; i++) total = operation(total, _k.LoadShared(value.Type, from, 1, i * apart)[0]);
            return total;
        }
    }
}

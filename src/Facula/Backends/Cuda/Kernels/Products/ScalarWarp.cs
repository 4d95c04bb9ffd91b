namespace Facula.Backends.Cuda;

/// <summary>
/// Multiply-adds of single numbers: 4 lanes down and 8 across, each with a few rows and columns. What lies along the depth is read several steps of depth
/// at a time,
/// so that nothing need be transposed.
/// </summary>
internal sealed class ScalarWarp : IProductWarp
{
    private const int LanesM = 4, LanesN = 8, AccessBytes = 16;

    private readonly Assembler _k;
    private readonly PtxType _type;
    private readonly int _depth;
    private readonly Side _a, _b;
    private readonly Value[] _sums;

    public ScalarWarp(Assembler k, in ProductKey key, SliceLoader a, SliceLoader b)
    {
        ProductTile tile = key.Tile;
        (_k, _type, _depth) = (k, FormulaPrinter.TypeOf(key.Compute), tile.Depth);
        Value thread = k.Special("tid.x"), lane = thread & 31, warp = thread >> 5;
        _a = new(this, key.A, a, LanesM, tile.WarpM, lane / LanesN, warp % tile.WarpsM * tile.WarpM, 0);
        _b = new(this, key.B, b, LanesN, tile.WarpN, lane % LanesN, warp / tile.WarpsM * tile.WarpN, a.Bytes);
        Value zero = key.Compute.IsFloatingPoint ? (Value)0.0 : 0;
        _sums = [.. Enumerable.Range(0, _a.Count * _b.Count).Select(_ => k.Variable(_type, zero))];
    }

    public Value Row => _a.First;

    public Value Column => _b.First;

    public int[] Rows => _a.Places;

    public int[] Columns => _b.Places;

    public Value Sum(int row, int column) => _sums[row * _b.Count + column];

    public void Compute(Value stage)
    {
        _a.Begin(stage);
        _b.Begin(stage);
        for (int step = 0; step < _depth; step++)
        {
            Value[] a = _a.Read(step), b = _b.Read(step);
            for (int i = 0; i < a.Length; i++)
            {
                for (int j = 0; j < b.Length; j++)
                {
                    Value sum = Sum(i, j);
                    _k.Set(sum, _k.MultiplyAdd(a[i], b[j], sum));
                }
            }
        }
    }

    /// <summary>A thread's rows of A, or columns of B.</summary>
    private sealed class Side
    {
        private readonly ScalarWarp _warp;
        private readonly bool _alongDepth;
        private readonly int _rowBytes, _perAccess, _size;
        private readonly Value _offset;
        private Value _address;
        private Value[][] _read = [];

        public Side(ScalarWarp warp, ProductSource source, SliceLoader loader, int lanes, int inWarp, Value lane, Value warpFirst, int offset)
        {
            (_warp, _alongDepth, _rowBytes, _size) = (warp, source.AlongDepth, loader.RowBytes, warp._type.Size());
            _perAccess = AccessBytes / _size;
            Count = inWarp / lanes;
            // Where a row of shared memory is one of the operand's, the lanes have neighbouring ones; else as many side by side as are read at once.
            First = _alongDepth ? warpFirst + lane : warpFirst + lane * _perAccess;
            Places = [.. Enumerable.Range(0, Count).Select(i => _alongDepth ? i * lanes : i / _perAccess * _perAccess * lanes + i % _perAccess)];
            _offset = warp._k.MultiplyAdd(First, _alongDepth ? _rowBytes : _size, warp._k.Variable(PtxType.U32, offset));
        }

        public int Count { get; }

        public Value First { get; }

        public int[] Places { get; }

        public void Begin(Value stage) => _address = stage + _offset;

        /// <summary>The numbers at a step of the depth.</summary>
        public Value[] Read(int step)
        {
            Assembler k = _warp._k;
            if (!_alongDepth)
            {
                return [.. Enumerable.Range(0, Count / _perAccess)
                    .SelectMany(q => k.LoadShared(_warp._type, _address, _perAccess, step * _rowBytes + Places[q * _perAccess] * _size))];
            }
            int inAccess = step % _perAccess;
            if (inAccess == 0)
                _read = [.. Places.Select(place => k.LoadShared(_warp._type, _address, _perAccess, place * _rowBytes + step * _size))];
            return [.. _read.Select(numbers => numbers[inAccess])];
        }
    }
}

namespace Facula.Backends.Cuda;

/// <summary>
/// Products of small matrices by tensor cores, 16 rows and 8 columns at a time. Which lane has what: PTX ISA 7.8, 9.7.13.4.8 (m16n8k16) and
/// 9.7.13.4.7 (m16n8k8): with g = lane / 4 and t = lane % 4, of A rows g and g + 8, of B column g, of the sums rows g, g + 8 and columns 2 t, 2 t + 1.
/// </summary>
internal sealed class TensorWarp : IProductWarp
{
    private const int Rows16 = 16, Columns8 = 8;

    private readonly Assembler _k;
    private readonly ProductKey _key;
    private readonly SliceLoader _a, _b;
    private readonly bool _isTf32;
    private readonly int _tilesM, _tilesN;
    private readonly Value _fromA, _fromB, _sharedB;
    private readonly Value[] _sums;

    public TensorWarp(Assembler k, in ProductKey key, SliceLoader a, SliceLoader b)
    {
        (_k, _key, _a, _b, _isTf32) = (k, key, a, b, key.Method == ProductMethod.Tf32);
        ProductTile tile = key.Tile;
        (_tilesM, _tilesN) = (tile.WarpM / Rows16, tile.WarpN / Columns8);
        Value thread = k.Special("tid.x"), lane = thread & 31, warp = thread >> 5;
        Value firstM = warp % tile.WarpsM * tile.WarpM, firstN = warp / tile.WarpsM * tile.WarpN;
        Value group = lane >> 2, inGroup = lane & 3;
        Row = firstM + group;
        Column = firstN + inGroup * 2;
        _fromA = FragmentPlace(key.A, a, firstM, lane & 15, lane >> 4, (lane & 7) + ((lane >> 4) << 3), (lane >> 3) & 1, group, inGroup);
        _fromB = FragmentPlace(key.B, b, firstN, (lane & 7) + ((lane >> 4) << 3), (lane >> 3) & 1, lane & 15, lane >> 4, group, inGroup);
        _sharedB = _fromB + a.Bytes;
        _sums = [.. Enumerable.Range(0, _tilesM * _tilesN * 4).Select(_ => k.Variable(PtxType.F32, 0.0))];
        Rows = [.. Enumerable.Range(0, _tilesM * 2).Select(i => i * 8)];
        Columns = [.. Enumerable.Range(0, _tilesN * 2).Select(j => j / 2 * Columns8 + j % 2)];
    }

    public Value Row { get; }

    public Value Column { get; }

    public int[] Rows { get; }

    public int[] Columns { get; }

    public Value Sum(int row, int column) => _sums[(row / 2 * _tilesN + column / 2) * 4 + row % 2 * 2 + column % 2];

    public void Compute(Value stage)
    {
        int depth = _isTf32 ? 8 : 16;
        Value readA = stage + _fromA, readB = stage + _sharedB;
        for (int step = 0; step < _key.Tile.Depth; step += depth)
        {
            Value[][] a = [.. Enumerable.Range(0, _tilesM).Select(i => FragmentA(readA, step, i * Rows16))];
            for (int j = 0; j < _tilesN; j += 2)
            {
                Value[] b = FragmentsB(readB, step, j * Columns8);
                for (int half = 0; half < 2; half++)
                {
                    for (int i = 0; i < _tilesM; i++)
                        _k.MultiplyMatrices(Elements, _sums[((i * _tilesN + j + half) * 4)..][..4], a[i], [b[half * 2], b[half * 2 + 1]]);
                }
            }
        }
    }

    private string Elements => _isTf32 ? "tf32" : _key.A.Type == DType.Float16 ? "f16" : "bf16";

    /// <summary>
    /// Where a lane begins to read. Rows of depth are read as matrices as they lie, of 16 bytes of depth; rows of the outer dimension transposed, or, of
    /// four-byte
    /// elements, one by one.
    /// </summary>
    private Value FragmentPlace(ProductSource source, SliceLoader loader, Value first, Value row, Value chunk, Value transposedRow, Value transposedChunk,
        Value group, Value inGroup)
    {
        int size = source.Type.Size;
        if (source.AlongDepth) return _k.MultiplyAdd(first + row, loader.RowBytes, chunk * 16);
        if (_isTf32) return _k.MultiplyAdd(inGroup, loader.RowBytes, (first + group) * size);
        return _k.MultiplyAdd(transposedRow, loader.RowBytes, first * size + transposedChunk * 16);
    }

    private Value[] FragmentA(Value address, int step, int row)
    {
        int size = _key.A.Type.Size, rowBytes = _a.RowBytes;
        if (_key.A.AlongDepth) return Rounded(_k.LoadMatrices(address, row * rowBytes + step * size, transposed: false));
        if (!_isTf32) return _k.LoadMatrices(address, step * rowBytes + row * size, transposed: true);
        return Rounded([.. new[] { (0, 0), (0, 8), (4, 0), (4, 8) }.Select(place =>
            Word(address, (step + place.Item1) * rowBytes + (row + place.Item2) * size))]);
    }

    /// <summary>Of 16 columns: two registers of the first eight, and two of the others.</summary>
    private Value[] FragmentsB(Value address, int step, int column)
    {
        int size = _key.B.Type.Size, rowBytes = _b.RowBytes;
        if (_key.B.AlongDepth) return Rounded(_k.LoadMatrices(address, column * rowBytes + step * size, transposed: false));
        if (!_isTf32) return _k.LoadMatrices(address, step * rowBytes + column * size, transposed: true);
        return Rounded([.. new[] { (0, 0), (4, 0), (0, 8), (4, 8) }
            .Select(place => Word(address, (step + place.Item1) * rowBytes + (column + place.Item2) * size))]);
    }

    private Value Word(Value address, int offset) => _k.LoadShared(PtxType.U32, address, 1, offset)[0];

    private Value[] Rounded(Value[] fragment) => _isTf32 ? [.. fragment.Select(_k.RoundToTf32)] : fragment;
}

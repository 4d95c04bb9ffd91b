namespace Facula.Backends.Cuda;

/// <summary>
/// Writes sums as a product's result: activation(alpha sum + beta y + bias + residual). Arguments: y, its strides from matrix to matrix, row to row and, unless
/// columns are written together, column to column; alpha, beta; the bias and its stride; the residual and its strides.
/// </summary>
internal sealed class ResultWriter
{
    private readonly Assembler _k;
    private readonly ProductResult _result;
    private readonly DType _compute;
    private readonly PtxType _stored;
    private readonly Value _y, _alpha, _beta, _bias, _biasStride, _residual;
    private readonly Value[] _yStrides, _residualStrides;

    public ResultWriter(Assembler k, ProductResult result, DType compute)
    {
        (_k, _result, _compute, _stored) = (k, result, compute, Elements.Stored(result.Type));
        PtxType number = FormulaPrinter.TypeOf(compute);
        (_y, _yStrides) = Matrix(result.Lanes);
        _alpha = k.Parameter(number);
        _residualStrides = [];
        if (result.AddsOld) _beta = k.Parameter(number);
        if (result.Bias is { } bias) (_bias, _biasStride) = (k.Pointer(bias.Size), k.Parameter(PtxType.S64));
        if (result.AddsResidual) (_residual, _residualStrides) = Matrix(1);

        (Value, Value[]) Matrix(int lanes) =>
            (k.Pointer(result.Type.Size * lanes), [k.Parameter(PtxType.S64), k.Parameter(PtxType.S64), k.Parameter(PtxType.S64)]);
    }

    /// <summary>The arguments, from the host.</summary>
    public static void Add(in CudaLaunch launch, in ProductResult result, DType compute, in ProductOutput output)
    {
        launch.Add(output.Y);
        AddStrides(launch, output.YStrides, result.Lanes);
        AddNumber(launch, output.Alpha, compute);
        if (result.AddsOld) AddNumber(launch, output.Beta, compute);
        if (output.Bias is { } bias)
        {
            launch.Add(bias);
            launch.Add(output.BiasStride);
        }
        if (output.Residual is { } residual)
        {
            launch.Add(residual);
            AddStrides(launch, output.ResidualStrides, 1);
        }
    }

    private static void AddStrides(in CudaLaunch launch, in MatrixStrides strides, int lanes)
    {
        launch.Add(strides.Batch / lanes);
        launch.Add(strides.Row / lanes);
        launch.Add(lanes > 1 ? 1 : strides.Column);
    }

    private static void AddNumber(in CudaLaunch launch, double number, DType compute)
    {
        if (compute == DType.Float32) launch.Add((float)number);
        else if (compute == DType.Float64) launch.Add(number);
        else launch.Add((long)number);
    }

    /// <summary>Of a matrix, at the crossings of rows and columns that are so far from a first one, what lies below the sizes.</summary>
    /// <param name="at">The matrix, the first row and the first column.</param>
    /// <param name="moved">How far all of it is moved, in units of what is written together.</param>
    /// <param name="rows">From the first row.</param>
    /// <param name="columns">From the first column; as many as are written together lie side by side.</param>
    /// <param name="sizes">Rows and columns of the result.</param>
    /// <param name="sum">The sum for a row and a column, by their places in the lists.</param>
    public void Write((Value Batch, Value Row, Value Column) at, Value? moved, int[] rows, int[] columns, (Value M, Value N) sizes, Func<int, int, Value> sum)
    {
        int lanes = _result.Lanes;
        Value[] inColumn = new Value[columns.Length / lanes], biases = new Value[columns.Length];
        for (int j = 0; j < inColumn.Length; j++) inColumn[j] = at.Column + columns[j * lanes] < sizes.N;
        Value batch = _k.Convert(PtxType.S64, at.Batch), row = _k.Convert(PtxType.S64, at.Row), column = _k.Convert(PtxType.S64, at.Column);
        Value y = Start(_y, _yStrides, lanes, moved), residual = _result.AddsResidual ? Start(_residual, _residualStrides, 1, null) : default;
        if (_result.Bias is { } type)
        {
            Value bias = Address(_bias, type.Size, column * _biasStride);
            for (int j = 0; j < columns.Length; j++) biases[j] = Loaded(type, Along(bias, _biasStride, columns[j], type.Size), inColumn[j / lanes]);
        }
        // A branch for each row, so that the compiler does not begin to read for all of them at once, which takes more registers than there are.
        for (int i = 0; i < rows.Length; i++)
        {
            int place = i;
            _k.If(at.Row + rows[i] < sizes.M, () => WriteRow(place));
        }

        void WriteRow(int i)
        {
            Value yRow = Moved(y, _yStrides[1], rows[i], lanes), residualRow = _result.AddsResidual
                ? Moved(residual, _residualStrides[1], rows[i], 1) : default;
            for (int j = 0; j < inColumn.Length; j++)
            {
                Value inside = inColumn[j];
                Value target = lanes > 1 ? yRow : Along(yRow, _yStrides[2], columns[j], _stored.Size());
                int offset = lanes > 1 ? columns[j * lanes] * _stored.Size() : 0;
                Value[] old = _result.AddsOld ? _k.LoadGlobalOrZero(_stored, target, lanes, offset, inside) : [];
                var values = new Value[lanes];
                for (int e = 0; e < lanes; e++)
                {
                    int place = j * lanes + e;
                    Value value = sum(i, place) * _alpha;
                    if (_result.AddsOld) value = value + Elements.Load(_k, _result.Type, old[e], _compute) * _beta;
                    if (_result.Bias is not null) value = value + biases[place];
                    if (_result.AddsResidual)
                        value = value + Loaded(_result.Type, Along(residualRow, _residualStrides[2], columns[place], _result.Type.Size), inside);
                    if (_result.IsRelu) value = _k.Select(value < Zero, Zero, value);
                    values[e] = Elements.Store(_k, value, _result.Type);
                }
                if (lanes * _stored.Size() == 4 && lanes > 1) _k.StoreGlobal(PtxType.U32, target, [_k.Join(PtxType.U32, values[0], values[1])], offset, inside);
                else _k.StoreGlobal(_stored, target, values, offset, inside);
            }
        }

        Value Start(Value pointer, Value[] strides, int together, Value? further)
        {
            Value place = _k.MultiplyAdd(batch, strides[0], row * strides[1]);
            // Of columns that are written together, the first is a multiple of their number.
            Value first = together > 1 ? column / together : column * strides[2];
            return Address(pointer, _result.Type.Size * together, further is { } distance ? place + first + distance : place + first);
        }
    }

    private Value Zero => _compute.IsFloatingPoint ? (Value)0.0 : 0;

    private Value Loaded(DType type, Value address, Value inside) =>
        Elements.Load(_k, type, _k.LoadGlobalOrZero(Elements.Stored(type), address, 1, 0, inside)[0], _compute);

    private Value Address(Value pointer, int bytes, Value place) => _k.MultiplyAdd(place, bytes, pointer.As(PtxType.S64)).As(PtxType.U64);

    private Value Moved(Value address, Value stride, int steps, int together) => Along(address, stride, steps, _result.Type.Size * together);

    private Value Along(Value address, Value stride, int steps, int bytes) =>
        steps == 0 ? address : _k.MultiplyAdd(stride, steps * bytes, address.As(PtxType.S64)).As(PtxType.U64);
}

/// <summary>From matrix to matrix, row to row, column to column, in elements.</summary>
internal readonly record struct MatrixStrides(long Batch, long Row, long Column);

/// <summary>What a product is written to, and with what.</summary>
internal readonly record struct ProductOutput(Operand Y, MatrixStrides YStrides, double Alpha, double Beta)
{
    public Operand? Bias { get; init; }

    public long BiasStride { get; init; }

    public Operand? Residual { get; init; }

    public MatrixStrides ResidualStrides { get; init; }
}

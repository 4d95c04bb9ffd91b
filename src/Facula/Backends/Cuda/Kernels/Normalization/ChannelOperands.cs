namespace Facula.Backends.Cuda;

/// <summary>A tensor [n, c, space..] in a kernel. Arguments, as from the host: the tensor; its stride from channel to channel; those of samples and
/// space.</summary>
internal sealed class ChannelTensor
{
    private readonly Assembler _k;
    private readonly DType _type;
    private readonly Value _pointer, _channelStride;
    private readonly Value[] _strides;

    public ChannelTensor(Assembler k, DType type, int rank)
    {
        (_k, _type) = (k, type);
        (_pointer, _channelStride) = (k.Pointer(type.Size).As(PtxType.S64), k.Parameter(PtxType.S64));
        _strides = [.. Enumerable.Range(0, rank).Select(_ => k.Parameter(PtxType.S64))];
    }

    public static void Add(in CudaLaunch launch, in Operand operand)
    {
        launch.Add(operand);
        Layout layout = operand.Layout;
        launch.Add(layout.Strides[1]);
        launch.Add(layout.Strides[0]);
        foreach (long stride in layout.Strides.AsSpan(2)) launch.Add(stride);
    }

    /// <summary>How far into the tensor a channel is, in elements.</summary>
    public Value Start(Value channel) => _k.Convert(PtxType.S64, channel) * _channelStride;

    /// <summary>An element, in the type that it is computed in.</summary>
    public Value Load(Value start, Value[] place) =>
        Elements.Load(_k, _type, _k.LoadGlobal(Elements.Stored(_type), Address(start, place))[0], _type.Compute);

    public void Store(Value start, Value[] place, Value value) =>
        _k.StoreGlobal(Elements.Stored(_type), Address(start, place), [Elements.Store(_k, value, _type)]);

    private Value Address(Value start, Value[] place)
    {
        Value at = start;
        for (int d = 0; d < place.Length; d++) at = _k.MultiplyAdd(_k.Convert(PtxType.S64, place[d]), _strides[d], at);
        return _k.MultiplyAdd(at, _type.Size, _pointer).As(PtxType.U64);
    }
}

/// <summary>A number for each channel in a kernel. Arguments, as from the host: the numbers, and their stride.</summary>
internal sealed class ChannelLine
{
    private readonly Assembler _k;
    private readonly DType _type;
    private readonly Value _pointer, _stride;

    public ChannelLine(Assembler k, DType type) => (_k, _type, _pointer, _stride) = (k, type, k.Pointer(type.Size).As(PtxType.S64), k.Parameter(PtxType.S64));

    public static void Add(in CudaLaunch launch, in Operand operand)
    {
        launch.Add(operand);
        launch.Add(operand.Layout.Strides[0]);
    }

    public Value Load(Value channel, DType compute) => Elements.Load(_k, _type, _k.LoadGlobal(Elements.Stored(_type), Address(channel))[0], compute);

    public void Store(Value channel, Value value) => _k.StoreGlobal(Elements.Stored(_type), Address(channel), [Elements.Store(_k, value, _type)]);

    private Value Address(Value channel) => _k.MultiplyAdd(_k.Convert(PtxType.S64, channel) * _stride, _type.Size, _pointer).As(PtxType.U64);
}

/// <summary>
/// How a channel is normalised. Arguments, as from the host: means, variances and what is added to these; the weight and the bias, where they are there.
/// </summary>
internal sealed class ChannelNumbers
{
    private readonly Assembler _k;
    private readonly DType _compute;
    private readonly ChannelLine _means, _variances;
    private readonly ChannelLine? _weights, _biases;
    private readonly Value _eps;
    private Value _mean, _bias;

    public ChannelNumbers(Assembler k, in ChannelNormKey key)
    {
        (_k, _compute) = (k, key.Type.Compute);
        (_means, _variances, _eps) = (new(k, _compute), new(k, _compute), k.Parameter(FormulaPrinter.TypeOf(_compute)));
        if (key.Weight is { } weight) _weights = new(k, weight);
        if (key.Bias is { } bias) _biases = new(k, bias);
    }

    /// <summary>1 / sqrt(variance + eps).</summary>
    public Value Scale { get; private set; }

    /// <summary>The weight, where there is one.</summary>
    public Value? Weight { get; private set; }

    public void Load(Value channel)
    {
        _mean = _means.Load(channel, _compute);
        Scale = _k.Divide(1.0, _k.Sqrt(_variances.Load(channel, _compute) + _eps));
        Weight = _weights?.Load(channel, _compute);
        if (_biases is not null) _bias = _biases.Load(channel, _compute);
    }

    /// <summary>(x - mean) scale.</summary>
    public Value Normal(Value x) => (x - _mean) * Scale;

    /// <summary>What is given to the activation.</summary>
    public Value Before(Value normal, Value? residual)
    {
        Value value = Weight is { } weight ? normal * weight : normal;
        if (_biases is not null) value = value + _bias;
        return residual is { } added ? value + added : value;
    }
}

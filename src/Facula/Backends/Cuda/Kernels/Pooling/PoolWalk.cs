namespace Facula.Backends.Cuda;

/// <summary>An element of the other tensor that an element of the result is made of: where it is, which element of the kernel joins them and, where that is not
/// sure, whether it is there.</summary>
internal readonly record struct PoolStep(Value Place, Value Tap, Value? Inside);

/// <summary>
/// Windows along one dimension of space, in a kernel. Arguments, in a kernel as from the host: sizes of input and output, and the padding.
/// </summary>
internal sealed class PoolWalk
{
    private readonly Assembler _k;
    private readonly PoolAxisKey _axis;
    private readonly Value _input, _output, _padding;

    public PoolWalk(Assembler k, PoolAxisKey axis)
    {
        (_k, _axis) = (k, axis);
        (_input, _output, _padding) = (k.Parameter(PtxType.S32), k.Parameter(PtxType.S32), k.Parameter(PtxType.S32));
    }

    public static void Add(in CudaLaunch launch, PoolAxis axis)
    {
        launch.Add(axis.Input);
        launch.Add(axis.Output);
        launch.Add(axis.Padding);
    }

    /// <summary>Elements of the kernel.</summary>
    public int Kernel => _axis.Kernel;

    /// <summary>What an output reads.</summary>
    public void OverInputs(Value output, bool isWrittenOut, Action<PoolStep> body)
    {
        if (_axis.IsAdaptive)
        {
            Value first = Start(output);
            _k.For(PtxType.S32, first, End(output), 1, place => body(new(place, place - first, null)));
            return;
        }
        Value start = Start(output);
        Each(isWrittenOut, 0, _axis.Kernel, tap =>
        {
            Value place = tap.IsRegister ? _k.MultiplyAdd(tap, _axis.Dilation, start) : start + tap.Integer * _axis.Dilation;
            body(new(place, tap, place.As(PtxType.U32) < _input.As(PtxType.U32)));
        });
    }

    /// <summary>The outputs that read an input, in order.</summary>
    public void OverOutputs(Value input, bool isWrittenOut, Action<PoolStep> body)
    {
        if (_axis.IsAdaptive)
        {
            _k.For(PtxType.S32, Share(input, _output, _input, up: false), Share(input + 1, _output, _input, up: true), 1,
                place => body(new(place, input - Start(place), null)));
            return;
        }
        Value reach = input + _padding, last = (reach.As(PtxType.U32) / _axis.Stride).As(PtxType.S32);
        int most = _axis.MostWindows;
        Value first = last - (most - 1), over = reach - first * _axis.Stride;
        Each(isWrittenOut, 0, most, step =>
        {
            Value place = first + step, apart = step.IsRegister ? over - step * _axis.Stride : over - step.Integer * _axis.Stride;
            Value inside = place >= 0 & place < _output & apart < _axis.Span, tap = apart;
            if (_axis.Dilation > 1)
            {
                tap = apart / _axis.Dilation;
                inside = inside & _k.Equal(tap * _axis.Dilation, apart);
            }
            body(new(place, tap, inside));
        });
    }

    /// <summary>How many elements an average counts along this dimension.</summary>
    public Value Counted(Value output)
    {
        if (_axis.IsAdaptive) return End(output) - Start(output);
        Value start = Start(output);
        if (_axis.CountsPadding) return _k.Max(_k.Min(_input + _padding - start, _axis.Kernel), 1);
        // Those before the input, and those not behind it.
        int dilation = _axis.Dilation;
        Value skipped = _k.Min(_k.Max(_k.Variable(PtxType.S32, dilation - 1) - start, 0) / dilation, _axis.Kernel);
        Value before = _k.Min(_k.Max(_input - start + (dilation - 1), 0) / dilation, _axis.Kernel);
        return _k.Max(before - skipped, 1);
    }

    private void Each(bool isWrittenOut, int first, int end, Action<Value> body)
    {
        if (!isWrittenOut)
        {
            _k.For(PtxType.S32, first, end, 1, body);
            return;
        }
        for (int i = first; i < end; i++) body(i);
    }

    private Value Start(Value output) =>
        _axis.IsAdaptive ? Share(output, _input, _output, up: false) : output * _axis.Stride - _padding;

    private Value End(Value output) => Share(output + 1, _input, _output, up: true);

    /// <summary>part of / whole, rounded down or up.</summary>
    private Value Share(Value part, Value of, Value whole, bool up)
    {
        Value product = _k.MultiplyWide(part, of), divisor = _k.Convert(PtxType.S64, whole);
        return _k.Convert(PtxType.S32, (up ? product + divisor - 1 : product) / divisor);
    }
}

namespace Facula.Backends.Cpu;

/// <summary>What the windows along each line of pooling's output read: slabs of rows of columns of the channels-last input, so many elements apart.</summary>
internal readonly struct PoolLines
{
    public readonly nint Channels, Column, Row, Slab;
    private readonly PoolTable _depth, _height;
    private readonly nint _slab, _row;

    public PoolLines(PoolPlan plan, int channels)
    {
        (_depth, _height) = (plan.Depth, plan.Height);
        _row = (nint)plan.Width.Input * channels;
        _slab = _height.Input * _row;
        (Channels, Column, Row, Slab) = (channels, (nint)plan.Width.Step * channels, _height.Step * _row, _depth.Step * _slab);
    }

    /// <summary>Line i of the output, of those of all samples.</summary>
    public PoolLine this[long i]
    {
        get
        {
            int h = (int)(i % _height.Output), d = (int)(i / _height.Output % _depth.Output);
            long sample = i / _height.Output / _depth.Output;
            return new(d, h, _depth.Taps[d], _height.Taps[h], (nint)(sample * _depth.Input + _depth.First[d]) * _slab + _height.First[h] * _row);
        }
    }
}

/// <summary>A line of pooling's output: where it is in its sample, the slabs and rows that its windows read, and where in the input they begin.</summary>
internal readonly record struct PoolLine(int Depth, int Height, int Slabs, int Rows, nint Start);

using System.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// The weight of a convolution as its products need it: for each group a matrix of a row for every tap and channel that is read, and a column for every output. Seen the other way
/// round, with its taps in reverse, it is the weight of the convolution that computes the input's gradient.
/// </summary>
internal unsafe struct Kernels<T> where T : unmanaged, INumber<T>
{
    public T* Data;

    /// <summary>Where the data is, and which of the ways to see it this is.</summary>
    public HostBuffer Buffer;

    /// <summary>Elements from the first of the buffer to the first of these.</summary>
    public long Start;

    public bool IsBackward;

    /// <summary>Elements between groups, outputs, channels and taps.</summary>
    public nint Group, Output, Channel, Tap;

    public int Groups, Outputs, Channels, Taps;

    /// <summary>Those of the convolution itself; the weight lies [k, c / groups, taps].</summary>
    public static Kernels<T> Forward(T* weight, HostBuffer buffer, long start, in ConvolutionShape s) => new()
    {
        Data = weight,
        Buffer = buffer,
        Start = start,
        Group = (nint)s.GroupOutputs * s.Columns,
        Output = s.Columns,
        Channel = s.Taps,
        Tap = 1,
        Groups = s.Groups,
        Outputs = s.GroupOutputs,
        Channels = s.GroupChannels,
        Taps = s.Taps,
    };

    /// <summary>Those by which the gradient of the output becomes that of the input.</summary>
    public static Kernels<T> Backward(T* weight, HostBuffer buffer, long start, in ConvolutionShape s) => new()
    {
        Data = weight + s.Taps - 1,
        Buffer = buffer,
        Start = start + s.Taps - 1,
        IsBackward = true,
        Group = (nint)s.GroupOutputs * s.Columns,
        Output = s.Taps,
        Channel = s.Columns,
        Tap = -1,
        Groups = s.Groups,
        Outputs = s.GroupChannels,
        Channels = s.GroupOutputs,
        Taps = s.Taps,
    };

    /// <summary>Room for so many elements of these kernels, as an algorithm needs them.</summary>
    public readonly PackedWeight<T> Packed(ConvolutionAlgorithm algorithm, long count) =>
        new(Buffer, new(algorithm, typeof(T), Start, IsBackward, Groups, Outputs, Channels, Taps), count);

    /// <summary>Packs each group's matrix in panels, one group after another.</summary>
    public readonly void Pack<L, V>(T* target) where L : ILanes<V, T> where V : unmanaged
    {
        int panels = (Outputs + 2 * L.Count - 1) / (2 * L.Count);
        Workers.For(Groups * panels, new PackJob<L, V> { Kernels = this, Target = target, Panels = panels });
    }

    /// <summary>The elements that all packed groups take.</summary>
    public readonly long PackedLength<L, V>() where L : ILanes<V, T> where V : unmanaged => (long)Groups * PanelProduct<L, V, T>.PackedLength(Outputs, Taps * Channels);

    private struct PackJob<L, V> : IJob where L : ILanes<V, T> where V : unmanaged
    {
        public Kernels<T> Kernels;
        public T* Target;
        public int Panels;

        public readonly void Run(int part)
        {
            int group = part / Panels, first = part % Panels * 2 * L.Count, lanes = Math.Min(2 * L.Count, Kernels.Outputs - first);
            int width = lanes > L.Count ? 2 * L.Count : L.Count, rows = Kernels.Taps * Kernels.Channels;
            T* to = Target + group * PanelProduct<L, V, T>.PackedLength(Kernels.Outputs, rows) + (nint)first * rows;
            T* from = Kernels.Data + group * Kernels.Group + first * Kernels.Output;
            for (int tap = 0; tap < Kernels.Taps; tap++, to += (nint)Kernels.Channels * width)
                GemmPacking.Pack(from + tap * Kernels.Tap, Kernels.Output, Kernels.Channel, lanes, Kernels.Channels, to, width);
        }
    }
}

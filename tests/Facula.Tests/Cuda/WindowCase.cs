using Facula.Backends;

namespace Facula.Tests.Gpu;

/// <summary>
/// A geometry of convolutions, with operands that lie in some way in memory full of NaN. What a device does of it is compared with what the reference backend does,
/// the memory around the results included.
/// </summary>
internal sealed class WindowCase
{
    private readonly Random _random;
    private readonly DType _type;
    private readonly Window _window;
    private readonly int _groups;
    private readonly (double[] Data, Layout Layout) _x, _w, _y, _g, _dx, _dw, _bias, _residual;
    private readonly bool _hasBias, _hasResidual;
    private readonly ActivationKind _activation;

    /// <param name="random">Where numbers and layouts come from.</param>
    /// <param name="type">Of all operands.</param>
    /// <param name="window">Where kernels stand.</param>
    /// <param name="groups">How many.</param>
    /// <param name="inputs">Channels of a group of the input.</param>
    /// <param name="outputs">Channels of a group of the output.</param>
    /// <param name="samples">How many.</param>
    /// <param name="sizes">Of the input's space.</param>
    /// <param name="layouts">How input, weight and output lie: r rows, l the channels of a place together, L the same at multiples of 16 bytes, g gaps.</param>
    public WindowCase(Random random, DType type, Window window, int groups, int inputs, int outputs, int samples, int[] sizes, string layouts)
    {
        (_random, _type, _window, _groups) = (random, type, window, groups);
        int[] places = [.. sizes.Select((size, d) => Window.Places("Convolution", size, window.Kernel[d], window.Stride[d], window.Padding[d], window.Dilation[d]))];
        int[] x = [samples, groups * inputs, .. sizes], y = [samples, groups * outputs, .. places], w = [groups * outputs, inputs, .. window.Kernel];
        (_x, _w, _g) = (Make(x, layouts[0]), Make(w, layouts[1]), Make(y, layouts[2]));
        (_y, _dx, _dw) = (Make(y, layouts[2], false), Make(x, layouts[0], false), Make(w, layouts[1], false));
        (_bias, _residual) = (Make([groups * outputs], 'g'), Make(y, "rlg"[random.Next(3)]));
        (_hasBias, _hasResidual) = (random.Next(2) == 0, random.Next(3) == 0);
        _activation = random.Next(2) == 0 ? ActivationKind.Relu : ActivationKind.None;
    }

    /// <summary>Any geometry, or null where a kernel does not fit.</summary>
    public static WindowCase? Any(Random random, DType type)
    {
        int rank = 1 + random.Next(3), most = rank == 1 ? 9 : rank == 2 ? 6 : 4;
        int[] Each(Func<int> value) => [.. Enumerable.Range(0, rank).Select(_ => value())];
        int[] sizes = Each(() => 1 + random.Next(most));
        var window = new Window(Each(() => 1 + random.Next(3)), Each(() => 1 + random.Next(3)), Each(() => random.Next(3)), Each(() => 1 + random.Next(2)));
        if (sizes.Where((size, d) => Window.Places("Convolution", size, window.Kernel[d], window.Stride[d], window.Padding[d], window.Dilation[d]) <= 0).Any())
            return null;
        int groups = random.Next(3) == 0 ? 2 + random.Next(2) : 1;
        int[] channels = [1, 2, 3, 4, 8, 9];
        string kinds = "rlLg";
        return new(random, type, window, groups, channels[random.Next(6)], channels[random.Next(6)], 1 + random.Next(3), sizes,
            $"{kinds[random.Next(4)]}{kinds[random.Next(4)]}{kinds[random.Next(4)]}");
    }

    private (double[] Data, Layout Layout) Make(int[] shape, char kind, bool any = true)
    {
        int aligned = 16 / _type.Size, offset = kind == 'L' ? aligned : 3;
        long step = kind == 'g' ? 2 : 1;
        int[] order = [.. Enumerable.Range(0, shape.Length).Reverse()];
        if (kind is 'l' or 'L' && shape.Length > 2) order = [1, .. Enumerable.Range(2, shape.Length - 2).Reverse(), 0];
        var strides = new long[shape.Length];
        foreach (int d in order)
        {
            strides[d] = step;
            step *= shape[d];
            if (kind == 'L' && d == order[0]) step = (step + aligned - 1) / aligned * aligned;
            if (kind == 'g') step++;
        }
        var layout = new Layout(shape, strides, offset);
        var data = new double[layout.End + 5];
        Array.Fill(data, double.NaN);
        for (long i = 0; any && i < layout.Count; i++) data[layout.OffsetOf(i)] = _random.NextDouble() * 2 - 1;
        return (data, layout);
    }

    public void CheckForward(Device device, double tolerance) => Check("forward", device, tolerance, [_y], (backend, on, results) =>
        backend.Convolution(on(_x), on(_w), results[0], _window, _groups,
            new(_hasBias ? on(_bias) : null, _activation, _hasResidual ? on(_residual) : null)));

    public void CheckInputGrad(Device device, double tolerance) => Check("input gradient", device, tolerance, [_dx], (backend, on, results) =>
        backend.ConvolutionInputGrad(on(_g), on(_w), results[0], _window, _groups));

    public void CheckWeightGrad(Device device, double tolerance)
    {
        (double[], Layout) bias = (Filled(_bias.Data.Length), _bias.Layout);
        Check("weight gradient", device, tolerance, _hasBias ? [_dw, bias] : [_dw], (backend, on, results) =>
            backend.ConvolutionWeightGrad(on(_g), on(_x), results[0], _hasBias ? results[1] : null, _window, _groups));
    }

    public void Check(Device device, double tolerance)
    {
        CheckForward(device, tolerance);
        CheckInputGrad(device, tolerance);
        CheckWeightGrad(device, tolerance);
    }

    private static double[] Filled(int count)
    {
        var data = new double[count];
        Array.Fill(data, double.NaN);
        return data;
    }

    private delegate void Pass(Backend backend, Func<(double[] Data, Layout Layout), Operand> on, Operand[] results);

    private void Check(string what, Device device, double tolerance, (double[] Data, Layout Layout)[] results, Pass pass)
    {
        double[][] expected = Run(Device.Reference), got = Run(device);
        for (int r = 0; r < results.Length; r++)
        {
            double largest = Math.Max(1, expected[r].Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
            for (int i = 0; i < expected[r].Length; i++)
            {
                (double e, double g) = (expected[r][i], got[r][i]);
                if (double.IsNaN(e) ? double.IsNaN(g) : Math.Abs(g - e) <= tolerance * largest) continue;
                Assert.Fail($"{what} {r} of {this}: at {i - results[r].Layout.Offset} of {results[r].Layout}, strides " +
                    $"[{string.Join(", ", results[r].Layout.Strides)}], {g} in place of {e}.");
            }
        }

        double[][] Run(Device on)
        {
            Tensor[] tensors = [.. results.Select(result => Tensor.From(result.Data).To(_type).To(on))];
            pass(on.Backend, operand => Tensor.From(operand.Data).To(_type).To(on).Operand.With(operand.Layout),
                [.. tensors.Select((tensor, r) => tensor.Operand.With(results[r].Layout))]);
            return [.. tensors.Select(tensor => tensor.To(Device.Cpu).To(DType.Float64).ToArray<double>())];
        }
    }

    public override string ToString() => $"{_type} x {_x.Layout} ({string.Join(", ", _x.Layout.Strides)}), w {_w.Layout} ({string.Join(", ", _w.Layout.Strides)}), " +
        $"y ({string.Join(", ", _y.Layout.Strides)}), stride {string.Join(", ", _window.Stride)}, padding {string.Join(", ", _window.Padding)}, " +
        $"dilation {string.Join(", ", _window.Dilation)}, {_groups} groups, bias {_hasBias}, {_activation}, residual {_hasResidual}";
}

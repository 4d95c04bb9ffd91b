using Facula.Backends;

namespace Facula;

/// <summary>
/// Normalisation of channels by statistics of the batch, [c], of each sample's groups, [n, groups], or by given ones, [c];
/// with ReLU as the epilogue where asked for.
/// </summary>
internal sealed class ChannelNormNode : Node
{
    private readonly string _name;
    private readonly double _eps;
    private readonly bool _areOwn, _hasRelu, _hasWeight, _hasBias;

    public ChannelNormNode(string name, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor variance, double eps, bool areOwn, bool hasRelu)
    {
        (_name, _eps, _areOwn, _hasRelu, _hasWeight, _hasBias) = (name, eps, areOwn, hasRelu, weight is not null, bias is not null);
        // The bias only serves to find out which results ReLU has made 0.
        Save(x, weight, hasRelu ? bias : null);
        SaveMore(mean, variance);
    }

    public override string Name => _name;

    protected override void Backward(Tensor gradient, Gradients into)
    {
        Tensor x = A, mean = More(0), variance = More(1);
        Tensor? weight = _hasWeight ? B : null, bias = _hasRelu && _hasBias ? C : null;
        if (into.CreateGraph)
        {
            Recorded(gradient, x, weight, bias, mean, variance, into);
            return;
        }
        bool wantsWeight = into.Count > 1 && into.Wants(1), wantsBias = into.Count > 2 && into.Wants(2);
        Tensor? ofInput = into.Wants(0) ? Tensor.Allocate(x.Device.Backend.ResultLayout(x.Layout.Shape), x.DType, x.Device) : null;
        Tensor? ofWeight = wantsWeight ? Tensor.Allocate(Layout.Contiguous([x.Layout.Shape[1]]), x.DType, x.Device) : null;
        Tensor? ofBias = wantsBias ? Tensor.Allocate(Layout.Contiguous([x.Layout.Shape[1]]), x.DType, x.Device) : null;
        var options = new ChannelNormOptions(mean.Operand, variance.Operand, weight?.Operand, _eps,
            new(bias?.Operand, _hasRelu ? ActivationKind.Relu : ActivationKind.None));
        if (x.Count > 0) x.Device.Backend.ChannelNormGrad(gradient.Operand, x.Operand, options, _areOwn, ofInput?.Operand, ofWeight?.Operand, ofBias?.Operand);
        else
        {
            ofWeight?.ZeroInPlace();
            ofBias?.ZeroInPlace();
        }
        into[0] = ofInput;
        if (wantsWeight) into[1] = ofWeight;
        if (wantsBias) into[2] = ofBias;
    }

    /// <summary>The same of differentiable operations, with the statistics as functions of x where they are.</summary>
    private void Recorded(Tensor gradient, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor variance, Gradients into)
    {
        int[] sizes = x.Layout.Shape, others = [0, .. Enumerable.Range(2, x.Rank - 2)], shape = [1, sizes[1], .. Enumerable.Repeat(1, x.Rank - 2)],
            over = others;
        // As far as one statistic goes: all dimensions but the channels', or the last of [n, groups, ..].
        Shape parts = x.Shape;
        if (mean.Rank == 2)
        {
            (int samples, int groups) = (mean.Layout.Shape[0], mean.Layout.Shape[1]);
            (parts, over) = ([samples, groups, mean.Count == 0 ? 0 : (int)(x.Count / mean.Count)], [2]);
        }
        Tensor values = x.Reshape(parts);
        mean = _areOwn ? values.Mean(over, keepDim: true) : mean.To(x.DType).Reshape(shape);
        Tensor centred = values - mean;
        variance = _areOwn ? centred.Square().Mean(over, keepDim: true) : variance.To(x.DType).Reshape(shape);
        Tensor inverse = (variance + _eps).Rsqrt(), partsNormal = centred * inverse, normal = partsNormal.Reshape(x.Shape);
        Tensor? scale = weight?.Reshape(shape);
        if (_hasRelu)
        {
            Tensor y = scale is null ? normal : normal * scale;
            if (bias is not null) y = y + bias.Reshape(shape);
            gradient = Tensor.Where(y <= 0, 0.0, gradient);
        }
        if (into.Wants(0))
        {
            Tensor own = (scale is null ? gradient : gradient * scale).Reshape(parts);
            if (_areOwn) own = own - own.Mean(over, keepDim: true) - partsNormal * (own * partsNormal).Mean(over, keepDim: true);
            into[0] = (own * inverse).Reshape(x.Shape);
        }
        if (into.Count > 1 && into.Wants(1)) into[1] = (gradient * normal).Sum(others);
        if (into.Count > 2 && into.Wants(2)) into[2] = gradient.Sum(others);
    }
}

public partial class Tensor
{
    /// <summary>
    /// x [n, c, ..] normalised by the means and variances (divided by the count) of each channel, [c], or, given a number of groups,
    /// of the groups of each sample's channels, [n, groups]; with relu, the Relu of that. The statistics are unrecorded, of the type x is computed in.
    /// </summary>
    internal static Tensor OwnChannelNorm(string name, Tensor x, int? groups, Tensor? weight, Tensor? bias, double eps, out Tensor mean, out Tensor variance,
        bool relu = false)
    {
        Layout layout = Layout.Contiguous(groups is { } count ? [x.Layout.Shape[0], count] : [x.Layout.Shape[1]]);
        mean = Allocate(layout, x.DType.Compute, x.Device);
        variance = Allocate(layout, x.DType.Compute, x.Device);
        return ChannelNorm(name, x, weight, bias, mean, variance, eps, areOwn: true, relu);
    }

    /// <summary>x [n, c, ..] normalised by constant statistics of each channel, [c]; with relu, the Relu of that.</summary>
    internal static Tensor ChannelNorm(string name, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor variance, double eps, bool relu = false) =>
        ChannelNorm(name, x, weight, bias, mean, variance, eps, areOwn: false, relu);

    private static Tensor ChannelNorm(string name, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor variance, double eps, bool areOwn, bool relu)
    {
        Tensor y = Allocate(x.Device.Backend.ResultLayout(x.Layout.Shape), x.DType, x.Device);
        var options = new ChannelNormOptions(mean.Operand, variance.Operand, weight?.Operand, eps,
            new(bias?.Operand, relu ? ActivationKind.Relu : ActivationKind.None));
        if (y.Count > 0) x.Device.Backend.ChannelNorm(x.Operand, options, areOwn, y.Operand);
        return GradMode.Records([x, weight, bias])
            ? new ChannelNormNode(name, x, weight, bias, mean, variance, eps, areOwn, relu).Record(y, x, weight, bias) : y;
    }
}

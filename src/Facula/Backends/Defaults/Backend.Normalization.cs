namespace Facula.Backends;

// Rows and channels are one matter: of x seen as [samples, groups, channels of a group, space..], one statistic serves some dimensions,
// and one weight the others.
internal abstract partial class Backend
{
    /// <summary>
    /// y = (x - mean) / sqrt(variance + eps) * weight for x [n, c, space..], then the epilogue. The statistics are [c], of each channel, or
    /// contiguous [n, groups], of each sample's channels in groups; they are of the type x is computed in. Where they are x's own they are written:
    /// means, and variances divided by the count, contiguous from offset 0. weight and bias are [c], of any floating-point type, or null for 1 and 0.
    /// </summary>
    public virtual void ChannelNorm(in Operand x, in ChannelNormOptions options, bool areOwn, in Operand y)
    {
        DType compute = x.DType.Compute;
        ChannelViews views = new(x.Layout, options);
        Operand input = x.With(views.Of(x.Layout));
        using Scratch normal = new(this, views.Shape, compute), scale = new(this, views.Statistic, compute);
        Operand mean = View(options.Mean, views.Statistic), variance = View(options.Variance, views.Statistic);
        if (areOwn) Reduce(new MeanReduce(views.Count), compute, mean, input);
        Map2(new SubtractMap(), compute, normal.Operand, input, mean);
        if (areOwn) Reduce(new MeanSquareReduce(views.Count), compute, variance, normal.Operand);
        Map(new InverseRootMap(options.Eps), compute, scale.Operand, variance);
        Affine(normal.Operand, scale.Operand, View(options.Weight, views.Channel), View(options.Bias, views.Channel), y.With(views.Of(y.Layout)),
            options.Epilogue.FirstActivation);
        Finish(y, options.Epilogue);
    }

    /// <summary>
    /// The gradients of the input, the weight and the bias of <see cref="ChannelNorm"/>, where each is given.
    /// The statistics are functions of x where they are its own, else constants.
    /// </summary>
    public virtual void ChannelNormGrad(in Operand g, in Operand x, in ChannelNormOptions options, bool areOwn, in Operand? input, in Operand? weight,
        in Operand? bias)
    {
        DType compute = x.DType.Compute;
        ChannelViews views = new(x.Layout, options);
        using Scratch normal = new(this, views.Shape, compute), scale = new(this, views.Statistic, compute), gradient = new(this, views.Shape, compute);
        Map2(new SubtractMap(), compute, normal.Operand, x.With(views.Of(x.Layout)), View(options.Mean, views.Statistic));
        Map(new InverseRootMap(options.Eps), compute, scale.Operand, View(options.Variance, views.Statistic));
        Map2(new MultiplyMap(), compute, normal.Operand, normal.Operand, scale.Operand);
        Operand? factor = View(options.Weight, views.Channel), shift = View(options.Bias, views.Channel);
        Copy(g.With(views.Of(g.Layout)), gradient.Operand);
        if (options.Epilogue.Activation == ActivationKind.Relu)
        {
            using var before = new Scratch(this, views.Shape, compute);
            Affine(normal.Operand, null, factor, shift, before.Operand, ActivationKind.None);
            if (options.Epilogue.Residual is { } residual)
                Map2(new AddMap(), compute, before.Operand, before.Operand, residual.With(views.Of(residual.Layout)));
            Map2(new WherePositiveMap(), compute, gradient.Operand, gradient.Operand, before.Operand);
        }
        Operand? result = input is { } to ? to.With(views.Of(to.Layout)) : null;
        NormGrad(gradient.Operand, normal.Operand, scale.Operand, factor, areOwn, areOwn, views.Count, result, View(weight, views.Channel),
            View(bias, views.Channel));
    }

    /// <summary>
    /// y = (x - mean) / sqrt(variance + eps) * weight + bias over rows [n, size], or x / sqrt(mean square + eps) * weight where not centred.
    /// Means (where centred) and scales, 1 / sqrt(..), are kept where given: [n], of the type x is computed in. weight and bias [size], of any
    /// floating-point type, or null.
    /// </summary>
    public virtual void RowNorm(in Operand x, in Operand? weight, in Operand? bias, double eps, bool centred, in Operand y, in Operand? means,
        in Operand? scales)
    {
        DType compute = x.DType.Compute;
        int size = x.Layout.Shape[1];
        int[] column = [x.Layout.Shape[0], 1];
        using Scratch normal = new(this, x.Layout.Shape, compute), scale = new(this, column, compute), mean = new(this, column, compute);
        if (centred)
        {
            Reduce(new MeanReduce(size), compute, mean.Operand, x);
            Map2(new SubtractMap(), compute, normal.Operand, x, mean.Operand);
        }
        else Copy(x, normal.Operand);
        Reduce(new MeanSquareReduce(size), compute, scale.Operand, normal.Operand);
        Map(new InverseRootMap(eps), compute, scale.Operand, scale.Operand);
        Affine(normal.Operand, scale.Operand, weight, bias, y, ActivationKind.None);
        if (means is { } m) Copy(mean.Operand, Column(m));
        if (scales is { } s) Copy(scale.Operand, Column(s));
    }

    /// <summary>The gradients of the input, the weight and the bias of <see cref="RowNorm"/>, where each is given.</summary>
    public virtual void RowNormGrad(in Operand g, in Operand x, in Operand? weight, in Operand? means, in Operand scales, in Operand? input,
        in Operand? weightGrad, in Operand? bias)
    {
        DType compute = x.DType.Compute;
        using var normal = new Scratch(this, x.Layout.Shape, compute);
        Operand scale = Column(scales), from = x;
        if (means is { } mean)
        {
            Map2(new SubtractMap(), compute, normal.Operand, x, Column(mean));
            from = normal.Operand;
        }
        Map2(new MultiplyMap(), compute, normal.Operand, from, scale);
        NormGrad(g, normal.Operand, scale, weight, means is not null, true, x.Layout.Shape[1], input,
            weightGrad is { } w ? Row(w) : null, bias is { } b ? Row(b) : null);
    }

    /// <summary>y = activation(normal * scale * weight + bias). The first is written over.</summary>
    private void Affine(in Operand normal, in Operand? scale, in Operand? weight, in Operand? bias, in Operand y, ActivationKind activation)
    {
        DType compute = normal.DType;
        using Scratch made = new(this, scale is null && (weight ?? bias) is not null ? normal.Layout.Shape : [0], compute);
        // Normals that are used again stay as they are.
        Operand value = scale is null ? made.Operand : normal;
        if (scale is { } s) Map2(new MultiplyMap(), compute, value, normal, s);
        else if ((weight ?? bias) is null) value = normal;
        else Copy(normal, value);
        if (weight is { } w) Map2(new MultiplyMap(), compute, value, value, w);
        if (bias is { } b) Map2(new AddMap(), compute, value, value, b);
        if (activation == ActivationKind.Relu) Map2(new WherePositiveMap(), compute, y, value, value);
        else Copy(value, y);
    }

    /// <summary>
    /// The gradients of a normalisation, given normal = (x - mean) scale. The mean, and the scale, are functions of x or constants, each of so many elements;
    /// those of weight and bias are sums over the dimensions in which they have size 1.
    /// </summary>
    private void NormGrad(in Operand g, in Operand normal, in Operand scale, in Operand? weight, bool hasMean, bool hasScale, double count, in Operand? input,
        in Operand? weightGrad, in Operand? biasGrad)
    {
        DType compute = normal.DType;
        int[] shape = normal.Layout.Shape;
        using Scratch products = new(this, shape, compute), own = new(this, shape, compute);
        if (biasGrad is { } ofBias) Reduce(new SumReduce(), compute, ofBias, g);
        if (weightGrad is { } ofWeight)
        {
            Map2(new MultiplyMap(), compute, products.Operand, g, normal);
            Reduce(new SumReduce(), compute, ofWeight, products.Operand);
        }
        if (input is not { } to) return;
        if (weight is { } w) Map2(new MultiplyMap(), compute, own.Operand, g, w);
        else Copy(g, own.Operand);
        using Scratch mean = new(this, scale.Layout.Shape, compute), product = new(this, scale.Layout.Shape, compute);
        if (hasScale)
        {
            Map2(new MultiplyMap(), compute, products.Operand, own.Operand, normal);
            Reduce(new MeanReduce(count), compute, product.Operand, products.Operand);
        }
        if (hasMean) Reduce(new MeanReduce(count), compute, mean.Operand, own.Operand);
        if (hasScale) Map3(new SubtractProductMap(), compute, own.Operand, own.Operand, normal, product.Operand);
        if (hasMean) Map2(new SubtractMap(), compute, own.Operand, own.Operand, mean.Operand);
        Map2(new MultiplyMap(), compute, to, own.Operand, scale);
    }

    /// <summary>x [n, c, space..] as [n, groups, c / groups, space..], with the shapes in it of the statistics and of what there is for each channel.</summary>
    private readonly struct ChannelViews
    {
        private readonly int _groups;

        public ChannelViews(Layout x, in ChannelNormOptions options)
        {
            Layout statistics = options.Mean.Layout;
            bool isOfGroups = statistics.Rank == 2;
            _groups = statistics.Shape[^1];
            int rank = x.Rank + 1;
            Shape = Of(x).Shape;
            (Statistic, Channel) = (new int[rank], new int[rank]);
            Array.Fill(Statistic, 1);
            Array.Fill(Channel, 1);
            Statistic[0] = isOfGroups ? statistics.Shape[0] : 1;
            Statistic[1] = Channel[1] = _groups;
            Channel[2] = Shape[2];
            Count = (double)x.Count / statistics.Count;
        }

        public int[] Shape { get; }
        public int[] Statistic { get; }
        public int[] Channel { get; }

        /// <summary>The elements that share a statistic.</summary>
        public double Count { get; }

        public Layout Of(Layout x)
        {
            int perGroup = x.Shape[1] / _groups;
            return new([x.Shape[0], _groups, perGroup, .. x.Shape[2..]], [x.Strides[0], x.Strides[1] * perGroup, x.Strides[1], .. x.Strides[2..]], x.Offset);
        }
    }
}

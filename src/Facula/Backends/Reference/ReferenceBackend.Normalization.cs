namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    private static void ChannelMoments(in Operand x, in Operand mean, in Operand variance)
    {
        Elements input = new(x), means = new(mean), variances = new(variance);
        Layout statistics = mean.Layout, layout = x.Layout;
        double count = layout.Count / statistics.Count;
        double[] sums = new double[statistics.Count], squares = new double[statistics.Count];
        for (long i = 0; i < layout.Count; i++) sums[Statistic(layout, statistics, i)] += input.Float(i) / count;
        for (long i = 0; i < layout.Count; i++)
            squares[Statistic(layout, statistics, i)] += Math.Pow(input.Float(i) - sums[Statistic(layout, statistics, i)], 2) / count;
        for (int c = 0; c < sums.Length; c++)
        {
            means.Set(c, sums[c]);
            variances.Set(c, squares[c]);
        }
    }

    public override void ChannelNorm(in Operand x, in ChannelNormOptions options, bool areOwn, in Operand y)
    {
        if (areOwn) ChannelMoments(x, options.Mean, options.Variance);
        Elements input = new(x), result = new(y);
        for (long i = 0; i < x.Layout.Count; i++)
        {
            double value = Channel.Of(x.Layout, options, i).Apply(input.Float(i));
            result.Set(i, options.Epilogue.FirstActivation == ActivationKind.Relu && value < 0 ? 0 : value);
        }
        Finish(y, options.Epilogue);
    }

    public override void ChannelNormGrad(in Operand g, in Operand x, in ChannelNormOptions options, bool areOwn, in Operand? input, in Operand? weight,
        in Operand? bias)
    {
        Elements gradient = new(g), from = new(x);
        Layout layout = x.Layout, statistics = options.Mean.Layout;
        int channels = layout.Shape[1];
        double count = layout.Count / statistics.Count;
        double[] ofBias = new double[channels], ofWeight = new double[channels], sums = new double[statistics.Count], products = new double[statistics.Count];
        var gradients = new double[layout.Count];
        for (long i = 0; i < gradients.Length; i++)
        {
            long c = i / Area(layout) % channels, s = Statistic(layout, statistics, i);
            Channel channel = Channel.Of(layout, options, i);
            double before = channel.Apply(from.Float(i)) + (options.Epilogue.Residual is { } residual ? new Elements(residual).Float(i) : 0);
            gradients[i] = options.Epilogue.Activation == ActivationKind.Relu && before <= 0 ? 0 : gradient.Float(i);
            ofBias[c] += gradients[i];
            ofWeight[c] += gradients[i] * channel.Normal(from.Float(i));
            sums[s] += gradients[i] * channel.Weight;
            products[s] += gradients[i] * channel.Weight * channel.Normal(from.Float(i));
        }
        for (int c = 0; c < channels; c++)
        {
            if (weight is { } w) new Elements(w).Set(c, ofWeight[c]);
            if (bias is { } b) new Elements(b).Set(c, ofBias[c]);
        }
        if (input is not { } to) return;
        var result = new Elements(to);
        for (long i = 0; i < gradients.Length; i++)
        {
            long s = Statistic(layout, statistics, i);
            Channel channel = Channel.Of(layout, options, i);
            double through = areOwn ? (sums[s] + products[s] * channel.Normal(from.Float(i))) / count : 0;
            result.Set(i, (gradients[i] * channel.Weight - through) * channel.Scale);
        }
    }

    public override void RowNorm(in Operand x, in Operand? weight, in Operand? bias, double eps, bool centred, in Operand y, in Operand? means,
        in Operand? scales)
    {
        Elements input = new(x), result = new(y), weights = new(weight ?? x), biases = new(bias ?? x);
        int rows = x.Layout.Shape[0], size = x.Layout.Shape[1];
        for (int r = 0; r < rows; r++)
        {
            double mean = 0, square = 0;
            for (int i = 0; i < size && centred; i++) mean += input.Float((long)r * size + i) / size;
            for (int i = 0; i < size; i++) square += Math.Pow(input.Float((long)r * size + i) - mean, 2) / size;
            double scale = 1 / Math.Sqrt(square + eps);
            for (int i = 0; i < size; i++)
            {
                double normal = (input.Float((long)r * size + i) - mean) * scale;
                result.Set((long)r * size + i, normal * (weight is null ? 1 : weights.Float(i)) + (bias is null ? 0 : biases.Float(i)));
            }
            if (means is { } m) new Elements(m).Set(r, mean);
            if (scales is { } s) new Elements(s).Set(r, scale);
        }
    }

    public override void RowNormGrad(in Operand g, in Operand x, in Operand? weight, in Operand? means, in Operand scales, in Operand? input,
        in Operand? weightGrad, in Operand? bias)
    {
        Elements gradient = new(g), from = new(x), weights = new(weight ?? x), mean = new(means ?? scales), scale = new(scales);
        int rows = x.Layout.Shape[0], size = x.Layout.Shape[1];
        double[] ofWeight = new double[size], ofBias = new double[size], normal = new double[size], weighted = new double[size];
        for (int r = 0; r < rows; r++)
        {
            double sum = 0, products = 0;
            for (int i = 0; i < size; i++)
            {
                long at = (long)r * size + i;
                normal[i] = (from.Float(at) - (means is null ? 0 : mean.Float(r))) * scale.Float(r);
                weighted[i] = gradient.Float(at) * (weight is null ? 1 : weights.Float(i));
                sum += means is null ? 0 : weighted[i] / size;
                products += weighted[i] * normal[i] / size;
                ofWeight[i] += gradient.Float(at) * normal[i];
                ofBias[i] += gradient.Float(at);
            }
            if (input is not { } to) continue;
            for (int i = 0; i < size; i++) new Elements(to).Set((long)r * size + i, (weighted[i] - sum - normal[i] * products) * scale.Float(r));
        }
        for (int i = 0; i < size; i++)
        {
            if (weightGrad is { } w) new Elements(w).Set(i, ofWeight[i]);
            if (bias is { } b) new Elements(b).Set(i, ofBias[i]);
        }
    }

    /// <summary>Which of the statistics, [c] or [n, groups], element i of x [n, c, space..] belongs to.</summary>
    private static long Statistic(Layout x, Layout statistics, long i)
    {
        int channels = x.Shape[1], groups = statistics.Shape[^1];
        long line = i / Area(x), group = line % channels / (channels / groups);
        return statistics.Rank == 1 ? group : line / channels * groups + group;
    }

    private readonly record struct Channel(double Mean, double Scale, double Weight, double Bias)
    {
        public static Channel Of(Layout x, in ChannelNormOptions options, long i)
        {
            long c = i / Area(x) % x.Shape[1], s = Statistic(x, options.Mean.Layout, i);
            return new(new Elements(options.Mean).Float(s), 1 / Math.Sqrt(new Elements(options.Variance).Float(s) + options.Eps),
                options.Weight is { } weight ? new Elements(weight).Float(c) : 1, options.Bias is { } bias ? new Elements(bias).Float(c) : 0);
        }

        public double Normal(double x) => (x - Mean) * Scale;

        public double Apply(double x) => Normal(x) * Weight + Bias;
    }
}

namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    public override void ChannelMoments(in Operand x, in Operand mean, in Operand variance)
    {
        Elements input = new(x), means = new(mean), variances = new(variance);
        int channels = x.Layout.Shape[1];
        long area = Area(x.Layout);
        double count = x.Layout.Count / channels;
        double[] sums = new double[channels], squares = new double[channels];
        for (long i = 0; i < x.Layout.Count; i++) sums[i / area % channels] += input.Float(i) / count;
        for (long i = 0; i < x.Layout.Count; i++) squares[i / area % channels] += Math.Pow(input.Float(i) - sums[i / area % channels], 2) / count;
        for (int c = 0; c < channels; c++)
        {
            means.Set(c, sums[c]);
            variances.Set(c, squares[c]);
        }
    }

    public override void ChannelNorm(in Operand x, in ChannelNormOptions options, in Operand y)
    {
        Elements input = new(x), result = new(y);
        Channel[] channels = Channels(options);
        long area = Area(x.Layout);
        for (long i = 0; i < x.Layout.Count; i++)
        {
            double value = channels[i / area % channels.Length].Apply(input.Float(i));
            result.Set(i, options.Rectify && value < 0 ? 0 : value);
        }
    }

    public override void ChannelNormGrad(in Operand g, in Operand x, in ChannelNormOptions options, bool ofBatch, in Operand? input, in Operand? weight, in Operand? bias)
    {
        Elements gradient = new(g), from = new(x);
        Channel[] channels = Channels(options);
        long area = Area(x.Layout);
        double count = x.Layout.Count / channels.Length;
        double[] sums = new double[channels.Length], products = new double[channels.Length], gradients = new double[x.Layout.Count];
        for (long i = 0; i < gradients.Length; i++)
        {
            int c = (int)(i / area % channels.Length);
            gradients[i] = options.Rectify && !(channels[c].Apply(from.Float(i)) > 0) ? 0 : gradient.Float(i);
            sums[c] += gradients[i];
            products[c] += gradients[i] * channels[c].Normal(from.Float(i));
        }
        for (int c = 0; c < channels.Length; c++)
        {
            if (weight is { } w) new Elements(w).Set(c, products[c]);
            if (bias is { } b) new Elements(b).Set(c, sums[c]);
        }
        if (input is not { } to) return;
        var result = new Elements(to);
        for (long i = 0; i < gradients.Length; i++)
        {
            int c = (int)(i / area % channels.Length);
            double through = ofBatch ? (sums[c] + products[c] * channels[c].Normal(from.Float(i))) / count : 0;
            result.Set(i, (gradients[i] - through) * channels[c].Weight * channels[c].Scale);
        }
    }

    public override void RowNorm(in Operand x, in Operand? weight, in Operand? bias, double eps, bool centred, in Operand y, in Operand? means, in Operand? scales)
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

    public override void RowNormGrad(in Operand g, in Operand x, in Operand? weight, in Operand? means, in Operand scales, in Operand? input, in Operand? weightGrad, in Operand? bias)
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

    private readonly record struct Channel(double Mean, double Scale, double Weight, double Bias)
    {
        public double Normal(double x) => (x - Mean) * Scale;

        public double Apply(double x) => Normal(x) * Weight + Bias;
    }

    private static Channel[] Channels(in ChannelNormOptions options)
    {
        Elements means = new(options.Mean), variances = new(options.Variance), weights = new(options.Weight ?? options.Mean), biases = new(options.Bias ?? options.Mean);
        var channels = new Channel[options.Mean.Layout.Count];
        for (int c = 0; c < channels.Length; c++)
        {
            channels[c] = new(means.Float(c), 1 / Math.Sqrt(variances.Float(c) + options.Eps), options.Weight is null ? 1 : weights.Float(c),
                options.Bias is null ? 0 : biases.Float(c));
        }
        return channels;
    }
}

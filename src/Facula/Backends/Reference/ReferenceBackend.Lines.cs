using Facula.Numerics;

namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    /// <summary>The indices, in row-major order, of the elements of each line along a dimension.</summary>
    private static IEnumerable<long[]> Lines(Layout x, int dim)
    {
        long n = x.Shape[dim], inner = 1;
        for (int d = dim + 1; d < x.Rank; d++) inner *= x.Shape[d];
        for (long line = 0; n > 0 && line < x.Count / n; line++)
        {
            long first = line / inner * n * inner + line % inner;
            var indices = new long[n];
            for (long i = 0; i < n; i++) indices[i] = first + i * inner;
            yield return indices;
        }
    }

    public override void ArgReduce(in Operand x, in Operand values, in Operand indices, int dim, bool largest)
    {
        Elements from = new(x), best = new(values), places = new(indices);
        long line = 0;
        foreach (long[] at in Lines(x.Layout, dim))
        {
            long place = 0;
            for (long i = 1; i < at.Length; i++)
            {
                bool better;
                if (x.DType.IsFloatingPoint)
                {
                    double found = from.Float(at[place]), next = from.Float(at[i]);
                    better = !double.IsNaN(found) && (double.IsNaN(next) || (largest ? next > found : next < found));
                }
                else better = largest ? from.Integer(at[i]) > from.Integer(at[place]) : from.Integer(at[i]) < from.Integer(at[place]);
                if (better) place = i;
            }
            if (x.DType.IsFloatingPoint) best.Set(line, from.Float(at[place]));
            else best.Set(line, from.Integer(at[place]));
            places.Set(line++, place);
        }
    }

    public override void CumSum(in Operand x, in Operand y, int dim)
    {
        Elements from = new(x), to = new(y);
        foreach (long[] at in Lines(y.Layout, dim))
        {
            double sum = 0;
            long whole = 0;
            foreach (long i in at)
            {
                if (y.DType.IsFloatingPoint) to.Set(i, sum += from.Float(i));
                else to.Set(i, whole += from.Integer(i));
            }
        }
    }

    public override void Softmax(in Operand x, in Operand y, int dim, bool log)
    {
        Elements from = new(x), to = new(y);
        foreach (long[] at in Lines(y.Layout, dim))
        {
            double norm = LogNorm(from, at, out double max);
            foreach (long i in at)
            {
                double value = from.Float(i) - max - norm;
                to.Set(i, log ? value : Math.Exp(value));
            }
        }
    }

    /// <summary>The logarithm of the sum of e^(x - max).</summary>
    private static double LogNorm(in Elements x, long[] at, out double max)
    {
        max = double.NegativeInfinity;
        double sum = 0;
        foreach (long i in at) max = Math.Max(max, x.Float(i));
        foreach (long i in at) sum += Math.Exp(x.Float(i) - max);
        return Math.Log(sum);
    }

    public override void SoftmaxGrad(in Operand gradient, in Operand y, in Operand result, int dim, bool log)
    {
        Elements g = new(gradient, result.Layout), value = new(y, result.Layout), to = new(result);
        foreach (long[] at in Lines(result.Layout, dim))
        {
            double sum = 0;
            foreach (long i in at) sum += log ? g.Float(i) : g.Float(i) * value.Float(i);
            foreach (long i in at) to.Set(i, log ? g.Float(i) - Math.Exp(value.Float(i)) * sum : value.Float(i) * (g.Float(i) - sum));
        }
    }

    public override void CrossEntropy(in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options, in Operand losses,
        in Operand logNorms, in Operand totals)
    {
        Elements x = new(logits), label = new(labels), loss = new(losses), norm = new(logNorms), total = new(totals);
        double[] w = ClassWeights(logits, weights);
        double counted = 0, smoothing = options.LabelSmoothing;
        long row = 0;
        foreach (long[] at in Lines(logits.Layout, 1))
        {
            long y = label.Integer(row);
            double rowLoss = 0, rowNorm = 0;
            if (y != options.IgnoreIndex)
            {
                if (y < 0 || y >= at.Length) IndexError.ThrowLabel(y, row, at.Length);
                rowNorm = LogNorm(x, at, out double max) + max;
                rowLoss = (1 - smoothing) * w[y] * (rowNorm - x.Float(at[y]));
                if (smoothing > 0)
                {
                    for (int c = 0; c < at.Length; c++) rowLoss += smoothing / at.Length * w[c] * (rowNorm - x.Float(at[c]));
                }
                counted += w[y];
            }
            loss.Set(row, rowLoss);
            norm.Set(row++, rowNorm);
        }
        total.Set(0, counted);
    }

    public override void CrossEntropyGrad(in Operand gradients, in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options,
        in Operand logNorms, in Operand result)
    {
        Elements x = new(logits), label = new(labels), g = new(gradients), norm = new(logNorms), to = new(result);
        double[] w = ClassWeights(logits, weights);
        double smoothing = options.LabelSmoothing, all = w.Sum();
        long row = 0;
        foreach (long[] at in Lines(logits.Layout, 1))
        {
            long y = label.Integer(row);
            if (y != options.IgnoreIndex && (y < 0 || y >= at.Length)) IndexError.ThrowLabel(y, row, at.Length);
            for (int c = 0; c < at.Length; c++)
            {
                double slope = 0;
                if (y != options.IgnoreIndex)
                {
                    double share = Math.Exp(x.Float(at[c]) - norm.Float(row));
                    slope = (1 - smoothing) * w[y] * (share - (c == y ? 1 : 0)) + smoothing / at.Length * (share * all - w[c]);
                }
                to.Set(at[c], slope * g.Float(row));
            }
            row++;
        }
    }

    private static double[] ClassWeights(in Operand logits, in Operand? weights)
    {
        var result = new double[logits.Layout.Shape[1]];
        for (int i = 0; i < result.Length; i++) result[i] = weights is { } w ? new Elements(w).Float(i) : 1;
        return result;
    }

    public override void Update<TUpdate>(TUpdate update, ReadOnlySpan<UpdateTarget> targets)
    {
        foreach (UpdateTarget target in targets)
        {
            Elements parameter = new(target.Parameter), gradient = new(target.Gradient);
            Elements s1 = new(target.State1 ?? target.Gradient), s2 = new(target.State2 ?? target.Gradient), s3 = new(target.State3 ?? target.Gradient);
            int states = update.States;
            for (long i = 0; i < target.Parameter.Layout.Count; i++)
            {
                Real p = new(parameter.Float(i)), a = new(states > 0 ? s1.Float(i) : 0), b = new(states > 1 ? s2.Float(i) : 0),
                    c = new(states > 2 ? s3.Float(i) : 0);
                update.Invoke(ref p, new(gradient.Float(i)), ref a, ref b, ref c);
                parameter.Set(i, p.Value);
                if (states > 0) s1.Set(i, a.Value);
                if (states > 1) s2.Set(i, b.Value);
                if (states > 2) s3.Set(i, c.Value);
            }
        }
    }
}

namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    public override void MaxPool(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, ActivationKind activation)
    {
        bool relu = activation == ActivationKind.Relu;
        Elements input = new(x), result = new(y), places = new(taps ?? y);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            double best = double.NegativeInfinity;
            int place = plan.Nowhere;
            foreach ((long at, int tap) in WindowOf(plan, i))
            {
                double value = input.Float(at);
                if (place == plan.Nowhere || value > best || double.IsNaN(value)) (best, place) = (value, tap);
            }
            if (relu && best <= 0) place = plan.Nowhere;
            result.Set(i, relu && best < 0 ? 0 : best);
            if (taps is not null) places.Set(i, (long)place);
        }
    }

    public override void MaxPoolGrad(in Operand g, in Operand taps, in Operand x, PoolPlan plan)
    {
        Elements gradient = new(g), places = new(taps), result = new(x);
        var sums = new double[x.Layout.Count];
        for (long i = 0; i < g.Layout.Count; i++)
        {
            foreach ((long at, int tap) in WindowOf(plan, i))
            {
                if (places.Integer(i) == tap) sums[at] += gradient.Float(i);
            }
        }
        for (long i = 0; i < sums.Length; i++) result.Set(i, sums[i]);
    }

    public override void AveragePool(in Operand x, in Operand y, PoolPlan plan)
    {
        Elements input = new(x), result = new(y);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            double sum = 0;
            foreach ((long at, _) in WindowOf(plan, i)) sum += input.Float(at);
            result.Set(i, sum / Counted(plan, i));
        }
    }

    public override void AveragePoolGrad(in Operand g, in Operand x, PoolPlan plan)
    {
        Elements gradient = new(g), result = new(x);
        var sums = new double[x.Layout.Count];
        for (long i = 0; i < g.Layout.Count; i++)
        {
            foreach ((long at, _) in WindowOf(plan, i)) sums[at] += gradient.Float(i) / Counted(plan, i);
        }
        for (long i = 0; i < sums.Length; i++) result.Set(i, sums[i]);
    }

    /// <summary>What the sum of the window of output element i is divided by.</summary>
    private static double Counted(PoolPlan plan, long i) => plan.Divisor ?? (double)plan.Width.Divisor[i % plan.Width.Output]
        * plan.Height.Divisor[i / plan.Width.Output % plan.Height.Output] * plan.Depth.Divisor[i / plan.Width.Output / plan.Height.Output % plan.Depth.Output];

    /// <summary>
    /// The elements of the input that output element i of a pooling reads, by index in row-major order, with the elements of the kernel over them.
    /// </summary>
    private static IEnumerable<(long Input, int Tap)> WindowOf(PoolPlan plan, long i)
    {
        (PoolTable depth, PoolTable height, PoolTable width) = (plan.Depth, plan.Height, plan.Width);
        int w = (int)(i % width.Output), h = (int)(i / width.Output % height.Output), d = (int)(i / width.Output / height.Output % depth.Output);
        long plane = i / plan.OutputArea;
        for (int a = 0; a < depth.Taps[d]; a++)
        {
            for (int b = 0; b < height.Taps[h]; b++)
            {
                for (int c = 0; c < width.Taps[w]; c++)
                {
                    long line = (plane * depth.Input + depth.First[d] + a * depth.Step) * height.Input + height.First[h] + b * height.Step;
                    int tap = ((depth.Skip[d] + a) * height.Kernel + height.Skip[h] + b) * width.Kernel + width.Skip[w] + c;
                    yield return (line * width.Input + width.First[w] + c * width.Step, tap);
                }
            }
        }
    }
}

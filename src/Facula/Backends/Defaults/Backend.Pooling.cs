namespace Facula.Backends;

// Windows are picked out of planes, with one more element at the end of each that stands for all that lies outside.
internal abstract partial class Backend
{
    /// <summary>
    /// y = the largest element in each window of x, NaN counting as the largest, then the activation; -infinity where a window is empty. x [n, c, space..],
    /// y [n, c, space'..] of one floating-point type. taps, of the plan's type in the backend's <see cref="ResultLayout"/>,
    /// get the element of the kernel that stood over it, the first of several (the last NaN), or nowhere where a ReLU has made it 0.
    /// </summary>
    public virtual void MaxPool(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, ActivationKind activation)
    {
        (int n, int c, int outputs, int kernel) = (x.Layout.Shape[0], x.Layout.Shape[1], Check.Size("Pool", plan.OutputArea), plan.Taps);
        using Scratch best = new(this, [n, c, outputs, 1], x.DType), windows = new(this, [n, c, outputs, kernel], x.DType);
        Windows(x, double.NegativeInfinity, windows.Operand, plan);
        Reduce(new MaxReduce(), x.DType, best.Operand, windows.Operand);
        if (activation == ActivationKind.Relu) Map2(new WherePositiveMap(), x.DType, y, View(best.Operand, y.Layout.Shape), View(best.Operand, y.Layout.Shape));
        else Copy(View(best.Operand, y.Layout.Shape), y);
        if (taps is not { } target) return;
        using Scratch positions = new(this, [1, 1, 1, kernel], DType.Int64), inside = new(this, [1, 1, outputs, kernel], DType.Int64);
        using Scratch keys = new(this, [n, c, outputs, kernel], DType.Float64), key = new(this, [n, c, outputs, 1], DType.Float64);
        Iota(positions.Operand, 3);
        Map2(new UnlessMap(plan.InputArea, PlaceMap.Nowhere), DType.Int64, inside.Operand, View(WindowIndex(plan), 1, 1, outputs, kernel), positions.Operand);
        Map3(new PoolPlaceMap(), DType.Float64, keys.Operand, windows.Operand, best.Operand, inside.Operand);
        Reduce(new MinReduce(), DType.Float64, key.Operand, keys.Operand);
        Map2(new TapMap(plan.Nowhere, activation == ActivationKind.Relu), DType.Float64, target, View(key.Operand, target.Layout.Shape),
            View(best.Operand, target.Layout.Shape));
    }

    /// <summary>The gradient of x: at each element, the sum of the gradients of the windows in which it was the largest.</summary>
    public virtual void MaxPoolGrad(in Operand g, in Operand taps, in Operand x, PoolPlan plan)
    {
        (int n, int c, int outputs, int kernel) = (x.Layout.Shape[0], x.Layout.Shape[1], Check.Size("Pool", plan.OutputArea), plan.Taps);
        using Scratch tap = new(this, [n, c, outputs, 1], DType.Int64), places = new(this, [n, c, outputs, 1], DType.Int64);
        Operand known = View(tap.Operand, taps.Layout.Shape);
        Map2(new UnlessMap(plan.Nowhere, kernel), DType.Int64, known, taps, taps);
        Operand table = View(Table((plan, "places"), static key => Indices(key.plan, withNowhere: true)), 1, 1, outputs, kernel + 1);
        Gather(table.With(table.Layout.Expand([n, c, outputs, kernel + 1])!), tap.Operand, places.Operand, 3);
        Operand index = View(places.Operand, n, c, outputs);
        AddToPlanes(g, x, plan, (source, planes) => Scatter(source, index, planes, 2, add: true));
    }

    /// <summary>y = the sum of each window of x, divided by the number of elements that the plan counts.
    /// x [n, c, space..], y [n, c, space'..] of one floating-point type.</summary>
    public virtual void AveragePool(in Operand x, in Operand y, PoolPlan plan)
    {
        (int n, int c, int outputs, int kernel) = (x.Layout.Shape[0], x.Layout.Shape[1], Check.Size("Pool", plan.OutputArea), plan.Taps);
        DType compute = x.DType.Compute;
        using Scratch windows = new(this, [n, c, outputs, kernel], x.DType), sums = new(this, [n, c, outputs, 1], compute);
        Windows(x, 0, windows.Operand, plan);
        Reduce(new SumReduce(), compute, sums.Operand, windows.Operand);
        Map2(new DivideMap(), compute, sums.Operand, sums.Operand, View(Counted(plan), 1, 1, outputs, 1));
        Copy(View(sums.Operand, y.Layout.Shape), y);
    }

    /// <summary>The gradient of x: at each element, the sum of the gradients of the windows that read it, each divided as its sum was.</summary>
    public virtual void AveragePoolGrad(in Operand g, in Operand x, PoolPlan plan)
    {
        (int n, int c, int outputs, int kernel) = (x.Layout.Shape[0], x.Layout.Shape[1], Check.Size("Pool", plan.OutputArea), plan.Taps);
        Operand index = WindowIndex(plan), counted = View(Counted(plan), 1, 1, outputs, 1);
        AddToPlanes(g, x, plan, (source, planes) =>
        {
            using var shares = new Scratch(this, [n, c, outputs, kernel], source.DType);
            Map2(new DivideMap(), source.DType, shares.Operand, source.With(source.Layout.Unsqueeze(3)), counted);
            IndexPut(View(shares.Operand, n, c, outputs * kernel), index, planes, 2, add: true);
        });
    }

    /// <summary>What each window reads, [n, c, outputs, kernel].</summary>
    private void Windows(in Operand x, double outside, in Operand windows, PoolPlan plan)
    {
        (int n, int c, int area) = (x.Layout.Shape[0], x.Layout.Shape[1], Check.Size("Pool", plan.InputArea));
        using var planes = new Scratch(this, [n, c, Check.Size("Pool", area + 1L)], x.DType);
        Fill(planes.Operand.With(planes.Operand.Layout.Slice(2, area, 1)), outside);
        Copy(x, planes.Operand.With(InPlanes(planes.Operand.Layout, x.Layout.Shape)));
        IndexSelect(planes.Operand, WindowIndex(plan), View(windows, n, c, Check.Size("Pool", plan.OutputArea * plan.Taps)), 2);
    }

    private delegate void PlaneSum(Operand source, Operand planes);

    /// <summary>x = what is added to planes of zeros, given the gradients as [n, c, outputs] of a type that sums are taken in.</summary>
    private void AddToPlanes(in Operand g, in Operand x, PoolPlan plan, PlaneSum add)
    {
        DType compute = x.DType.Compute;
        (int n, int c) = (x.Layout.Shape[0], x.Layout.Shape[1]);
        using Scratch source = new(this, g.Layout.Shape, compute), planes = new(this, [n, c, Check.Size("Pool", plan.InputArea + 1)], compute);
        Copy(g, source.Operand);
        Fill(planes.Operand, 0.0);
        add(View(source.Operand, n, c, Check.Size("Pool", plan.OutputArea)), planes.Operand);
        Copy(planes.Operand.With(InPlanes(planes.Operand.Layout, x.Layout.Shape)), x);
    }

    /// <summary>The elements [n, c, space..] at the beginning of the planes [n, c, area + 1].</summary>
    private static Layout InPlanes(Layout planes, int[] shape) =>
        new(shape, [planes.Strides[0], planes.Strides[1], .. Layout.Contiguous(shape[2..]).Strides], planes.Offset);

    /// <summary>Which element of its plane, or the one after the last, each element of each window is, [outputs * kernel].</summary>
    private Operand WindowIndex(PoolPlan plan) => Table((plan, "windows"), static key => Indices(key.plan, withNowhere: false));

    /// <summary>What the sum of each window is divided by, [outputs].</summary>
    private Operand Counted(PoolPlan plan) => Table((plan, "counted"), static key =>
    {
        PoolPlan plan = key.plan;
        var counted = new double[plan.OutputArea];
        for (int i = 0; i < counted.Length; i++)
        {
            (int d, int h, int w) = Position(plan, i);
            counted[i] = plan.Divisor ?? (double)plan.Depth.Divisor[d] * plan.Height.Divisor[h] * plan.Width.Divisor[w];
        }
        return counted;
    });

    private static long[] Indices(PoolPlan plan, bool withNowhere)
    {
        (PoolTable depth, PoolTable height, PoolTable width) = (plan.Depth, plan.Height, plan.Width);
        int taps = plan.Taps, row = taps + (withNowhere ? 1 : 0);
        var indices = new long[Check.Size("Pool", plan.OutputArea * row)];
        Array.Fill(indices, plan.InputArea);
        for (int i = 0; i < plan.OutputArea; i++)
        {
            (int d, int h, int w) = Position(plan, i);
            for (int a = 0; a < depth.Taps[d]; a++)
            {
                for (int b = 0; b < height.Taps[h]; b++)
                {
                    long line = ((long)(depth.First[d] + a * depth.Step) * height.Input + height.First[h] + b * height.Step) * width.Input;
                    int tap = ((depth.Skip[d] + a) * height.Kernel + height.Skip[h] + b) * width.Kernel + width.Skip[w];
                    for (int k = 0; k < width.Taps[w]; k++) indices[(long)i * row + tap + k] = line + width.First[w] + k * width.Step;
                }
            }
        }
        return indices;
    }

    private static (int Depth, int Height, int Width) Position(PoolPlan plan, int i) =>
        (i / plan.WidthAxis.Output / plan.HeightAxis.Output, i / plan.WidthAxis.Output % plan.HeightAxis.Output, i % plan.WidthAxis.Output);
}

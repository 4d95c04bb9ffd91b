namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    // Indices of a line of which each thread can well look at all.
    private const int FewIndices = 256;

    private readonly KernelCache<GatherKey> _gathers = new(GatherKernel.Build);
    private readonly KernelCache<ScatterKey> _scatters = new(ScatterKernel.Build);

    public override void Gather(in Operand x, in Operand index, in Operand y, int dim, string operation = "") =>
        Gather(x, index, y, dim, PlacesOf(index), operation);

    public override void IndexSelect(in Operand x, in Operand index, in Operand y, int dim, string operation = "") =>
        Gather(x, ExpandIndex(index, y.Layout, dim), y, dim, PlacesAlong(y.Layout, dim), operation);

    private void Gather(in Operand x, in Operand index, in Operand y, int dim, in Operand places, string operation)
    {
        if (y.Layout.Count == 0) return;
        var strides = (long[])x.Layout.Strides.Clone();
        strides[dim] = 0;
        DType bits = BitsOf(y.DType);
        Layout?[] layouts = [y.Layout, new(y.Layout.Shape, strides, x.Layout.Offset), index.Layout, places.Layout];
        int[] sizes = [bits.Size, bits.Size, sizeof(long), 0];
        var plan = new ElementPlan(y.Layout.Shape, layouts, sizes, 1);
        if (plan.AccessOf(2) == Access.Splat)
        {
            // Several elements of a slice at once, where slices begin at such places too.
            int lanes = 16 / bits.Size;
            while (lanes > 1 && x.Layout.Strides[dim] % lanes != 0) lanes /= 2;
            for (; lanes > 1; lanes = plan.Lanes / 2)
            {
                plan = new(y.Layout.Shape, layouts, sizes, lanes);
                if (!plan.HasTail) break;
            }
            if (plan.HasTail) plan = new(y.Layout.Shape, layouts, sizes, 1);
        }
        var key = new ElementKey(default, DType.Int64, plan.Rank, plan.Lanes, false, plan.IsWide, new(plan.AccessOf(0), bits), new(plan.AccessOf(1), bits),
            new(plan.AccessOf(2), DType.Int64), new(Access.Place, DType.Int64));
        using CudaLaunch launch = Start(_gathers, new(key), operation);
        launch.Add(y);
        launch.Add(x);
        launch.Add(index);
        AddCount(launch, plan.Work, plan.IsWide);
        ElementWalk.Add(in launch, key, plan);
        launch.Add((long)x.Layout.Shape[dim]);
        launch.Add(x.Layout.Strides[dim] / plan.Lanes);
        launch.AddIndexError(operation, dim);
        launch.Run(BlocksOf(plan.Work, GatherKernel.Threads));
    }

    public override void Scatter(in Operand x, in Operand index, in Operand y, int dim, bool add, string operation = "")
    {
        if (index.Layout.Count == 0) return;
        if (index.Layout.Shape[dim] <= FewIndices)
        {
            Scatter(x, index, index, PlacesOf(index), isSorted: false, y, dim, add, operation);
            return;
        }
        using Scratch sorted = new(this, index.Layout.Shape, DType.Int64), order = new(this, index.Layout.Shape, DType.Int64);
        Sort(index, sorted.Operand, order.Operand, dim, descending: false);
        Scatter(x, sorted.Operand, order.Operand, PlacesOf(index), isSorted: true, y, dim, add, operation);
    }

    public override void IndexPut(in Operand x, in Operand index, in Operand y, int dim, bool add, string operation = "")
    {
        if (x.Layout.Count == 0) return;
        Operand places = PlacesAlong(x.Layout, dim);
        if (index.Layout.Count <= FewIndices)
        {
            Operand every = ExpandIndex(index, x.Layout, dim);
            Scatter(x, every, every, places, isSorted: false, y, dim, add, operation);
            return;
        }
        using Scratch sorted = new(this, index.Layout.Shape, DType.Int64), order = new(this, index.Layout.Shape, DType.Int64);
        Sort(index, sorted.Operand, order.Operand, 0, descending: false);
        Scatter(x, ExpandIndex(sorted.Operand, x.Layout, dim), ExpandIndex(order.Operand, x.Layout, dim), places, isSorted: true, y, dim, add, operation);
    }

    private void Scatter(in Operand x, in Operand index, in Operand order, in Operand places, bool isSorted, in Operand y, int dim, bool add, string operation)
    {
        int[] shape = index.Layout.Shape;
        // In the dimensions that tell lines apart, x and y may be longer than the index.
        Operand target = y.With(new(shape, y.Layout.Strides, y.Layout.Offset)), source = x.With(new(shape, x.Layout.Strides, x.Layout.Offset));
        ElementPlan plan = LineStarts.PlanOf(dim, [target, source, index, order, places]);
        long length = shape[dim];
        bool isAlong = plan.Count == 1 || Math.Abs(x.Layout.Strides[dim]) <= Math.Abs(plan.Stride(1, plan.Rank - 1));
        using CudaLaunch launch = Start(_scatters, new(add ? y.DType : BitsOf(y.DType), add, isSorted, plan.Rank, isAlong), operation);
        LineStarts.Add(in launch, plan, dim, [y, x, index, order, places]);
        launch.Add((ulong)plan.Count);
        launch.Add(length);
        launch.Add((long)y.Layout.Shape[dim]);
        launch.AddIndexError(operation, dim);
        launch.Run(BlocksOf(plan.Count * length, ScatterKernel.Threads));
    }

    /// <summary>The positions of the elements of an index in row-major order; no memory.</summary>
    private static Operand PlacesOf(in Operand index) => new(null!, Layout.Contiguous(index.Layout.Shape), DType.Int64);

    /// <summary>The same for an index of rank 1, in the shape of what it picks.</summary>
    private static Operand PlacesAlong(Layout picked, int dim)
    {
        var strides = new long[picked.Rank];
        strides[dim] = 1;
        return new(null!, new Layout(picked.Shape, strides, 0), DType.Int64);
    }

    /// <summary>A type of the same size, where what the bits mean is all one.</summary>
    private static DType BitsOf(DType type) => type.Size switch
    {
        1 => DType.UInt8,
        2 => DType.Int16,
        4 => DType.Int32,
        _ => DType.Int64,
    };
}

using System.Runtime.CompilerServices;

namespace Facula;

/// <summary>Elements picked by index tensors. Its gradient adds up where an element was picked more than once.</summary>
internal sealed class PickNode(AdvancedIndex at) : IndexNode(at)
{
    public override string Name => "index";

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = Tensor.PutIntoZeros(gradient, Index);
}

/// <summary>Zeros to which values have been added where index tensors say: the gradient of picking.</summary>
internal sealed class PutNode(AdvancedIndex at) : IndexNode(at)
{
    public override string Name => "indexGrad";

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = Tensor.Pick(gradient, Index);
}

/// <summary>A tensor in which a part has been replaced: what was there gets no gradient, and the new values get that of their places.</summary>
internal sealed class AssignNode(IndexPlan plan) : IndexNode(plan.HasTensors ? plan.Advanced : null)
{
    public override string Name => "set";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        AdvancedIndex? at = HasIndex ? Index : null;
        if (into.Wants(0)) into[0] = Tensor.Assign(gradient, plan, at, Tensor.Zeros([], gradient.DType, gradient.Device));
        if (!into.Wants(1)) return;
        Tensor part = plan.HasBasic ? Tensor.View(plan.Basic, gradient) : gradient;
        if (at is not null)
        {
            part = Tensor.Pick(part, at);
            if (!at.IsUnique) part = Tensor.Where(Tensor.LastWriters(at), part, Tensor.Wrap(0.0, part.Device));
        }
        into[1] = part;
    }
}

/// <summary>A node that keeps index tensors.</summary>
internal abstract class IndexNode(AdvancedIndex? at) : Node
{
    private readonly Saved[] _saved = at is null ? [] : Array.ConvertAll(at.Indices, index => new Saved(index));

    protected bool HasIndex => at is not null;

    protected AdvancedIndex Index => at!.With(Array.ConvertAll(_saved, saved => Unpack(saved)));

    protected override void ReleaseMore()
    {
        foreach (Saved saved in _saved) saved.Release();
    }
}

public partial class Tensor
{
    /// <summary>
    /// A part of the tensor, as in NumPy and PyTorch: <c>t[0]</c>, <c>t[^1]</c>, <c>t[1..3]</c>, <c>t[.., 2]</c>, <c>t[TensorIndex.Ellipsis, 0]</c>,
    /// <c>t[mask]</c>, <c>t[rows, columns]</c>. Integers, ranges, NewAxis and Ellipsis give a view of the same elements; index tensors and masks give
    /// a copy, in which gradients flow back to where the elements came from. Index tensors broadcast together; their shape stands in place of the
    /// dimensions they index if those are neighbours, else in front. Negative indices count from the end.
    /// Setting changes this tensor in place, from a tensor that broadcasts to the part, or a number; where an index tensor names an element twice,
    /// the last value stays. torch.Tensor.__getitem__, __setitem__.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is out of range; the message names the dimension and its size.</exception>
    /// <exception cref="ArgumentException">Too many indices, a mask of another shape, index tensors that do not broadcast or are not of integers, or a value of another shape.</exception>
    /// <exception cref="InvalidOperationException">Set on a leaf that requires gradients while operations are recorded, or on a view of a tensor in a graph.</exception>
    [IndexerName("Part")]
    public Tensor this[params ReadOnlySpan<TensorIndex> index]
    {
        get
        {
            var plan = new IndexPlan(this, index);
            if (!plan.HasTensors) return View(plan.Basic, this);
            return Pick(plan.HasBasic ? View(plan.Basic, this) : this, plan.Advanced);
        }
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Set(new IndexPlan(this, index), value);
        }
    }

    /// <summary>The elements that the index tensors name.</summary>
    internal static Tensor Pick(Tensor x, AdvancedIndex at)
    {
        Tensor y = Allocate(Layout.Contiguous(at.ResultShape), x.DType, x.Device);
        at.Read(x, y);
        return GradMode.Records(x) ? new PickNode(at).Record(y, x) : y;
    }

    /// <summary>Zeros of the indexed shape, to which the values have been added at their places.</summary>
    internal static Tensor PutIntoZeros(Tensor values, AdvancedIndex at)
    {
        // Sums of 16-bit floats are taken in float.
        DType wide = values.DType is DType.Float16 or DType.BFloat16 ? DType.Float32 : values.DType;
        Tensor terms = wide == values.DType ? values : values.CopyData(wide, values.Device), sums = Zeros(new Shape(at.Shape), wide, values.Device);
        at.Write(terms, sums, sums.Layout, add: true);
        Tensor y = wide == values.DType ? sums : sums.CopyData(values.DType, values.Device);
        return GradMode.Records(values) ? new PutNode(at).Record(y, values) : y;
    }

    /// <summary>Which of the values that an index names are those that stay when they are written in order.</summary>
    internal static Tensor LastWriters(AdvancedIndex at)
    {
        using GradModeScope scope = Autograd.NoGrad();
        Device device = at.Indices[0].Device;
        Tensor numbers = Arange(new Shape(at.ResultShape).Elements, device: device).Reshape(at.ResultShape);
        Tensor last = Empty(new Shape(at.Shape), DType.Int64, device);
        at.Write(numbers, last, last.Layout, add: false);
        return Pick(last, at) == numbers;
    }

    private void Set(IndexPlan plan, Tensor value)
    {
        if (value.Device != Device && value.Rank > 0) Check.SameDevice("Index", this, value);
        value = value.To(DType, Device);
        Tensor? mask = value.Count == 1 && value.Rank == 0 ? plan.Mask?.To(Device) : null;
        if (mask is null) value = Fit(value, plan.ResultShape);
        bool records = BeginInPlace("set", value.RequiresGrad);
        if (mask is not null && !plan.HasBasic)
        {
            if (records) Become(Where(mask, value, Before()));
            else
            {
                Device.Backend.Map3(new WhereMap(), DType, Operand, mask.Operand, value.Operand, Operand);
                Changed();
            }
            return;
        }
        if (records)
        {
            Become(Assign(Before(), plan, plan.HasTensors ? plan.Advanced : null, value));
            return;
        }
        Write(this, plan, plan.HasTensors ? plan.Advanced : null, value);
        Changed();
    }

    /// <summary>The value without leading dimensions of size 1 that the part has not; it must broadcast to the part.</summary>
    private static Tensor Fit(Tensor value, int[] part)
    {
        int extra = 0;
        while (value.Rank - extra > part.Length && value.Layout.Shape[extra] == 1) extra++;
        Tensor fit = extra == 0 ? value : value.Reshape(value.Layout.Shape.AsSpan(extra));
        if (fit.Layout.Expand(part) is null)
            throw new ArgumentException($"Index: a value of shape {value.Shape} does not broadcast to the part that is set, of shape {new Shape(part)}.");
        return fit;
    }

    /// <summary>A copy in which a part has been replaced.</summary>
    internal static Tensor Assign(Tensor x, IndexPlan plan, AdvancedIndex? at, Tensor value)
    {
        Tensor y = x.CopyData();
        Write(y, plan, at, value);
        return GradMode.Records(x, value) ? new AssignNode(plan).Record(y, x, value) : y;
    }

    private static void Write(Tensor target, IndexPlan plan, AdvancedIndex? at, Tensor value)
    {
        Layout part = plan.HasBasic ? plan.Basic.Apply(target.Layout) : target.Layout;
        if (at is not null)
        {
            at.Write(value, target, part, add: false);
            return;
        }
        // A value that overlaps the part is read whole before it is written over.
        Tensor source = ReferenceEquals(value.Storage, target.Storage) ? value.CopyData() : value;
        target.Device.Backend.Copy(source.Operand.With(source.Layout.Expand(part.Shape)!), target.Operand.With(part));
    }
}

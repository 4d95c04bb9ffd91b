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

/// <summary>A tensor in which elements have been replaced: what was there gets no gradient, and the new values get that of their places.</summary>
internal sealed class AssignNode(BasicIndexOp? basic, AdvancedIndex at) : IndexNode(at)
{
    public override string Name => "set";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        AdvancedIndex places = Index;
        if (into.Wants(0)) into[0] = Tensor.Assign(gradient, basic, places, Tensor.Zeros([], gradient.DType, gradient.Device));
        if (!into.Wants(1)) return;
        Tensor part = Tensor.Pick(basic is { } view ? Tensor.View(view, gradient) : gradient, places);
        if (!places.IsUnique) part = Tensor.Where(Tensor.LastWriters(places), part, 0.0);
        into[1] = part;
    }
}

/// <summary>A node that keeps index tensors.</summary>
internal abstract class IndexNode : Node
{
    private readonly AdvancedIndex _at;
    private readonly int _count;

    protected IndexNode(AdvancedIndex at)
    {
        (_at, _count) = (at.With([]), at.Indices.Length);
        SaveMore(at.Indices);
    }

    protected AdvancedIndex Index
    {
        get
        {
            var indices = new Tensor[_count];
            for (int i = 0; i < indices.Length; i++) indices[i] = More(i);
            return _at.With(indices);
        }
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
    /// <remarks>
    /// Masks and index tensors of rank 0 wait for the device, because the shape or the place of the part hangs on their values. That an index tensor's index is
    /// out of range is an error at once on the processor; a device that works by itself may say so where an element is next read.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">An index is out of range; the message names the dimension and its size.</exception>
    /// <exception cref="ArgumentException">
    /// Too many indices, a mask of another shape, index tensors that do not broadcast or are not of integers, or a value of another shape,
    /// or a number beyond this type's range.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// Set, while operations are recorded, on a leaf that requires gradients or a view of one, or on a view of what takes part in a graph that was made
    /// together with others (Split, Chunk, Unbind) or in NoGrad. Or the part that is set repeats elements, and the value is not a single one.
    /// </exception>
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
        DType wide = values.DType.Kind is ElementType.Float16 or ElementType.BFloat16 ? DType.Float32 : values.DType;
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
        Tensor numbers = Iota([Check.Size("Index", new Shape(at.ResultShape).Elements)], 0, device).Reshape(at.ResultShape);
        Tensor last = Empty(new Shape(at.Shape), DType.Int64, device);
        at.Write(numbers, last, last.Layout, add: false);
        return Pick(last, at) == numbers;
    }

    private void Set(IndexPlan plan, Tensor value)
    {
        if (value.Rank > 0 || value.Device != Device.Cpu) Check.SameDevice("Index", this, value);
        Node? made = value._node;
        value = InThisType("Index", value);
        Tensor? mask = value.Count == 1 && value.Rank == 0 ? plan.Mask?.To(Device) : null;
        if (mask is null) value = Fit(value, plan.ResultShape);
        Layout part = plan.HasBasic ? plan.Basic.Apply(Layout) : Layout;
        bool records = BeginInPlace("set", value.RequiresGrad, mayRepeat: true);
        // x[0] *= y is x[0] = x[0] * y, and has saved the part that is now overwritten.
        if (records) made?.CopySaved(Buffer);
        if (!plan.HasTensors)
        {
            if (part.HasInternalOverlap && value.Count != 1)
                throw new InvalidOperationException($"Index: the part that is set, of shape {new Shape(part.Shape)}, is expanded: " +
                    "several of its elements are one in memory. Clone() this tensor first.");
            Write(value, part);
            if (records) RecordOverwrite(part, value);
        }
        else if (records)
            SetValueAndHistory(mask is not null && !plan.HasBasic ? Where(mask, value, Before())
                : Assign(Before(), plan.HasBasic ? plan.Basic : null, plan.Advanced, value));
        else if (mask is not null && !plan.HasBasic)
        {
            Device.Backend.Map3(new WhereMap(), DType, Operand, mask.Operand, value.Operand, Operand);
            Changed();
        }
        else
        {
            plan.Advanced.Write(value, this, part, add: false);
            Changed();
        }
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

    /// <summary>A copy in which the elements that index tensors name have been replaced.</summary>
    internal static Tensor Assign(Tensor x, BasicIndexOp? basic, AdvancedIndex at, Tensor value)
    {
        Tensor y = x.CopyData();
        at.Write(value, y, basic is { } view ? view.Apply(y.Layout) : y.Layout, add: false);
        return GradMode.Records(x, value) ? new AssignNode(basic, at).Record(y, x, value) : y;
    }
}

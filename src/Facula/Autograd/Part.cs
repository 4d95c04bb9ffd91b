namespace Facula;

/// <summary>
/// A part of a tensor, given by the layouts that both have in one storage, however the part came about: what a view takes its history from after its
/// root was changed in place.
/// </summary>
internal sealed class PartNode(Layout whole, Layout part) : Node
{
    public const string ViewName = "asStrided";

    public override string Name => ViewName;

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = Tensor.EmbedPart(gradient, whole, part);
}

/// <summary>Zeros with values in a part: the gradient of <see cref="PartNode"/>.</summary>
internal sealed class EmbedPartNode(Layout whole, Layout part) : Node
{
    public override string Name => "asStridedGrad";

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = Tensor.ShowPart(gradient, whole, part);
}

/// <summary>A tensor in which a part has been overwritten: what was there gets no gradient, and the new values get that of their places.</summary>
internal sealed class OverwriteNode(Layout whole, Layout part) : Node
{
    public override string Name => "copySlices";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = Tensor.ClearPart(gradient, whole, part);
        if (into.Wants(1)) into[1] = Tensor.ShowPart(gradient, whole, part);
    }
}

public partial class Tensor
{
    /// <summary>The part of x, of the shape of the whole, that corresponds to the part.</summary>
    internal static Tensor ShowPart(Tensor x, Layout whole, Layout part)
    {
        Tensor laid = whole.IsContiguous && x.Layout.IsContiguous ? x : LaidOut(x, whole);
        Tensor y = laid.Alias(Within(laid, whole, part));
        if (ReferenceEquals(laid, x)) y.SetView(x, ViewKind.Single);
        else laid.Dispose();
        return GradMode.Records(x) ? new PartNode(whole, part).Record(y, x) : y;
    }

    /// <summary>Zeros of the shape of the whole, with the values in the part.</summary>
    internal static Tensor EmbedPart(Tensor values, Layout whole, Layout part)
    {
        for (int d = 0; d < part.Rank; d++)
        {
            if (part.Strides[d] == 0) part = part.Slice(d, 0, Math.Min(1, part.Shape[d]));
        }
        values = values.SumTo(part.Shape);
        Tensor y = LaidOut(null, whole, values);
        y.Device.Backend.Copy(values.Operand, y.Operand.With(Within(y, whole, part)));
        return GradMode.Records(values) ? new EmbedPartNode(whole, part).Record(y, values) : y;
    }

    /// <summary>A copy of x, of the shape of the whole, with zeros in the part.</summary>
    internal static Tensor ClearPart(Tensor x, Layout whole, Layout part)
    {
        Tensor y = LaidOut(x, whole);
        y.Device.Backend.Fill(y.Operand.With(Within(y, whole, part)), 0.0);
        return GradMode.Records(x) ? new OverwriteNode(whole, part).Record(y, x, null) : y;
    }

    private static Layout Within(Tensor laid, Layout whole, Layout part) => new(part.Shape, part.Strides, part.Offset - whole.Offset + laid.Layout.Offset);

    /// <summary>A copy of x, or zeros like the other tensor, with the whole's strides, so that its parts lie in it as in the whole.</summary>
    private static Tensor LaidOut(Tensor? x, Layout whole, Tensor? like = null)
    {
        Tensor model = x ?? like!;
        if (whole.IsContiguous) return x?.CopyData() ?? Zeros(new Shape(whole.Shape), model.DType, model.Device);
        long extent = 1;
        for (int d = 0; d < whole.Rank; d++) extent += (whole.Shape[d] - 1) * whole.Strides[d];
        using Tensor memory = Zeros([Check.Size("Backward", extent, "the extent of the memory that a changed view shares")], model.DType, model.Device);
        Tensor y = memory.Alias(new(whole.Shape, whole.Strides, 0));
        if (x is not null) y.Device.Backend.Copy(x.Operand, y.Operand);
        return y;
    }
}

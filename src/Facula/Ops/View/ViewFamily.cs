namespace Facula;

/// <summary>An operation that only looks at the same elements in another way: a function from layout to layout.</summary>
internal interface IViewOp
{
    static abstract string Name { get; }

    /// <summary>Whether the result may be a copy, as that of Reshape.</summary>
    static virtual bool MayCopy => false;

    /// <summary>The new layout, or null where the elements must be copied first.</summary>
    Layout? Apply(Layout x);

    /// <summary>The way back for a gradient, where the view shows every element once; null where it picks some: then they are put into zeros.</summary>
    Tensor? Invert(Tensor gradient, Layout x) => null;
}

public partial class Tensor
{
    internal static Tensor View<TOp>(TOp op, Tensor x) where TOp : struct, IViewOp
    {
        if (!TOp.MayCopy) x.EnsureRowMajor();
        Layout? layout = x.Layout is { IsChannelsLast: true, IsContiguous: false } ? null : op.Apply(x.Layout);
        bool copies = layout is null;
        Tensor source = copies ? x.CopyData(TOp.Name) : x;
        Tensor y = source.Alias(layout ?? op.Apply(source.Layout)!);
        if (copies) source.Dispose();
        else y.SetView(x, ViewKind.Single);
        return GradMode.Records(x) ? new ViewNode<TOp>(op, x.Layout).Record(y, x) : y;
    }

    /// <summary>Zeros of the shape in which the part that the view shows has the given values: the gradient of a view.</summary>
    private static Tensor Embed<TOp>(TOp op, Tensor values, Layout shape) where TOp : struct, IViewOp
    {
        Tensor y = Zeros(new Shape(shape.Shape), values.DType, values.Device);
        values.Device.Backend.Copy(values.Operand, y.Operand.With(op.Apply(y.Layout)!));
        return GradMode.Records(values) ? new EmbedNode<TOp>(op).Record(y, values) : y;
    }

    private sealed class ViewNode<TOp>(TOp op, Layout x) : Node where TOp : struct, IViewOp
    {
        public override string Name => TOp.Name;

        protected override void Backward(Tensor gradient, Gradients into) => into[0] = op.Invert(gradient, x) ?? Embed(op, gradient, x);
    }

    private sealed class EmbedNode<TOp>(TOp op) : Node where TOp : struct, IViewOp
    {
        public override string Name => TOp.Name + "Grad";

        protected override void Backward(Tensor gradient, Gradients into) => into[0] = View(op, gradient);
    }
}

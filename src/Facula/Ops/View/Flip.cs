namespace Facula;

internal sealed class FlipNode(int[] dims) : Node
{
    public override string Name => "flip";

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = gradient.Flip(dims);
}

public partial class Tensor
{
    /// <summary>A copy with the order of the elements along the dimensions reversed. torch.flip.</summary>
    public Tensor Flip(params ReadOnlySpan<int> dims)
    {
        int[] reversed = dims.Length == 0 || Rank == 0 ? [] : Check.Dims("Flip", dims, Rank);
        long[] strides = (long[])Layout.Strides.Clone();
        long offset = Layout.Offset;
        foreach (int d in reversed)
        {
            offset += Math.Max(0, Layout.Shape[d] - 1) * strides[d];
            strides[d] = -strides[d];
        }
        // Only kernels ever see negative strides: a view never has them.
        Tensor y = Allocate(Layout, DType, Device);
        Device.Backend.Copy(Operand.With(new Layout(Layout.Shape, strides, offset)), y.Operand);
        return GradMode.Records(this) ? new FlipNode(reversed).Record(y, this) : y;
    }

    /// <summary>A copy with the elements moved along a dimension; what leaves at the end comes in at the start. torch.roll.</summary>
    public Tensor Roll(int shift, int dim) => Roll([shift], [dim]);

    /// <summary>Rolls several dimensions; without dims, the elements as one line. torch.roll.</summary>
    /// <exception cref="ArgumentException">Not as many shifts as dimensions.</exception>
    public Tensor Roll(ReadOnlySpan<int> shifts, ReadOnlySpan<int> dims = default)
    {
        if (dims.Length == 0 && shifts.Length == 1) return Flatten().Roll(shifts, [0]).Reshape(Layout.Shape);
        if (dims.Length != shifts.Length) throw new ArgumentException($"Roll: {shifts.Length} shifts for {dims.Length} dimensions.");
        Tensor y = this;
        for (int i = 0; i < dims.Length; i++)
        {
            int d = Check.Dim("Roll", dims[i], Rank), size = Rank == 0 ? 0 : Layout.Shape[d];
            if (size < 2) continue;
            int start = (int)(((long)size - shifts[i] % size) % size);
            y = start == 0 ? y : Cat([y.Narrow(d, start, size - start), y.Narrow(d, 0, start)], d);
        }
        return ReferenceEquals(y, this) ? Clone() : y;
    }
}

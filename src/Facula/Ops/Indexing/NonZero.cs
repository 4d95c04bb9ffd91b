namespace Facula;

public partial class Tensor
{
    /// <summary>
    /// The indices of the elements that are not zero, in row-major order: an Int64 matrix with a row for each and a column for each dimension. Waits for the
    /// device. torch.nonzero.
    /// </summary>
    public Tensor NonZero()
    {
        int count = Check.Size("NonZero", Device.Backend.CountNonZero(Operand), "the number of rows, one for each element that is not zero,");
        Tensor y = Allocate(Layout.Contiguous([count, Rank]), DType.Int64, Device);
        Device.Backend.NonZero(Operand, y.Operand);
        return y;
    }

    /// <summary>The indices of the elements where the condition holds, a tensor for each dimension: what <c>t[...]</c> takes. torch.where(condition).</summary>
    public static Tensor[] Where(Tensor condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        if (condition.Rank == 0) condition = condition.Reshape(1);
        Tensor positions = condition.NonZero();
        return [.. Enumerable.Range(0, condition.Rank).Select(d => positions.Select(1, d))];
    }
}

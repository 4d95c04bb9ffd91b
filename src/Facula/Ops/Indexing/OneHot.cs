namespace Facula;

public partial class Tensor
{
    /// <summary>
    /// Class labels as Int64 rows that are 1 at the label and 0 elsewhere, along a new last dimension. torch.nn.functional.one_hot.
    /// </summary>
    /// <param name="numClasses">How long the rows are; -1 for one more than the largest label, to find which waits for the device.</param>
    /// <exception cref="ArgumentOutOfRangeException">A label is negative, or not less than numClasses.</exception>
    /// <exception cref="ArgumentException">The labels are not integers, or there are none to count the classes by.</exception>
    public Tensor OneHot(int numClasses = -1)
    {
        Tensor labels = Positions("OneHot", this);
        if (numClasses < 0)
        {
            if (Count == 0) throw new ArgumentException("OneHot: of no labels the number of classes cannot be told; give numClasses.");
            numClasses = Check.Size("OneHot", Math.Min((long)labels.Max(), long.MaxValue - 1) + 1, "the number of classes, one more than the largest label,");
        }
        Tensor y = Filled("OneHot", [.. Layout.Shape, numClasses], 0, DType.Int64, Device, false);
        return y.ScatterInPlace(-1, labels.Unsqueeze(-1), 1);
    }
}

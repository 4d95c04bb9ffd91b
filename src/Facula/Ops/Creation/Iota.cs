namespace Facula;

public partial class Tensor
{
    /// <summary>An Int64 tensor whose elements are their coordinates along a dimension, made on the device. StableHLO's iota.</summary>
    internal static Tensor Iota(int[] shape, int dim, Device device)
    {
        Tensor y = Allocate(Layout.Contiguous(shape), DType.Int64, device);
        device.Backend.Iota(y.Operand, dim);
        return y;
    }

    /// <summary>0, 1, ... along one dimension, in a shape that broadcasts over tensors of a rank.</summary>
    internal static Tensor IotaAlong(int size, int dim, int rank, Device device)
    {
        var shape = new int[rank];
        Array.Fill(shape, 1);
        shape[dim] = size;
        return Iota(shape, dim, device);
    }
}

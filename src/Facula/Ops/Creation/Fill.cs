namespace Facula;

public partial class Tensor
{
    /// <summary>A tensor of zeros. torch.zeros.</summary>
    public static Tensor Zeros(params Shape shape) => Filled("Zeros", shape, 0.0, DType.Float32, null, false);
    /// <summary>A tensor of zeros of a type, on a device. torch.zeros.</summary>
    public static Tensor Zeros(Shape shape, DType dtype = DType.Float32, Device? device = null, bool requiresGrad = false) =>
        Filled("Zeros", shape, 0.0, dtype, device, requiresGrad);

    /// <summary>A tensor of ones. torch.ones.</summary>
    public static Tensor Ones(params Shape shape) => Filled("Ones", shape, 1.0, DType.Float32, null, false);
    /// <summary>A tensor of ones of a type, on a device. torch.ones.</summary>
    public static Tensor Ones(Shape shape, DType dtype = DType.Float32, Device? device = null, bool requiresGrad = false) =>
        Filled("Ones", shape, 1.0, dtype, device, requiresGrad);

    /// <summary>
    /// A tensor of one value; its type is that of the value (Float32 for floating-point ones) unless given. An integer type cuts off what is behind the point. torch.full.
    /// </summary>
    /// <exception cref="ArgumentException">A size is negative, or the value is beyond the range of the type (but uint8 takes -255 to -1 as 1 to 255, as in PyTorch).</exception>
    public static Tensor Full(Shape shape, Scalar value, DType? dtype = null, Device? device = null, bool requiresGrad = false)
    {
        DType type = dtype ?? (value.DType == DType.Float64 ? DType.Float32 : value.DType);
        value.CheckFits("Full", type);
        return Filled("Full", shape, value, type, device, requiresGrad);
    }

    private static Tensor Filled(string operation, Shape shape, Scalar value, DType dtype, Device? device, bool requiresGrad)
    {
        Tensor y = New(operation, shape, dtype, device);
        y.Device.Backend.Fill(y.Operand, value);
        y.RequiresGrad = requiresGrad;
        return y;
    }

    /// <summary>A tensor whose elements are whatever the memory held. torch.empty.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Empty(Shape shape, DType dtype = DType.Float32, Device? device = null, bool requiresGrad = false)
    {
        Tensor y = New("Empty", shape, dtype, device);
        y.RequiresGrad = requiresGrad;
        return y;
    }

    /// <summary>What every tensor of a shape that a caller has chosen begins as.</summary>
    private static Tensor New(string operation, Shape shape, DType dtype, Device? device)
    {
        foreach (int size in shape.Sizes)
        {
            if (size < 0) throw new ArgumentException($"{operation}: {shape} is no shape: sizes are not negative.", nameof(shape));
        }
        return Allocate(Layout.Contiguous(shape.Sizes, operation), dtype, device ?? Device.Cpu, operation);
    }

    /// <summary>Zeros of this tensor's shape, type and device. torch.zeros_like.</summary>
    public Tensor ZerosLike(DType? dtype = null) => Full(Shape, 0.0, dtype ?? DType, Device);
    /// <summary>Ones of this tensor's shape, type and device. torch.ones_like.</summary>
    public Tensor OnesLike(DType? dtype = null) => Full(Shape, 1.0, dtype ?? DType, Device);
    /// <summary>One value in this tensor's shape, type and device. torch.full_like.</summary>
    /// <exception cref="ArgumentException">The value is beyond the type's range.</exception>
    public Tensor FullLike(Scalar value, DType? dtype = null) => Full(Shape, value, dtype ?? DType, Device);
    /// <summary>An uninitialised tensor of this one's shape, type and device. torch.empty_like.</summary>
    public Tensor EmptyLike(DType? dtype = null) => Empty(Shape, dtype ?? DType, Device);

    /// <summary>A plain number as the only element of a tensor of another's type.</summary>
    private Tensor NumberLikeThis(string operation, Scalar value)
    {
        value.CheckFits(operation, DType);
        return Full([], value, DType, Device);
    }

    /// <summary>What is to be written into this tensor, in its type; plain numbers must fit that.</summary>
    private Tensor InThisType(string operation, Tensor value)
    {
        if (value.DType != DType) value.Operand.Immediate?.CheckFits(operation, DType);
        return value.To(DType, Device);
    }

    /// <summary>Sets every element. torch.Tensor.fill_.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ArgumentException">The value is beyond the range of this tensor's type.</exception>
    public Tensor FillInPlace(Scalar value)
    {
        value.CheckFits("FillInPlace", DType);
        bool records = BeginInPlace("fill", false, mayRepeat: true);
        // What expanding repeats is written once.
        Device.Backend.Fill(Operand.With(Layout.Once), value);
        Changed();
        if (records) RecordOverwrite(Layout, null);
        return this;
    }

    /// <summary>Sets every element to zero. torch.Tensor.zero_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor ZeroInPlace() => FillInPlace(0.0);
}

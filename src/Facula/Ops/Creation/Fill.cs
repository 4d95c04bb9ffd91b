namespace Facula;

public partial class Tensor
{
    /// <summary>A tensor of zeros. torch.zeros.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Zeros(params Shape shape) => Filled("Zeros", shape, 0.0, null, null, false);
    /// <summary>A tensor of zeros, of a type (Float32 if null), on a device (<see cref="Device.Default"/> if null). torch.zeros.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Zeros(Shape shape, DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        Filled("Zeros", shape, 0.0, dtype, device, requiresGrad);
    /// <summary>The same with the sizes one by one: <c>Tensor.Zeros(2, 3, requiresGrad: true)</c>. torch.zeros.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Zeros(int size0, int? size1 = null, int? size2 = null, int? size3 = null, int? size4 = null,
        DType? dtype = null, Device? device = null, bool requiresGrad = false) => Zeros(Sizes(size0, size1, size2, size3, size4), dtype, device, requiresGrad);

    /// <summary>A tensor of ones. torch.ones.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Ones(params Shape shape) => Filled("Ones", shape, 1.0, null, null, false);
    /// <summary>A tensor of ones, of a type (Float32 if null), on a device (<see cref="Device.Default"/> if null). torch.ones.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Ones(Shape shape, DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        Filled("Ones", shape, 1.0, dtype, device, requiresGrad);
    /// <summary>The same with the sizes one by one: <c>Tensor.Ones(2, 3, requiresGrad: true)</c>. torch.ones.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Ones(int size0, int? size1 = null, int? size2 = null, int? size3 = null, int? size4 = null,
        DType? dtype = null, Device? device = null, bool requiresGrad = false) => Ones(Sizes(size0, size1, size2, size3, size4), dtype, device, requiresGrad);

    /// <summary>A tensor whose elements are whatever the memory held. torch.empty.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Empty(params Shape shape) => Uninitialized(shape, null, null, false);
    /// <summary>
    /// A tensor whose elements are whatever the memory held, of a type (Float32 if null), on a device (<see cref="Device.Default"/> if null). torch.empty.
    /// </summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Empty(Shape shape, DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        Uninitialized(shape, dtype, device, requiresGrad);
    /// <summary>The same with the sizes one by one: <c>Tensor.Empty(2, 3, requiresGrad: true)</c>. torch.empty.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor Empty(int size0, int? size1 = null, int? size2 = null, int? size3 = null, int? size4 = null,
        DType? dtype = null, Device? device = null, bool requiresGrad = false) => Empty(Sizes(size0, size1, size2, size3, size4), dtype, device, requiresGrad);

    /// <summary>
    /// A tensor of one value; its type is that of the value (Float32 for floating-point ones) unless given, its device <see cref="Device.Default"/>. An integer
    /// type cuts off what is behind the point. torch.full.
    /// </summary>
    /// <exception cref="ArgumentException">A size is negative, or the value is beyond the range of the type (but uint8 takes -255 to -1 as 1 to 255, as in
    /// PyTorch).</exception>
    public static Tensor Full(Shape shape, Scalar value, DType? dtype = null, Device? device = null, bool requiresGrad = false)
    {
        DType type = dtype ?? (value.DType == DType.Float64 ? DType.Float32 : value.DType);
        value.CheckFits("Full", type);
        return Filled("Full", shape, value, type, device, requiresGrad);
    }

    private static Tensor Filled(string operation, Shape shape, Scalar value, DType? dtype, Device? device, bool requiresGrad)
    {
        Tensor y = New(operation, shape, dtype ?? DType.Float32, device);
        y.Device.Backend.Fill(y.Operand, value);
        y.RequiresGrad = requiresGrad;
        return y;
    }

    private static Tensor Uninitialized(Shape shape, DType? dtype, Device? device, bool requiresGrad)
    {
        Tensor y = New("Empty", shape, dtype ?? DType.Float32, device);
        y.RequiresGrad = requiresGrad;
        return y;
    }

    /// <summary>Sizes given one by one, of which those left out at the end do not count.</summary>
    private static Shape Sizes(params ReadOnlySpan<int?> sizes)
    {
        int count = sizes.Length;
        while (sizes[count - 1] is null) count--;
        var shape = new int[count];
        for (int d = 0; d < count; d++) shape[d] = sizes[d] ?? throw new ArgumentException($"A shape: size{d} is left out, but there is a size{count - 1}.");
        return new(shape);
    }

    /// <summary>What every tensor of a shape that a caller has chosen begins as.</summary>
    private static Tensor New(string operation, Shape shape, DType dtype, Device? device)
    {
        foreach (int size in shape.Sizes)
        {
            if (size < 0) throw new ArgumentException($"{operation}: {shape} is no shape: sizes are not negative.", nameof(shape));
        }
        return Allocate(Layout.Contiguous(shape.Sizes, operation), dtype, device ?? Device.Default, operation);
    }

    /// <summary>Zeros in this tensor's shape, and in its type and on its device unless others are given. torch.zeros_like.</summary>
    public Tensor ZerosLike(DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        Zeros(Shape, dtype ?? DType, device ?? Device, requiresGrad);
    /// <summary>Ones in this tensor's shape, and in its type and on its device unless others are given. torch.ones_like.</summary>
    public Tensor OnesLike(DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        Ones(Shape, dtype ?? DType, device ?? Device, requiresGrad);
    /// <summary>One value in this tensor's shape, and in its type and on its device unless others are given. torch.full_like.</summary>
    /// <exception cref="ArgumentException">The value is beyond the type's range.</exception>
    public Tensor FullLike(Scalar value, DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        Full(Shape, value, dtype ?? DType, device ?? Device, requiresGrad);
    /// <summary>Whatever the memory held in this tensor's shape, and in its type and on its device unless others are given. torch.empty_like.</summary>
    public Tensor EmptyLike(DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        Empty(Shape, dtype ?? DType, device ?? Device, requiresGrad);

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
        Device.Backend.Fill(Operand.With(Layout.WithoutOverlap), value);
        Changed();
        if (records) RecordOverwrite(Layout, null);
        return this;
    }

    /// <summary>Sets every element to zero. torch.Tensor.zero_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor ZeroInPlace() => FillInPlace(0.0);
}

using Facula.Backends;

namespace Facula;

public partial class Tensor
{
    /// <summary>
    /// A tensor of rank 0 that holds one number. As all of these, of the .NET type's <see cref="DType"/> unless another is given, which it is converted to as
    /// by <see cref="To(Facula.DType)"/>, and on <see cref="Device.Default"/> unless another device is given. torch.tensor.
    /// </summary>
    /// <remarks>
    /// A literal <c>1.0</c> is a double in C# and makes Float64; layers are Float32 by default, so write <c>1f</c>, or give <c>DType.Float32</c>.
    /// </remarks>
    /// <typeparam name="T">float, double, Half, BFloat16, sbyte, short, int, long, byte or bool.</typeparam>
    public static Tensor From<T>(T value, DType? dtype = null, Device? device = null, bool requiresGrad = false) where T : unmanaged =>
        From([value], [], dtype, device, requiresGrad);

    /// <summary>A tensor of rank 1 with a copy of the elements. torch.tensor.</summary>
    public static Tensor From<T>(T[] values, DType? dtype = null, Device? device = null, bool requiresGrad = false) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From<T>(values, [values.Length], dtype, device, requiresGrad);
    }

    /// <summary>A tensor of rank 1 with a copy of the elements, e.g. <c>[1f, 2f]</c>, or <c>[1.0, 2.0], DType.Float32</c>. torch.tensor.</summary>
    public static Tensor From<T>(ReadOnlySpan<T> values, DType? dtype = null, Device? device = null, bool requiresGrad = false) where T : unmanaged =>
        From(values, [values.Length], dtype, device, requiresGrad);

    /// <summary>A matrix of equally long rows, e.g. <c>[[1f, 2f], [3f, 4f]]</c>. torch.tensor.</summary>
    /// <exception cref="ArgumentException">Rows differ in length; the message names the row.</exception>
    public static Tensor From<T>(T[][] values, DType? dtype = null, Device? device = null, bool requiresGrad = false) where T : unmanaged =>
        From((Array)values, dtype, device, requiresGrad);

    /// <summary>A stack of matrices of equally long rows. torch.tensor.</summary>
    /// <exception cref="ArgumentException">Rows differ in length; the message names the row.</exception>
    public static Tensor From<T>(T[][][] values, DType? dtype = null, Device? device = null, bool requiresGrad = false) where T : unmanaged =>
        From((Array)values, dtype, device, requiresGrad);

    /// <summary>A tensor of the shape with a copy of the elements, in row-major order. torch.tensor.</summary>
    /// <exception cref="ArgumentException">The shape holds another number of elements.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, Shape shape, DType? dtype = null, Device? device = null, bool requiresGrad = false) where T : unmanaged
    {
        if (shape.Elements != values.Length)
            throw new ArgumentException($"From: {values.Length} elements do not fill the shape {shape}, which holds {shape.Elements}.", nameof(shape));
        Tensor host = Empty(shape, DType.Of<T>(), Device.Cpu);
        using (HeldSpan<T> elements = host.HoldElements<T>()) values.CopyTo(elements.Span);
        return FromHost(host, dtype, device, requiresGrad);
    }

    /// <summary>
    /// A tensor from a rectangular array of any rank, e.g. <c>float[,]</c>, or from arrays of arrays whose rows are equally long. torch.tensor.
    /// </summary>
    /// <exception cref="ArgumentException">Rows differ in length (the message names the row), or the elements are of no tensor type.</exception>
    public static Tensor From(Array values, DType? dtype = null, Device? device = null, bool requiresGrad = false)
    {
        ArgumentNullException.ThrowIfNull(values);
        return FromHost(NestedArray.ToTensor(values), dtype, device, requiresGrad);
    }

    /// <summary>What has been made of numbers of the program's, where and as what it is wanted.</summary>
    private static Tensor FromHost(Tensor host, DType? dtype, Device? device, bool requiresGrad)
    {
        Tensor y = host.To(dtype ?? host.DType, device ?? Device.Default);
        y.RequiresGrad = requiresGrad;
        return y;
    }

    /// <summary>The only element. Waits for the device. torch.Tensor.item.</summary>
    /// <typeparam name="T">The type to convert it to; an integer type cuts off what is behind the point.</typeparam>
    /// <exception cref="InvalidOperationException">The tensor has several elements, or none.</exception>
    /// <exception cref="ArgumentException">The element is beyond the range of the type.</exception>
    public T Item<T>() where T : unmanaged
    {
        if (Count != 1) throw new InvalidOperationException($"Item: a tensor of shape {Shape} has {Count} elements, not one.");
        DType type = DType.Of<T>();
        if (DType == type && Device == Device.Cpu) return First<T>();
        // One element is exact as the widest of its kind, and from there fits or does not.
        Tensor wide = CopyData(DType.IsFloatingPoint ? DType.Float64 : DType.Int64, Device.Cpu);
        Scalar value = DType.IsFloatingPoint ? (Scalar)wide.First<double>() : wide.First<long>();
        value.CheckFits("Item", type, wraps: false);
        return wide.DType == type ? wide.First<T>() : wide.CopyData(type, Device.Cpu).First<T>();
    }

    /// <summary>The only element, as a float. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The tensor has several elements, or none.</exception>
    public float Item() => Item<float>();

    /// <summary>A copy of the elements in row-major order, converted where the type differs. Waits for the device. torch.Tensor.tolist.</summary>
    /// <exception cref="InvalidOperationException">There are more elements than an array holds.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        if (Count > Array.MaxLength)
            throw new InvalidOperationException($"ToArray: the {Count} elements of a tensor of shape {Shape} are more than an array holds; take them in " +
                $"parts, with Narrow or an index.");
        Tensor source = DType == DType.Of<T>() && Layout.IsContiguous && Buffer is HostBuffer ? this : CopyData(DType.Of<T>(), Device.Cpu);
        using HeldSpan<T> elements = source.HoldElements<T>();
        return elements.Span.ToArray();
    }

    /// <summary>
    /// The elements themselves, not a copy, of a tensor in the memory of the host. Writing to them is not noticed by autograd. The memory stays valid for as
    /// long as the span is used, but after Dispose it belongs to nobody. The first time, the elements of a large tensor move to where the garbage collector
    /// keeps watch over them.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The tensor is not contiguous, of another type, or in the memory of another device; use ToArray, Contiguous() or To.
    /// Or there are more elements than a span holds.
    /// </exception>
    public Span<T> AsSpan<T>() where T : unmanaged
    {
        if (DType != DType.Of<T>())
            throw new InvalidOperationException($"AsSpan: the tensor is {DType.PyTorchName}, not {DType.Of<T>().PyTorchName}; convert it with To, or copy " +
                $"with ToArray.");
        EnsureRowMajor();
        if (!IsContiguous)
            throw new InvalidOperationException($"AsSpan: a tensor of shape {Shape} and strides [{string.Join(", ", Strides)}] is not contiguous; call " +
                $"Contiguous() first.");
        if (Count > int.MaxValue)
            throw new InvalidOperationException($"AsSpan: the {Count} elements of a tensor of shape {Shape} are more than a span holds; take them in " +
                $"parts, with Narrow or an index.");
        if (Buffer is HostBuffer host) host.Export();
        else if (!IsWrappedNumber)
            throw new InvalidOperationException($"AsSpan: the tensor is in the memory of {Device}; copy it to the host with To(Device.Cpu).");
        // Of exported memory a span needs no hold.
        using HeldSpan<T> elements = HoldElements<T>();
        return elements.Span;
    }

    /// <summary>The elements of a contiguous tensor of this type, until the result is disposed of.</summary>
    private HeldSpan<T> HoldElements<T>() where T : unmanaged
    {
        Operand operand = Operand;
        if (operand.DType != DType.Of<T>() || !operand.Layout.IsContiguous)
            throw new InvalidOperationException($"A tensor of shape {Shape} is not, or not any more, contiguous and of type {DType.Of<T>().PyTorchName}.");
        return new(operand, operand.Layout.Offset * operand.DType.Size, Check.Count(operand.Layout.Count));
    }

    /// <summary>So many bytes of a contiguous tensor's elements from one on, until the result is disposed of.</summary>
    internal HeldSpan<byte> HoldBytes(long start, int length)
    {
        Operand operand = Operand;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, operand.Layout.Count * operand.DType.Size);
        return new(operand, operand.Layout.Offset * operand.DType.Size + start, length);
    }

    private T First<T>() where T : unmanaged
    {
        using HeldSpan<T> elements = HoldElements<T>();
        return elements.Span[0];
    }
}

using System.Runtime.CompilerServices;
using Facula.Backends;

namespace Facula;

internal sealed class CloneNode(string name) : Node
{
    public override string Name => name;

    // The engine casts a gradient back to the type, and moves it to the device, that it is for.
    protected override void Backward(Tensor gradient, Gradients into) => into[0] = gradient;
}

public partial class Tensor
{
    /// <summary>A contiguous copy without history.</summary>
    internal Tensor CopyData([CallerMemberName] string operation = "") => CopyData(DType, Device, operation);

    private Tensor CopyData(DType type, Device device, [CallerMemberName] string operation = "")
    {
        Tensor y = Allocate(Layout.IsChannelsLast ? Layout.Contiguous(Layout.Shape) : Layout, type, device, operation);
        if (device == Device || IsWrappedNumber) device.Backend.Copy(Operand, y.Operand);
        else MoveTo(y);
        return y;
    }

    /// <summary>This tensor, or, where it is a plain number, a tensor of a device that holds it: for what is to be kept, or read by a kernel that
    /// takes no numbers.</summary>
    internal Tensor InMemory(Device device) => IsWrappedNumber ? CopyData(DType, device) : this;

    /// <summary>Copies the elements to a contiguous tensor of this shape on another device; of two types, the one that takes less room travels.</summary>
    private void MoveTo(Tensor y)
    {
        DType type = y.DType.Size < DType.Size ? y.DType : DType;
        Operand plain = Operand;
        Tensor? copy = plain.DType == type && plain.Layout.IsContiguous ? null : CopyData(type, Device), landed = type == y.DType ? null : y.EmptyLike(type);
        Transfer.Run(Device.Backend, copy?.Operand ?? plain, y.Device.Backend, (landed ?? y).Operand);
        copy?.Dispose();
        if (landed is null) return;
        y.Device.Backend.Copy(landed.Operand, y.Operand);
        landed.Dispose();
    }

    /// <summary>A contiguous copy; gradients flow through it. torch.clone.</summary>
    public Tensor Clone() => CloneFor("Clone");

    private Tensor CloneFor(string operation)
    {
        Tensor y = CopyData(operation);
        return GradMode.Records(this) ? new CloneNode("clone").Record(y, this) : y;
    }

    /// <summary>This tensor if it is contiguous, else a contiguous copy. torch.Tensor.contiguous.</summary>
    public Tensor Contiguous()
    {
        EnsureRowMajor();
        return IsContiguous ? this : Clone();
    }

    /// <summary>This tensor if it has the type already, else a converted copy; gradients flow through it. torch.Tensor.to.</summary>
    public Tensor To(DType dtype) => To(dtype, Device);

    /// <summary>This tensor if it is on the device already, else a copy there; gradients flow through it. torch.Tensor.to, cuda, cpu.</summary>
    /// <param name="device">Where to.</param>
    /// <param name="nonBlocking">torch's non_blocking: that the program may go on while the elements are on their way. Changes nothing today, as no device of
    /// this version copies beside the program: the elements are there when this returns, and the source may be written over. Where one does, whoever reads
    /// the copy waits for it.</param>
    /// <exception cref="NotSupportedException">The device is not there.</exception>
    public Tensor To(Device device, bool nonBlocking = false) => To(DType, device, nonBlocking);

    /// <summary>This tensor in the type and on the device, a copy if it differs in either; gradients flow through it. torch.Tensor.to.</summary>
    /// <param name="dtype">As what.</param>
    /// <param name="device">Where to.</param>
    /// <param name="nonBlocking">torch's non_blocking: that the program may go on while the elements are on their way. Changes nothing today, as no device of
    /// this version copies beside the program: the elements are there when this returns, and the source may be written over. Where one does, whoever reads
    /// the copy waits for it.</param>
    /// <exception cref="NotSupportedException">The device is not there.</exception>
    public Tensor To(DType dtype, Device device, bool nonBlocking = false)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (dtype == DType && device == Device) return this;
        Tensor y = CopyData(dtype, device);
        return GradMode.Records(this) && dtype.IsFloatingPoint ? new CloneNode("to").Record(y, this) : y;
    }

    /// <summary>Takes the other tensor's elements, broadcast and converted. torch.Tensor.copy_.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ArgumentException">The other tensor does not broadcast to this one.</exception>
    public Tensor CopyInPlace(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Layout.Expand(Layout.Shape) is null) throw new ArgumentException($"CopyInPlace: {other.Shape} does not broadcast to {Shape}.");
        if (other.IsWrappedNumber) other = InThisType("CopyInPlace", other);
        bool records = BeginInPlace("copy", other.RequiresGrad);
        Write(other, Layout);
        if (records) RecordOverwrite(Layout, other);
        return this;
    }

    /// <summary>Writes what broadcasts to a part of this tensor's buffer.</summary>
    private void Write(Tensor value, Layout part)
    {
        if (value.Device != Device) value = value.CopyData(value.DType, Device);
        // A value that overlaps the part is read whole before it is written over.
        bool overlaps = ReferenceEquals(value.Buffer, Buffer);
        Tensor source = overlaps ? value.CopyData() : value;
        // What expanding repeats is written once, as in Fill.
        if (value.Count == 1) part = part.WithoutOverlap;
        Device.Backend.Copy(source.Operand.With(source.Layout.Expand(part.Shape)!), Operand.With(part));
        if (overlaps) source.Dispose();
        Changed();
    }
}

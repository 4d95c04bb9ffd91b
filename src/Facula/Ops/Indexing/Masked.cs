namespace Facula;

public partial class Tensor
{
    /// <summary>A copy with a number where the mask is true; both broadcast. torch.masked_fill.</summary>
    /// <exception cref="ArgumentException">The mask is not Bool or does not broadcast with this shape, or the number is beyond the range
    /// of the type.</exception>
    public Tensor MaskedFill(Tensor mask, Scalar value) => Where(CheckMask("MaskedFill", mask), NumberLikeThis("MaskedFill", value), this);

    /// <summary>A copy with a single number, through which gradients flow, where the mask is true. torch.masked_fill.</summary>
    public Tensor MaskedFill(Tensor mask, Tensor value)
    {
        CheckOperands("MaskedFill", this, value);
        Check.Rank("MaskedFill", value, 0);
        return Where(CheckMask("MaskedFill", mask), InThisType("MaskedFill", value), this);
    }

    /// <summary>Writes a number where the mask is true. torch.Tensor.masked_fill_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor MaskedFillInPlace(Tensor mask, Scalar value)
    {
        mask = CheckMask("MaskedFill", mask, inPlace: true);
        if (BeginInPlace("maskedFill", false)) return SetValueAndHistory(Before().MaskedFill(mask, value));
        using Tensor number = NumberLikeThis("MaskedFill", value);
        Device.Backend.Map3(new WhereMap(), DType, Operand, mask.Operand, number.Operand, Operand);
        Changed();
        return this;
    }

    /// <summary>
    /// The elements where the mask is true, in row-major order, as a tensor of rank 1; both broadcast. Waits for the device. torch.masked_select.
    /// </summary>
    public Tensor MaskedSelect(Tensor mask)
    {
        CheckOperands("MaskedSelect", this, mask);
        if (mask.DType != DType.Bool)
            throw new ArgumentException($"MaskedSelect: the mask is Bool, but this one is {mask.DType.PyTorchName}; convert it with To(DType.Bool).");
        Layout both = Broadcast("MaskedSelect", Layout, mask.Layout);
        if (both.Rank == 0) return Reshape(1)[mask.Reshape(1)];
        return Expand(both.Shape)[mask.Expand(both.Shape)];
    }

    private Tensor CheckMask(string operation, Tensor mask, bool inPlace = false)
    {
        CheckOperands(operation, this, mask);
        if (mask.DType != DType.Bool)
            throw new ArgumentException($"{operation}: the mask is Bool, but this one is {mask.DType.PyTorchName}; convert it with To(DType.Bool).");
        if (!inPlace) Broadcast(operation, Layout, mask.Layout);
        else if (mask.Layout.Expand(Layout.Shape) is null)
            throw new ArgumentException($"{operation}: a mask of shape {mask.Shape} does not broadcast to {Shape}.");
        return mask.To(Device);
    }
}

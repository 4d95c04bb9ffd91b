namespace Facula.NN;

/// <summary>
/// A tensor that a module learns: a leaf that requires gradients, listed by <c>Parameters()</c> of the module that holds it. torch.nn.Parameter.
/// </summary>
public sealed class Parameter : Tensor
{
    /// <summary>A parameter over the elements of a tensor, which are shared, not copied; history is left behind.</summary>
    /// <param name="data">The initial values.</param>
    /// <param name="requiresGrad">Whether gradients are computed for it; false freezes it, and is needed for integers.</param>
    public Parameter(Tensor data, bool requiresGrad = true) : base(Share(ref data), data.Layout, data.DType, data.Device) => RequiresGrad = requiresGrad;

    private static Buffer Share(ref Tensor data)
    {
        ArgumentNullException.ThrowIfNull(data);
        data = data.InMemory(data.Device);
        Buffer buffer = data.Buffer;
        buffer.AddReference();
        return buffer;
    }

    /// <summary>As PyTorch prints it: a line that says what it is, then the elements.</summary>
    public override string ToString() => "Parameter containing:\n" + base.ToString();
}

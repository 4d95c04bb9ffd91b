namespace Facula;

public partial class Tensor
{
    /// <summary>
    /// The elements as PyTorch prints them, e.g. <c>tensor([1., 2.], requires_grad=True)</c>, by <see cref="PrintOptions.Default"/>;
    /// grad_fn is the name of the operation. Waits for the device.
    /// </summary>
    public override string ToString() => ToString(PrintOptions.Default);

    /// <summary>The same by options of its own.</summary>
    public string ToString(PrintOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (IsDisposed) return $"tensor(<disposed>, size={Tuple(Layout.Shape)})";
        const string prefix = "tensor(";
        var suffixes = new List<string>();
        if (Device != Device.Cpu) suffixes.Add($"device='{Device}'");
        // An empty tensor shows no elements to tell its shape and type by.
        if (Count == 0 && Rank != 1) suffixes.Add($"size={Tuple(Layout.Shape)}");
        if (DType != DType.Float32 && (Count == 0 || DType.Kind is not (ElementType.Int64 or ElementType.Bool)))
            suffixes.Add($"dtype=torch.{DType.PyTorchName}");
        if (GradFn is { Length: > 0 } name) suffixes.Add($"grad_fn=<{char.ToUpperInvariant(name[0])}{name[1..]}>");
        else if (RequiresGrad) suffixes.Add("requires_grad=True");

        string text = prefix + (Count == 0 ? "[]" : new TensorText(this, options).Print(prefix.Length));
        int length = text.Length - text.LastIndexOf('\n') + 1;
        foreach (string suffix in suffixes)
        {
            bool wraps = length + suffix.Length + 2 > options.LineWidth;
            text += wraps ? $",\n{new string(' ', prefix.Length)}{suffix}" : $", {suffix}";
            length = wraps ? prefix.Length + suffix.Length : length + suffix.Length + 2;
        }
        return text + ")";
    }

    private static string Tuple(int[] shape) => shape.Length == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";
}

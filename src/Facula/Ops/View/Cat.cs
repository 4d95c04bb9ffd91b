namespace Facula;

/// <summary>Tensors one after another along a dimension, or along a new one.</summary>
internal sealed class CatNode(int dim, int[] sizes, bool stacks) : Node
{
    public override string Name => stacks ? "stack" : "cat";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        int start = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (into.Wants(i)) into[i] = stacks ? gradient.Select(dim, i) : sizes[i] < 0 ? null : gradient.Narrow(dim, start, sizes[i]);
            start += Math.Max(0, sizes[i]);
        }
    }
}

public partial class Tensor
{
    /// <summary>
    /// The tensors one after another along a dimension, in their promoted type. They agree in all other sizes; tensors of shape [0] fit with any. torch.cat.
    /// </summary>
    /// <exception cref="ArgumentException">There are none, or the shapes do not fit; the message names the tensor.</exception>
    public static Tensor Cat(IReadOnlyList<Tensor> tensors, int dim = 0)
    {
        Tensor first = FirstOf("Cat", tensors);
        foreach (Tensor tensor in tensors)
        {
            if (!IsNothing(tensor))
            {
                first = tensor;
                break;
            }
        }
        if (first.Rank == 0) throw new ArgumentException("Cat: numbers have no dimension to be joined along; use Stack.");
        int d = Check.Dim("Cat", dim, first.Rank);
        int[] shape = (int[])first.Layout.Shape.Clone();
        shape[d] = 0;
        var sizes = new int[tensors.Count];
        DType type = first.DType;
        for (int i = 0; i < sizes.Length; i++)
        {
            Tensor tensor = tensors[i];
            type = DType.Promote(type, tensor.DType);
            if (first.Rank != 1 && IsNothing(tensor))
            {
                sizes[i] = -1;
                continue;
            }
            bool fits = tensor.Rank == shape.Length;
            for (int k = 0; fits && k < shape.Length; k++) fits = k == d || tensor.Layout.Shape[k] == shape[k];
            if (!fits)
                throw new ArgumentException($"Cat: tensor {i} has shape {tensor.Shape}, which does not fit {first.Shape}: " +
                    $"all sizes but that of dimension {d} must be equal.");
            sizes[i] = tensor.Layout.Shape[d];
            shape[d] = Check.Size("Cat", (long)shape[d] + sizes[i]);
        }
        return Join(tensors, shape, d, sizes, type, stacks: false);
    }

    /// <summary>The tensors, all of one shape, along a new dimension. torch.stack.</summary>
    /// <exception cref="ArgumentException">There are none, or a shape differs; the message names the tensor.</exception>
    public static Tensor Stack(IReadOnlyList<Tensor> tensors, int dim = 0)
    {
        Tensor first = FirstOf("Stack", tensors);
        int d = Check.Dim("Stack", dim, first.Rank + 1);
        DType type = first.DType;
        for (int i = 0; i < tensors.Count; i++)
        {
            type = DType.Promote(type, tensors[i].DType);
            if (!tensors[i].Layout.SameShape(first.Layout))
                throw new ArgumentException($"Stack: tensor {i} has shape {tensors[i].Shape}, but the first has {first.Shape}; all must be equal.");
        }
        int[] shape = [.. first.Layout.Shape[..d], tensors.Count, .. first.Layout.Shape[d..]];
        var sizes = new int[tensors.Count];
        Array.Fill(sizes, 1);
        return Join(tensors, shape, d, sizes, type, stacks: true);
    }

    private static Tensor Join(IReadOnlyList<Tensor> tensors, int[] shape, int dim, int[] sizes, DType type, bool stacks)
    {
        string operation = stacks ? "Stack" : "Cat";
        Tensor[] inputs = [.. tensors];
        Device device = DeviceOf(operation, inputs);
        Tensor y = Allocate(Layout.Contiguous(shape, operation), type, device, operation);
        int start = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] <= 0) continue;
            Layout part = y.Layout.Slice(dim, start, sizes[i]);
            device.Backend.Copy(tensors[i].Operand, y.Operand.With(stacks ? part.Squeeze(dim) : part));
            start += sizes[i];
        }
        if (!type.IsFloatingPoint) return y;
        return GradMode.Records(inputs) ? new CatNode(dim, sizes, stacks).Record(y, inputs) : y;
    }

    private static Tensor FirstOf(string operation, IReadOnlyList<Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Count == 0) throw new ArgumentException($"{operation}: there are no tensors to join.", nameof(tensors));
        for (int i = 0; i < tensors.Count; i++)
        {
            if (tensors[i] is null) throw new ArgumentNullException(nameof(tensors), $"{operation}: tensor {i} is null.");
        }
        return tensors[0];
    }

    private static bool IsNothing(Tensor tensor) => tensor.Rank == 1 && tensor.Count == 0;
}

namespace Facula.NN;

public static partial class Functional
{
    /// <summary>Puts elements around a tensor, or with negative widths takes some away. torch.nn.functional.pad.</summary>
    /// <param name="input">Of any rank.</param>
    /// <param name="widths">Before and after the last dimension, then before and after the one in front of it, and so on.</param>
    /// <param name="mode">What is put there.</param>
    /// <param name="value">The value of constant padding.</param>
    /// <exception cref="ArgumentException">
    /// There is an odd number of widths, or more than fit the rank; a width takes away more than there is;
    /// or reflected or circular padding reaches further than the input.
    /// </exception>
    public static Tensor Pad(Tensor input, ReadOnlySpan<int> widths, PaddingMode mode = PaddingMode.Constant, double value = 0) =>
        Pad("Pad", input, widths, mode, value);

    internal static Tensor Pad(object caller, Tensor input, ReadOnlySpan<int> widths, PaddingMode mode, double value)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (widths.Length % 2 != 0 || widths.Length > 2 * input.Rank)
        {
            throw new ArgumentException($"{caller}: {widths.Length} widths do not fit an input of shape {input.Shape}: " +
                "there must be two for each padded dimension, of the last dimension first.", nameof(widths));
        }
        int[] shape = (int[])input.Layout.Shape.Clone();
        for (int i = 0; i < widths.Length; i++)
        {
            int dim = input.Rank - 1 - i / 2;
            if (i % 2 == 0) continue;
            int size = input.Layout.Shape[dim];
            long left = (long)size + widths[i] + widths[i - 1];
            if (left < (mode == PaddingMode.Constant ? 0 : 1) || -(long)Math.Min(0, widths[i]) - Math.Min(0, widths[i - 1]) > size)
            {
                throw new ArgumentException($"{caller}: widths {widths[i - 1]} and {widths[i]} take away more than dimension {dim} of shape {input.Shape} has" +
                    $"{(mode == PaddingMode.Constant ? "" : ", or leave nothing of it")}.", nameof(widths));
            }
            shape[dim] = Check.Size(caller, left);
        }
        if (mode != PaddingMode.Constant)
        {
            Tensor y = input;
            for (int i = 0; i < widths.Length; i += 2) y = PadByIndex(caller, y, input.Rank - 1 - i / 2, widths[i], widths[i + 1], mode);
            return OwnOf(y, input);
        }

        Tensor target = Tensor.Full(new Shape(shape), value, input.DType, input.Device), source = input;
        Tensor inside = target;
        for (int i = 0; i < widths.Length; i += 2)
        {
            int dim = input.Rank - 1 - i / 2, before = widths[i], after = widths[i + 1];
            source = source.Narrow(dim, Math.Max(0, -before), input.Layout.Shape[dim] + Math.Min(0, before) + Math.Min(0, after));
            inside = inside.Narrow(dim, Math.Max(0, before), source.Layout.Shape[dim]);
        }
        inside.Device.Backend.Copy(source.Operand, inside.Operand);
        return GradMode.Records(input) ? new PadNode([.. widths]).Record(target, input) : target;
    }

    private sealed class PadNode(int[] widths) : Node
    {
        public override string Name => "pad";

        protected override void Backward(Tensor gradient, Gradients into)
        {
            var opposite = new int[widths.Length];
            for (int i = 0; i < widths.Length; i++) opposite[i] = -widths[i];
            into[0] = Pad(gradient, opposite);
        }
    }

    /// <summary>The result, or a copy where it shows the input's own elements, so that changing it in place never changes the input.</summary>
    private static Tensor OwnOf(Tensor result, Tensor input) => ReferenceEquals(result.Buffer, input.Buffer) ? result.Clone() : result;

    private static Tensor PadByIndex(object caller, Tensor input, int dim, int before, int after, PaddingMode mode)
    {
        if (mode == PaddingMode.Circular && (before < 0 || after < 0))
        {
            // What is taken away does not come back at the other end.
            input = input.Narrow(dim, Math.Max(0, -before), input.Layout.Shape[dim] - Math.Max(0, -before) - Math.Max(0, -after));
            (before, after) = (Math.Max(0, before), Math.Max(0, after));
        }
        if (before == 0 && after == 0) return input;
        int size = input.Layout.Shape[dim],
            furthest = mode switch { PaddingMode.Reflect => size - 1, PaddingMode.Circular => size, _ => size == 0 ? 0 : int.MaxValue };
        if (before > furthest || after > furthest)
        {
            throw new ArgumentException($"{caller}: {mode} padding of {before} and {after} does not fit dimension {dim} of shape {input.Shape}: " +
                $"it reaches at most {furthest} beyond each end.");
        }
        int length = Check.Size(caller, (long)size + before + after);
        return input.IndexSelect(dim, Tensor.Table(input.Device, new PadKey(size, length, before, mode), static key => PadIndex(key)));
    }

    private readonly record struct PadKey(int Size, int Length, int Before, PaddingMode Mode);

    /// <summary>Which element each one of the padded dimension is.</summary>
    private static long[] PadIndex(PadKey key)
    {
        int size = key.Size;
        var index = new long[key.Length];
        for (int i = 0; i < index.Length; i++)
        {
            int at = i - key.Before;
            index[i] = key.Mode switch
            {
                PaddingMode.Reflect => at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at,
                PaddingMode.Circular => at < 0 ? at + size : at >= size ? at - size : at,
                _ => Math.Clamp(at, 0, size - 1),
            };
        }
        return index;
    }
}

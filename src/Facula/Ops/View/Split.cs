namespace Facula;

/// <summary>A tensor cut into views along a dimension: their gradients are joined again, instead of each being put into zeros of its own.</summary>
internal sealed class SplitNode(Layout x, int dim, int[] sizes, bool removes, DType type, Device device) : Node
{
    public override string Name => removes ? "unbind" : "split";

    protected override void Backward(Tensor gradient, Gradients into) => Backward([gradient], into);

    public override void Backward(ReadOnlySpan<Tensor?> gradients, Gradients into)
    {
        var pieces = new Tensor[sizes.Length];
        for (int i = 0; i < pieces.Length; i++)
        {
            Layout shape = x.Slice(dim, 0, sizes[i]);
            pieces[i] = gradients[i] ?? Tensor.Zeros(new Shape((removes ? shape.Squeeze(dim) : shape).Shape), type, device);
        }
        into[0] = removes ? Tensor.Stack(pieces, dim) : Tensor.Cat(pieces, dim);
    }
}

public partial class Tensor
{
    /// <summary>Views of parts of a size along a dimension; the last may be smaller. torch.split.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    public Tensor[] Split(int size, int dim = 0)
    {
        int d = SplitDim("Split", dim), length = Layout.Shape[d];
        if (size < 0 || (size == 0 && length > 0)) throw new ArgumentOutOfRangeException(nameof(size), size, "Split: the size of a part is positive.");
        int count = size == 0 ? 1 : length == 0 ? 1 : (length - 1) / size + 1;
        var sizes = new int[count];
        for (int i = 0; i < count; i++) sizes[i] = Math.Min(size, length - i * size);
        return Cut(d, sizes, removes: false);
    }

    /// <summary>Views of parts of the given sizes along a dimension. torch.split.</summary>
    /// <exception cref="ArgumentException">The sizes do not add up to that of the dimension.</exception>
    public Tensor[] Split(ReadOnlySpan<int> sizes, int dim = 0)
    {
        int d = SplitDim("Split", dim);
        long sum = 0;
        foreach (int size in sizes)
        {
            if (size < 0) throw new ArgumentException($"Split: a part cannot have size {size}.", nameof(sizes));
            sum += size;
        }
        if (sum != Layout.Shape[d])
            throw new ArgumentException($"Split: sizes [{string.Join(", ", sizes.ToArray())}] add up to {sum}, but dimension {d} of a tensor of " +
                $"shape {Shape} has size {Layout.Shape[d]}.", nameof(sizes));
        return sizes.Length == 0 ? [] : Cut(d, sizes.ToArray(), removes: false);
    }

    /// <summary>Views of at most that many parts of equal size along a dimension; the last may be smaller, and there may be fewer. torch.chunk.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of parts is not positive.</exception>
    public Tensor[] Chunk(int chunks, int dim = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunks, 1);
        int d = SplitDim("Chunk", dim), length = Layout.Shape[d];
        // Of nothing there are as many parts as asked for, all empty.
        if (length == 0) return Cut(d, new int[chunks], removes: false);
        return Split((length - 1) / chunks + 1, d);
    }

    /// <summary>Views of all slices along a dimension, which disappears. torch.unbind.</summary>
    public Tensor[] Unbind(int dim = 0)
    {
        int d = SplitDim("Unbind", dim);
        var sizes = new int[Layout.Shape[d]];
        Array.Fill(sizes, 1);
        return sizes.Length == 0 ? [] : Cut(d, sizes, removes: true);
    }

    private int SplitDim(string operation, int dim) =>
        Rank == 0 ? throw new ArgumentException($"{operation}: a single number has no dimension to cut.") : Check.Dim(operation, dim, Rank);

    private Tensor[] Cut(int dim, int[] sizes, bool removes)
    {
        EnsureRowMajor();
        var pieces = new Tensor[sizes.Length];
        int start = 0;
        for (int i = 0; i < pieces.Length; i++)
        {
            pieces[i] = Alias(removes ? Layout.Select(dim, start) : Layout.Slice(dim, start, sizes[i]));
            pieces[i].SetView(this, ViewKind.Several);
            start += sizes[i];
        }
        if (GradMode.Records(this)) new SplitNode(Layout, dim, sizes, removes, DType, Device).RecordMany(pieces, this);
        return pieces;
    }
}

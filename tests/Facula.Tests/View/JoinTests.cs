namespace Facula.Tests.View;

public class JoinTests
{
    [Fact]
    public void Cat_promotes_and_skips_tensors_of_shape_zero()
    {
        Tensor y = Tensor.Cat([Tensor.Zeros([0]), Tensor.From([[1, 2]]), Tensor.From([[0.5f, 1.5f]])]);
        Assert.Equal(DType.Float32, y.DType);
        Assert.Equal([2, 2], y.Shape);
        Assert.Equal([1, 2, 0.5f, 1.5f], y.ToArray<float>());
        Assert.Equal([0], Tensor.Cat([Tensor.Zeros([0]), Tensor.Zeros([0])]).Shape);
    }

    [Fact]
    public void Cat_names_the_tensor_that_does_not_fit()
    {
        Tensor x = Tensor.Zeros(2, 3);
        Assert.Contains("tensor 1 has shape [3, 2]", Assert.Throws<ArgumentException>(() => Tensor.Cat([x, x.T])).Message, StringComparison.Ordinal);
        Assert.Contains("no tensors", Assert.Throws<ArgumentException>(() => Tensor.Cat([])).Message, StringComparison.Ordinal);
        Assert.Contains("Stack", Assert.Throws<ArgumentException>(() => Tensor.Cat([Tensor.From(1f)])).Message, StringComparison.Ordinal);
        Assert.Contains("tensor 1", Assert.Throws<ArgumentException>(() => Tensor.Stack([x, x.T])).Message, StringComparison.Ordinal);
        Assert.Contains("reference", Assert.Throws<ArgumentException>(() => Tensor.Cat([x, x.To(Device.Reference)])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Cat([x, x], 2));
        Assert.Throws<ArgumentNullException>(() => Tensor.Cat([x, null!]));
    }

    [Fact]
    public void Cat_of_views_and_Stack_at_the_end()
    {
        Tensor x = Tensor.Arange(6).Reshape(2, 3);
        Assert.Equal([0, 3, 0, 1, 4, 1, 2, 5, 2], Tensor.Cat([x.T, x[0][.., TensorIndex.NewAxis]], -1).ToArray<long>());
        Tensor y = Tensor.Stack([x, x + 10], -1);
        Assert.Equal([2, 3, 2], y.Shape);
        Assert.Equal([0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15], y.ToArray<long>());
        Assert.Equal([3], Tensor.Stack([Tensor.From(1f), Tensor.From(2f), Tensor.From(3f)]).Shape);
    }

    // Sizes: torch.split and torch.chunk of PyTorch 1.13.0.
    [Theory]
    [InlineData(7, 3, new[] { 3, 3, 1 })]
    [InlineData(6, 3, new[] { 2, 2, 2 })]
    [InlineData(4, 3, new[] { 2, 2 })]
    [InlineData(2, 5, new[] { 1, 1 })]
    [InlineData(0, 2, new[] { 0, 0 })]
    public void Chunk_gives_at_most_that_many_parts(int size, int chunks, int[] sizes) =>
        Assert.Equal(sizes, Tensor.Zeros(size, 2).Chunk(chunks).Select(part => part.Size(0)));

    [Fact]
    public void Split_gives_views_by_size_or_sizes()
    {
        Tensor x = Tensor.Arange(10).Reshape(5, 2);
        Assert.Equal([2, 2, 1], x.Split(2).Select(part => part.Size(0)));
        Tensor[] parts = x.Split([1, 4]);
        parts[1].FillInPlace(0);
        Assert.Equal(1, x.Sum().Item<long>());
        Assert.Single(Tensor.Zeros([0]).Split(0));
        Assert.Throws<ArgumentException>(() => x.Split([1, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Split(0));
        Assert.Throws<ArgumentException>(() => Tensor.From(1f).Split(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Chunk(0));
    }

    [Fact]
    public void Split_of_which_only_some_parts_are_used_has_zero_gradient_elsewhere()
    {
        Tensor x = Tensor.Ones([4, 2], requiresGrad: true);
        x.Chunk(4)[2].Sum().Backward();
        Assert.Equal([0, 0, 0, 0, 1, 1, 0, 0], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void A_part_of_a_tensor_in_a_graph_cannot_be_changed_in_place()
    {
        Tensor x = Tensor.Ones([4], requiresGrad: true), y = x * 1;
        Assert.Throws<InvalidOperationException>(() => y.Unbind()[0].FillInPlace(0));
    }

    // PyTorch 1.13.0: torch.arange(6).reshape(2, 3).roll(...), .flip(...), .repeat(...), .tile(...).
    [Fact]
    public void Flip_Roll_Repeat_and_Tile_move_elements()
    {
        Tensor x = Tensor.Arange(6).Reshape(2, 3);
        Assert.Equal([5, 4, 3, 2, 1, 0], x.Flip(0, 1).ToArray<long>());
        Assert.Equal([2, 1, 0, 5, 4, 3], x.Flip(-1).ToArray<long>());
        Assert.Equal([2, 0, 1, 5, 3, 4], x.Roll(1, 1).ToArray<long>());
        Assert.Equal([4, 5, 0, 1, 2, 3], x.Roll([2]).ToArray<long>());
        Assert.Equal([5, 3, 4, 2, 0, 1], x.Roll([-1, 4], [0, 1]).ToArray<long>());
        Assert.Equal([0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5], x.Repeat(1, 2).ToArray<long>());
        Assert.Equal([2, 2, 3], x.Repeat(2, 1, 1).Shape);
        Assert.Equal([2, 6], x.Tile(2).Shape);
        Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], x.RepeatInterleave(2).ToArray<long>());
        Assert.Equal([0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5], x.RepeatInterleave(2, 0).ToArray<long>());
        Assert.Equal([0, 3], x.Repeat(0, 1).Shape);
        Assert.Throws<ArgumentException>(() => x.Repeat(2));
        Assert.Throws<ArgumentException>(() => x.Roll([1, 2], [0]));
    }

    [Fact]
    public void Copying_operations_never_share_elements()
    {
        Tensor x = Tensor.Ones(2, 3);
        foreach (Tensor y in new[] { x.Flip(), x.Roll(0, 0), x.Roll(3, 1), x.Repeat(1, 1), x.Tile(1), x.RepeatInterleave(1, 0), Tensor.Cat([x]), x.Tril(5) })
            y.FillInPlace(0);
        Assert.Equal(6, x.Sum().Item());
    }

    [Fact]
    public void Tril_and_Triu_cut_at_a_diagonal()
    {
        Tensor x = Tensor.Ones(3, 4);
        Assert.Equal([1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0], x.Tril().ToArray<float>());
        Assert.Equal([0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0], x.Triu(2).ToArray<float>());
        Assert.Equal(0, x.Tril(-3).Sum().Item());
        Assert.Equal(12, x.Triu(int.MinValue).Sum().Item());
        Assert.Equal(12, x.Tril(int.MaxValue).Sum().Item());
        Assert.Throws<ArgumentException>(() => x[0].Tril());
    }

    [Fact]
    public void Unflatten_and_MoveDim_check_their_arguments()
    {
        Tensor x = Tensor.Zeros(2, 6, 3);
        Assert.Equal([2, 2, 3, 3], x.Unflatten(1, 2, -1).Shape);
        Assert.Equal([6, 3, 2], x.MoveDim(0, -1).Shape);
        Assert.Throws<ArgumentException>(() => x.Unflatten(1, 4, -1));
        Assert.Throws<ArgumentException>(() => x.Unflatten(1, 2, 4));
        Assert.Throws<ArgumentException>(() => x.MoveDim([0, 0], [1, 2]));
        Assert.Throws<ArgumentException>(() => x.MoveDim([0], [1, 2]));
        Assert.Throws<ArgumentException>(() => x.Diagonal(0, 1, 1));
    }
}

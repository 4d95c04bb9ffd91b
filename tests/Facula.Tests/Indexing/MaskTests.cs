namespace Facula.Tests.Indexing;

public class MaskTests
{
    [Fact]
    public void NonZero_lists_positions_in_row_major_order()
    {
        Tensor x = Tensor.From([[0f, 2f, -0f], [float.NaN, 0f, -1f]]);
        Assert.Equal([3, 2], x.NonZero().Shape);
        Assert.Equal([0, 1, 1, 0, 1, 2], x.NonZero().ToArray<long>());
        Assert.Equal([0, 1, 1, 0, 2, 1], x.T.NonZero().ToArray<long>());
        Assert.Equal([1, 0], Tensor.From(3f).NonZero().Shape);
        Assert.Equal([0, 0], Tensor.From(0f).NonZero().Shape);
        Assert.Equal([0, 3], Tensor.Zeros(2, 0, 4).NonZero().Shape);
    }

    [Theory]
    [InlineData(new[] { 300_000 })]
    [InlineData(new[] { 500, 601 })]
    [InlineData(new[] { 70_000, 3 })]
    [InlineData(new[] { 30, 50, 201 })]
    public void NonZero_of_many_elements_agrees_with_the_reference(int[] shape)
    {
        foreach (DType type in new[] { DType.Bool, DType.Float32, DType.BFloat16, DType.Int64 })
        {
            Tensor x = (GatherTests.Index(3, shape) == 1).To(type);
            Assert.Equal(x.To(Device.Reference).NonZero().ToArray<long>(), x.NonZero().ToArray<long>());
        }
    }

    [Fact]
    public void Where_of_a_condition_gives_an_index_for_each_dimension()
    {
        Tensor x = Tensor.Arange(6).Reshape(2, 3);
        Tensor[] at = Tensor.Where(x % 2 == 1);
        Assert.Equal(2, at.Length);
        Assert.Equal([1, 3, 5], x[at[0], at[1]].ToArray<long>());
    }

    [Fact]
    public void MaskedSelect_broadcasts_both()
    {
        Tensor x = Tensor.From([[1f], [2f]]), mask = Tensor.From([true, false, true]);
        Assert.Equal([1, 1, 2, 2], x.MaskedSelect(mask).ToArray<float>());
        Assert.Equal([5], Tensor.From(5f).MaskedSelect(Tensor.From(true)).ToArray<float>());
        Assert.Throws<ArgumentException>(() => x.MaskedSelect(Tensor.From([1, 0, 1])));
    }

    [Fact]
    public void MaskedFill_leaves_NaN_out_of_the_gradient()
    {
        Tensor x = Tensor.From([1f, float.NaN, 3f], requiresGrad: true);
        Tensor y = x.MaskedFill(x.IsNaN(), 0);
        (y * y).Sum().Backward();
        Assert.Equal([2, 0, 6], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void MaskedFill_keeps_the_type_and_refuses_what_does_not_fit()
    {
        Tensor x = Tensor.From([1, 2]), mask = Tensor.From([true, false]);
        Assert.Equal(DType.Int32, x.MaskedFill(mask, 7).DType);
        Assert.Equal([0, 2], x.MaskedFill(mask, 0.5).ToArray<int>());
        Assert.Throws<ArgumentException>(() => x.MaskedFill(x, 5));
        Assert.Throws<ArgumentException>(() => x.MaskedFill(Tensor.From([true, false, true]), 5));
        Assert.Equal([7, 2], x.MaskedFillInPlace(mask, 7).ToArray<int>());
    }

    [Fact]
    public void OneHot_marks_the_labels()
    {
        Tensor labels = Tensor.From([[2L], [0]]);
        Assert.Equal([2, 1, 3], labels.OneHot().Shape);
        Assert.Equal([0, 0, 1, 1, 0, 0], labels.OneHot().ToArray<long>());
        Assert.Equal([2, 1, 5], labels.OneHot(5).Shape);
        Assert.Equal([0, 5], Tensor.Zeros([0], DType.Int64).OneHot(5).Shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => labels.OneHot(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.From([-1L]).OneHot(2));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([0], DType.Int64).OneHot());
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(2).OneHot());
    }
}

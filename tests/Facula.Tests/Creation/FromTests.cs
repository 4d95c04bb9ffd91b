namespace Facula.Tests.Creation;

public class FromTests
{
    [Fact]
    public void Collection_expressions_of_any_depth_are_tensors()
    {
        Assert.Equal([3], Tensor.From([1f, 2f, 3f]).Shape);
        Assert.Equal([2, 2], Tensor.From([[1f, 2f], [3f, 4f]]).Shape);
        Assert.Equal([1, 2, 1], Tensor.From([[[1], [2]]]).Shape);
        Assert.Equal(DType.Int32, Tensor.From([1, 2]).DType);
        Assert.Equal(DType.Int64, Tensor.From([1L, 2]).DType);
        Assert.Equal(DType.Float64, Tensor.From([1, 2.5]).DType);
        Assert.Equal(DType.Bool, Tensor.From([true, false]).DType);
        Assert.True(Tensor.From([[1f, 2f], [3f, 4f]], requiresGrad: true).RequiresGrad);
        Assert.Equal([], Tensor.From(5f).Shape);
        Assert.Equal([0], Tensor.From(Array.Empty<float>()).Shape);
    }

    [Fact]
    public void Arrays_spans_and_shapes_are_copied()
    {
        float[] array = [1, 2, 3, 4, 5, 6];
        Tensor x = Tensor.From(array), y = Tensor.From<float>(array, [2, 3]), z = Tensor.From(array.AsSpan(1, 2)),
            w = Tensor.From(new float[,] { { 1, 2 }, { 3, 4 } });
        array[1] = 9;
        Assert.Equal([1, 2, 3, 4, 5, 6], x.ToArray<float>());
        Assert.Equal([2, 3], y.Shape);
        Assert.Equal([2, 3], z.ToArray<float>());
        Assert.Equal([1, 2, 3, 4], w.ToArray<float>());
        Assert.Equal([2, 1, 2], Tensor.From(new float[2, 1, 2]).Shape);
        Assert.Contains("[2, 2]", Assert.Throws<ArgumentException>(() => Tensor.From<float>(array, [2, 2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_element_type_is_read_and_given_back()
    {
        Check<float>([1.5f, -2]);
        Check([1.5, -2]);
        Check<Half>([(Half)1.5, (Half)(-2)]);
        Check<BFloat16>([(BFloat16)1.5f, (BFloat16)(-2f)]);
        Check<sbyte>([1, -2]);
        Check<short>([1, -2]);
        Check<int>([1, -2]);
        Check<long>([1, -2]);
        Check<byte>([1, 254]);
        Check<bool>([true, false]);
        Assert.Throws<NotSupportedException>(() => Tensor.From([1u, 2u]));
        Assert.Throws<NotSupportedException>(() => Tensor.From('c'));

        static void Check<T>(T[] values) where T : unmanaged
        {
            Assert.Equal(values, Tensor.From(values).ToArray<T>());
            Assert.Equal(values, Tensor.From(values).AsSpan<T>().ToArray());
            Assert.Equal(values, Tensor.From([values, values])[1].ToArray<T>());
            Assert.Equal(values[1], Tensor.From(values[1]).Item<T>());
            Assert.Equal(values[1], Tensor.From(values)[1].Item<T>());
            Assert.Equal(DType.Of<T>(), Tensor.From(values).DType);
        }
    }

    [Fact]
    public void Rows_of_unequal_length_are_an_error_that_names_the_row()
    {
        Assert.Contains("row [1] has 3 elements where the first row has 2",
            Assert.Throws<ArgumentException>(() => Tensor.From([[1f, 2f], [3f, 4f, 5f]])).Message, StringComparison.Ordinal);
        Assert.Contains("row [0][1] has 1 elements", Assert.Throws<ArgumentException>(() => Tensor.From([[[1f, 2f], [3f]]])).Message, StringComparison.Ordinal);
        Assert.Contains("row [1]", Assert.Throws<ArgumentException>(() => Tensor.From(new float[][] { [], [1] })).Message, StringComparison.Ordinal);
        Assert.Contains("row [1] is null", Assert.Throws<ArgumentException>(() => Tensor.From(new float[][] { [1], null! })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Tensor.From(new string[,] { { "a" } }));
        Assert.Throws<ArgumentNullException>(() => Tensor.From((float[])null!));
        Assert.Throws<ArgumentNullException>(() => Tensor.From((Array)null!));
    }

    [Fact]
    public void Empty_rows_keep_the_shape()
    {
        Assert.Equal([2, 0], Tensor.From(new float[][] { [], [] }).Shape);
        Assert.Equal([0], Tensor.From(Array.Empty<float[]>()).Shape);
        Assert.Equal([0, 3], Tensor.From(new int[0, 3]).Shape);
        Assert.Equal([1, 2, 0], Tensor.From(new double[][][] { [[], []] }).Shape);
    }

    [Fact]
    public void Numbers_convert_to_and_from_tensors()
    {
        Tensor x = Tensor.From([1.5f, -2.5f]);
        Assert.Equal(1.5f, (float)x[0]);
        Assert.Equal(-2.5, (double)x[1]);
        Assert.Equal(1, (int)x[0]);
        Assert.Equal(-2L, (long)x[1]);
        Assert.True((bool)x[0]);
        Assert.Throws<InvalidOperationException>(() => (float)x);
        Tensor y = Tensor.Where(x > 0, x, 0);
        Assert.Equal(DType.Float32, y.DType);
        Assert.Equal([1.5f, 0], y.ToArray<float>());
        Assert.Equal(DType.Float16, x.To(DType.Float16).Maximum(0.5).DType);
    }

    [Fact]
    public void AsSpan_shares_memory_and_refuses_what_is_not_there()
    {
        Tensor x = Tensor.Zeros(2, 3);
        x.AsSpan<float>()[4] = 7;
        Assert.Equal(7, x[1, 1].Item());
        Assert.Throws<InvalidOperationException>(() => x.T.AsSpan<float>()[0]);
        Assert.Throws<InvalidOperationException>(() => x.AsSpan<int>()[0]);
        Assert.Equal(3, x[1].AsSpan<float>().Length);
        Assert.Throws<InvalidOperationException>(() => x.Item());
        Assert.Throws<InvalidOperationException>(() => x[..0].Item());
    }
}

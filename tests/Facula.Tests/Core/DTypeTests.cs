namespace Facula.Tests.Core;

public sealed class DTypeTests
{
    /// <summary>torch.promote_types of PyTorch 2: https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc.</summary>
    [Theory]
    [InlineData(DType.Bool, DType.UInt8, DType.UInt8)]
    [InlineData(DType.UInt8, DType.Int8, DType.Int16)]
    [InlineData(DType.UInt8, DType.Int64, DType.Int64)]
    [InlineData(DType.Int8, DType.Int32, DType.Int32)]
    [InlineData(DType.Int64, DType.Float16, DType.Float16)]
    [InlineData(DType.Float16, DType.BFloat16, DType.Float32)]
    [InlineData(DType.BFloat16, DType.Float32, DType.Float32)]
    [InlineData(DType.Bool, DType.BFloat16, DType.BFloat16)]
    [InlineData(DType.Float32, DType.Float64, DType.Float64)]
    public void Two_types_promote_as_in_PyTorch(DType a, DType b, DType expected)
    {
        Assert.Equal(expected, DType.Promote(a, b));
        Assert.Equal(expected, DType.Promote(b, a));
        Assert.Equal(expected, (Tensor.Ones([2], a) + Tensor.Ones([2], b)).DType);
    }

    /// <summary>torch.result_type: plain numbers and tensors of rank 0 count only by category.</summary>
    [Fact]
    public void Numbers_and_rank_0_widen_only_the_category()
    {
        Tensor floats = Tensor.Ones([2], DType.Float16), ints = Tensor.Ones([2], DType.Int8), bools = Tensor.Ones([2], DType.Bool);
        Assert.Equal(DType.Float16, (floats * 2.5).DType);
        Assert.Equal(DType.Int8, (ints + 1).DType);
        Assert.Equal(DType.Float32, (ints + 1.5).DType);
        Assert.Equal(DType.Int64, (bools + 1).DType);
        Assert.Equal(DType.Float16, (floats + Tensor.From(1.0)).DType);
        Assert.Equal(DType.Float64, (ints + Tensor.From(1.0)).DType);
        Assert.Equal(DType.Float32, (ints / ints).DType);
    }

    [Theory]
    [InlineData(300, 44)]
    [InlineData(-1, 255)]
    public void Integers_wrap_when_converted(long value, int expected) => Assert.Equal(expected, Tensor.From(value).To(DType.UInt8).Item<int>());

    [Fact]
    public void Truth_is_whatever_is_not_zero() =>
        Assert.Equal([false, true, true, true], Tensor.From([0f, 0.25f, -3f, float.NaN]).To(DType.Bool).ToArray<bool>());

    [Fact]
    public void BFloat16_rounds_to_nearest_even_and_keeps_what_is_special()
    {
        foreach (float value in (float[])[1f, -2.5f, 3.14159f, 1e-40f, 65504f, float.PositiveInfinity, -0f])
        {
            float back = (BFloat16)value;
            Assert.True(back == value || Math.Abs(back - value) <= Math.Abs(value) / 256 + 1e-40, $"{value} became {back}");
        }
        Assert.True(float.IsNaN((BFloat16)float.NaN));
        // Halfway between 0x3F80 and 0x3F81, and between 0x3F81 and 0x3F82: both to even.
        Assert.Equal(0x3F80, ((BFloat16)BitConverter.UInt32BitsToSingle(0x3F808000)).Bits);
        Assert.Equal(0x3F82, ((BFloat16)BitConverter.UInt32BitsToSingle(0x3F818000)).Bits);
    }
}

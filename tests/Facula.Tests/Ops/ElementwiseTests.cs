namespace Facula.Tests.Ops;

/// <summary>What the table cannot say of an element-wise operation. Values from PyTorch 1.13.1 where they are not plain arithmetic.</summary>
public sealed class ElementwiseTests
{
    [Fact]
    public void Pow_of_integers_is_exact_and_wraps()
    {
        Assert.Equal([4052555153018976267, -420491770248316829, 1], Tensor.From([3L, 3, 7]).Pow(Tensor.From([39L, 41, 0])).ToArray<long>());
        Assert.Equal([0L, 1, -1, 1], Tensor.From([2L, 1, -1, -1]).Pow(Tensor.From([-1L, -1, -3, -2])).ToArray<long>());
        Assert.Equal((byte)217, Tensor.From((byte)3).Pow(6).Item<byte>());
        Assert.Equal([8L, 0], Tensor.Pow(2, Tensor.From([3L, -1])).ToArray<long>());
    }

    [Fact]
    public void Pow_of_integers_to_a_negative_number_is_an_error_and_to_a_float_a_float()
    {
        Assert.Contains("-1.0", Assert.Throws<ArgumentException>(() => Tensor.From([2L]).Pow(-1)).Message);
        Tensor y = Tensor.From([2L]).Pow(2.0);
        Assert.Equal((DType.Float32, 4f), (y.DType, y.Item()));
        Assert.Equal(0.5f, Tensor.From([2L]).Pow(-1.0).Item());
    }

    [Fact]
    public void FloorDivide_and_remainder_are_those_of_Python()
    {
        float inf = float.PositiveInfinity, nan = float.NaN;
        Tensor a = Tensor.From([1f, 7, -7, 7, -7, inf, 1, 0, 5, -5, 1e30f]), b = Tensor.From([0.1f, 2, 2, -2, -2, 2, 0, 0, inf, inf, 3]);
        Assert.Equal([9, 3, -4, -4, 3, nan, inf, nan, 0, -1], a.FloorDivide(b).ToArray<float>()[..10]);
        Assert.Equal([0.099999987f, 1, 1, -1, -1, nan, nan, nan, 5, inf, 0], (a % b).ToArray<float>());
        Assert.Equal([-4L, 3, -3, 3], Tensor.From([-7L, 7, 9, -9]).FloorDivide(Tensor.From([2L, 2, -3, -3])).ToArray<long>());
        Assert.Equal([1L, -1], (Tensor.From([-7L, 7]) % Tensor.From([2L, -2])).ToArray<long>());
    }

    [Fact]
    public void An_integer_divided_by_zero_is_an_error()
    {
        Assert.StartsWith("floorDivide: the divisor is 0", Assert.Throws<ArgumentException>(() => Tensor.From([1L]).FloorDivide(0)).Message);
        Assert.StartsWith("remainder: a divisor", Assert.Throws<ArgumentException>(() => Tensor.From([1, 1]) % Tensor.From([1, 0])).Message);
    }

    [Fact]
    public void Clamp_keeps_integers_exact_and_promotes_for_fractions()
    {
        long large = (1L << 60) + 1;
        Assert.Equal(large, Tensor.From([long.MaxValue]).Clamp(max: large).Item<long>());
        Tensor y = Tensor.From([-7L, 3]).Clamp(0.5);
        Assert.Equal(DType.Float32, y.DType);
        Assert.Equal([0.5f, 3], y.ToArray<float>());
        Assert.Equal([2f, 2, 2], Tensor.From([0f, 1, 5]).Clamp(3, 2).ToArray<float>());
        Assert.Equal([float.NaN, float.NaN], Tensor.From([float.NaN, 1]).Clamp(0, float.NaN).ToArray<float>());
        Assert.Throws<ArgumentException>(() => Tensor.From([1f]).Clamp());
        Assert.Throws<ArgumentException>(() => Tensor.From([1L]).ClampInPlace(0.5));
    }

    [Fact]
    public void Sign_of_nan_is_zero() => Assert.Equal([0f, 0, 1, -1], Tensor.From([float.NaN, -0f, float.PositiveInfinity, -2]).Sign().ToArray<float>());

    [Fact]
    public void Lerp_reaches_both_ends_exactly()
    {
        Tensor a = Tensor.From([1e8f, -3.3f, 0.1f]), b = Tensor.From([1f, 7.7f, 1e-9f]);
        Assert.Equal(a.ToArray<float>(), a.Lerp(b, 0).ToArray<float>());
        Assert.Equal(b.ToArray<float>(), a.Lerp(b, 1).ToArray<float>());
        Assert.Equal(b.ToArray<float>(), a.Lerp(b, Tensor.Ones(3)).ToArray<float>());
        Assert.Throws<ArgumentException>(() => Tensor.From([1L]).Lerp(Tensor.From([2L]), 0.5));
    }

    /// <summary>Where 1 + erf(x / sqrt(2)) is 0 in float. By mpmath: x ncdf(x), and x (1 + tanh(..)) / 2 at the float next to -5.2.</summary>
    [Theory, InlineData(GeluApproximation.None, -5.1815068119404892e-7), InlineData(GeluApproximation.Tanh, -5.6875711353585411e-8)]
    public void Gelu_far_below_zero_is_small_but_not_lost(GeluApproximation approximate, double expected) =>
        Assert.Equal(1, Tensor.From([-5.2f]).Gelu(approximate).Item() / expected, 4e-7);

    [Fact]
    public void Closeness_knows_infinity_and_nan()
    {
        float inf = float.PositiveInfinity, nan = float.NaN;
        Assert.Equal([true, false, false, false], Tensor.From([inf, 1, inf, nan]).IsClose(Tensor.From([inf, inf, -inf, nan])).ToArray<bool>());
        Assert.True(Tensor.From([nan]).AllClose(Tensor.From([nan]), equalNan: true));
        Assert.True(Tensor.From([1f]).AllClose(Tensor.From([1f + 9e-6f, 1f])));
        Assert.False(Tensor.From([1f]).AllClose(Tensor.From([1f + 2e-5f])));
        Assert.True(Tensor.From([100L]).AllClose(Tensor.From([101L]), rtol: 0.02));
        Assert.False(Tensor.From([100L]).AllClose(Tensor.From([101L]), rtol: 0.005));
    }

    [Fact]
    public void AllEqual_needs_equal_shapes()
    {
        Assert.True(Tensor.From([1f, 2]).AllEqual(Tensor.From([1.0, 2])));
        Assert.False(Tensor.From([1f, 2]).AllEqual(Tensor.From([1f, 3])));
        Assert.False(Tensor.From([1f]).AllEqual(Tensor.From([1f, 1])));
        Assert.False(Tensor.From([float.NaN]).AllEqual(Tensor.From([float.NaN])));
        Assert.True(Tensor.Zeros(0).AllEqual(Tensor.Zeros(0)));
    }

    [Fact]
    public void Alpha_of_integers_must_be_an_integer()
    {
        Assert.Equal([7L], Tensor.From([1L]).Add(Tensor.From([2L]), 3).ToArray<long>());
        Assert.Throws<ArgumentException>(() => Tensor.From([1L]).Add(Tensor.From([2L]), 0.5));
    }

    [Fact]
    public void A_gradient_of_zero_does_not_promote_like_a_plain_number()
    {
        Tensor x = Tensor.From([1.5], requiresGrad: true);
        x.Floor().Backward();
        Assert.Equal(DType.Float64, (x.Grad! + Tensor.From([1f])).DType);
    }
}

namespace Facula.Tests.Creation;

public class ArangeTests
{
    // torch.arange of PyTorch 1.13.0.
    [Fact]
    public void Arange_has_PyTorchs_length_type_and_values()
    {
        Check(Tensor.Arange(5), DType.Int64, 0, 1, 2, 3, 4);
        Check(Tensor.Arange(2, 7), DType.Int64, 2, 3, 4, 5, 6);
        Check(Tensor.Arange(0, 10, 3), DType.Int64, 0, 3, 6, 9);
        Check(Tensor.Arange(10, 0, -3), DType.Int64, 10, 7, 4, 1);
        Check(Tensor.Arange(5, 5), DType.Int64);
        Check(Tensor.Arange(-2, 0), DType.Int64, -2, -1);
        Check(Tensor.Arange(0.5, 3), DType.Float32, 0.5, 1.5, 2.5);
        Check(Tensor.Arange(0, 5, 2.0), DType.Float32, 0, 2, 4);
        Check(Tensor.Arange(1.0), DType.Float32, 0);
        Check(Tensor.Arange(3, dtype: DType.Float16), DType.Float16, 0, 1, 2);
        Check(Tensor.Arange(0.0, 6.0, dtype: DType.Int64), DType.Int64, 0, 1, 2, 3, 4, 5);
        Assert.Equal(10, Tensor.Arange(0, 1, 0.1).Count);
        Assert.Equal(4, Tensor.Arange(1, 2, 0.3).Count);
        Assert.Equal(1.9f, Tensor.Arange(1, 2, 0.3)[3].Item());
        Assert.True(Tensor.Arange(3f, requiresGrad: true).RequiresGrad);
        Assert.Equal(Device.Reference, Tensor.Arange(3, device: Device.Reference).Device);
    }

    [Fact]
    public void Arange_refuses_steps_that_lead_nowhere()
    {
        Assert.Throws<ArgumentException>(() => Tensor.Arange(0, 5, 0));
        Assert.Throws<ArgumentException>(() => Tensor.Arange(0, 5, -1));
        Assert.Throws<ArgumentException>(() => Tensor.Arange(5, 0));
        Assert.Throws<ArgumentException>(() => Tensor.Arange(double.PositiveInfinity));
    }

    // torch.linspace, torch.logspace of PyTorch 1.13.0.
    [Fact]
    public void Linspace_and_Logspace_include_both_ends()
    {
        Check(Tensor.Linspace(0, 1, 5), DType.Float32, 0, 0.25, 0.5, 0.75, 1);
        Check(Tensor.Linspace(-2, 3, 1), DType.Float32, -2);
        Check(Tensor.Linspace(3, 3, 3), DType.Float32, 3, 3, 3);
        Check(Tensor.Linspace(0, 10, 4, DType.Int64), DType.Int64, 0, 3, 6, 10);
        Check(Tensor.Linspace(0, 1, 0), DType.Float32);
        Check(Tensor.Logspace(0, 3, 4), DType.Float32, 1, 10, 100, 1000);
        Check(Tensor.Logspace(0, 2, 3, 2), DType.Float32, 1, 2, 4);
        Tensor fine = Tensor.Linspace(0.1, 0.7, 1001, DType.Float64);
        Assert.Equal((0.1, 0.7), (fine[0].Item<double>(), fine[^1].Item<double>()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Linspace(0, 1, -1));
    }

    [Fact]
    public void Eye_has_ones_on_the_diagonal()
    {
        Check(Tensor.Eye(2), DType.Float32, 1, 0, 0, 1);
        Check(Tensor.Eye(2, 3, DType.Int64), DType.Int64, 1, 0, 0, 0, 1, 0);
        Check(Tensor.Eye(3, 1), DType.Float32, 1, 0, 0);
        Check(Tensor.Eye(0), DType.Float32);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Eye(-1));
    }

    [Fact]
    public void Filled_tensors_have_the_type_of_the_value()
    {
        Check(Tensor.Full([2], 3), DType.Int64, 3, 3);
        Check(Tensor.Full([2], 3.5), DType.Float32, 3.5, 3.5);
        Check(Tensor.Full([1], true), DType.Bool, 1);
        Check(Tensor.Ones([2], DType.UInt8), DType.UInt8, 1, 1);
        Check(Tensor.From([1, 2]).FullLike(7.9), DType.Int32, 7, 7);
        Check(Tensor.Zeros(2).OnesLike(DType.Float64), DType.Float64, 1, 1);
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([-1]));
    }

    private static void Check(Tensor actual, DType type, params double[] values)
    {
        Assert.Equal(type, actual.DType);
        Assert.Equal(values, actual.ToArray<double>());
    }
}

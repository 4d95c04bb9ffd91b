using Facula.Backends;

namespace Facula.Tests.Devices;

/// <summary>Elements between the host and a device, and between two devices.</summary>
public sealed class TransferTests
{
    [Fact]
    public void Elements_come_back_as_they_went()
    {
        Device other = Remote.Create(out RemoteBackend backend);
        foreach (DType type in DType.All)
        {
            Tensor x = Tensor.From([0, 1, 2, 3, 4, 5]).To(type).Reshape(2, 3);
            foreach (Tensor view in new[] { x, x.T, x[0], x[.., 1..], x[0, 0], x[..0] })
            {
                Tensor there = view.To(other);
                Assert.Equal(other, there.Device);
                Assert.True(view.AllEqual(there.To(Device.Cpu)));
                Assert.True(view.AllEqual(there.To(Device.Reference).To(Device.Cpu)));
                Assert.Equal(view.ToArray<double>(), there.ToArray<double>());
            }
        }
        Assert.True(backend.Uploads > 0 && backend.Downloads > 0);
    }

    [Fact]
    public void Two_devices_exchange_elements_through_staging_memory()
    {
        Device one = Remote.Create(out RemoteBackend first), other = Remote.Create(out RemoteBackend second);
        // More than is staged at a time, and no multiple of it.
        Tensor x = Tensor.Arange((5 << 20) / 4 + 7, dtype: DType.Float32), there = x.To(one).To(other);
        Assert.Equal((2, 0), (first.Downloads, second.Downloads));
        Assert.Equal((1, 2), (first.Uploads, second.Uploads));
        Assert.True(x.AllEqual(there.To(Device.Cpu)));
    }

    [Fact]
    public void The_narrower_type_travels()
    {
        Device other = Remote.Create(out RemoteBackend backend);
        Tensor x = Tensor.From([1.5, -2.25, 0, 1e300]);
        Assert.Equal([1.5, -2.25, 0, double.PositiveInfinity], x.To(DType.Float32, other).To(DType.Float64, Device.Cpu).ToArray<double>());
        Assert.Equal([true, true, false, true], x.To(DType.Bool, other).ToArray<bool>());
        Assert.Equal([1L, -2, 0], x[..3].To(DType.Int8, other).To(DType.Int64).ToArray<long>());
        Assert.Equal(0, backend.Synchronizations);
    }

    [Fact]
    public void Values_are_read_by_name_and_printed()
    {
        Tensor x = Tensor.From([[1f, 2f], [3f, 4f]]).To(Remote.Device);
        Assert.Equal(4, x[1, 1].Item());
        Assert.Equal(4L, x[1, 1].Item<long>());
        Assert.Equal(3.0, (double)x[1, 0]);
        Assert.Equal([1f, 3, 2, 4], x.T.ToArray<float>());
        Assert.Equal("tensor([[1., 2.],\n        [3., 4.]], device='remote')", x.ToString());
    }

    [Fact]
    public void A_span_over_the_memory_of_a_device_is_refused()
    {
        Tensor x = Tensor.Zeros(3).To(Remote.Device);
        string message = Assert.Throws<InvalidOperationException>(() => x.AsSpan<float>().Length).Message;
        Assert.Contains("To(Device.Cpu)", message);
        Assert.Contains("remote", message);
    }

    [Fact]
    public void Neither_side_touches_the_others_memory()
    {
        Tensor here = Tensor.Zeros(3), there = here.To(Remote.Device), elsewhere = here.To(Remote.Create(out _));
        Assert.Throws<InvalidOperationException>(() => Device.Cpu.Backend.Copy(there.Operand, here.Operand));
        Assert.Throws<InvalidOperationException>(() => Remote.Device.Backend.Copy(here.Operand, there.Operand));
        Assert.Throws<InvalidOperationException>(() => Remote.Device.Backend.Copy(elsewhere.Operand, there.Operand));
    }

    [Fact]
    public void Values_from_another_device_are_copied_in_place()
    {
        Tensor x = Tensor.Zeros(2, 3).To(Remote.Device);
        x.CopyInPlace(Tensor.From([1f, 2, 3]));
        x[0].CopyInPlace(Tensor.From([4.0, 5, 6]).To(Device.Reference));
        Assert.Equal([4f, 5, 6, 1, 2, 3], x.ToArray<float>());
        Tensor here = Tensor.Zeros(2, 3);
        here.CopyInPlace(x);
        Assert.Equal([4f, 5, 6, 1, 2, 3], here.ToArray<float>());
    }
}

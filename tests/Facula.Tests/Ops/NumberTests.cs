using Facula.NN;

namespace Facula.Tests.Ops;

/// <summary>Plain numbers where tensors are asked for: arguments of kernels, which take part wherever their partners are.</summary>
public sealed class NumberTests
{
    public static TheoryData<string> Devices => ["cpu", "reference"];

    private static Device Of(string name) => name == "cpu" ? Device.Cpu : Device.Reference;

    private static Tensor Ramp(string device) => Tensor.From([-1.5f, 0.5f, 2f, 3f]).To(Of(device));

    [Fact]
    public void AreImmediates()
    {
        Assert.Equal(2.5, ((Tensor)2.5).Operand.Immediate?.ToDouble());
        Assert.Equal(long.MaxValue, ((Tensor)long.MaxValue).Operand.Immediate?.ToInt64());
        Assert.Equal(DType.Bool, ((Tensor)true).Operand.Immediate?.DType);
        Assert.Null(Tensor.Zeros().Operand.Immediate);
    }

    [Fact]
    public void MakeNumbersOfNumbers()
    {
        Tensor half = (Tensor)1 / (Tensor)2, root = ((Tensor)2.0).Sqrt(), less = (Tensor)1 < (Tensor)2;
        Assert.Equal(0.5, half.Operand.Immediate?.ToDouble());
        Assert.Equal(Math.Sqrt(2), root.Operand.Immediate?.ToDouble());
        Assert.Equal(DType.Bool, less.Operand.Immediate?.DType);
        Assert.Equal(DType.Float32, (Tensor.Ones([2], device: Device.Reference) * root).DType);
        // What a program converts on purpose is a tensor like any other.
        Assert.Null(((Tensor)2.0).To(DType.Float32).Operand.Immediate);
        Assert.Null(((Tensor)2.0).To(Device.Reference).Operand.Immediate);
        Assert.Equal(Device.Reference, ((Tensor)2.0).To(Device.Reference).Device);
        Assert.Null(new Parameter(2.0).Operand.Immediate);
    }

    [Theory, MemberData(nameof(Devices))]
    public void TakePartOnAnyDevice(string device)
    {
        Tensor x = Ramp(device), mask = x > 0;
        Tensor five = 5, none = 0.0;
        (Tensor Result, float[] Expected)[] cases =
        [
            (x * 2, [-3, 1, 4, 6]),
            (2 - x, [3.5f, 1.5f, 0, -1]),
            (x + five, [3.5f, 5.5f, 7, 8]),
            (Tensor.Where(mask, x, none), [0, 0.5f, 2, 3]),
            (Tensor.Where(none, x, five), [5, 5, 5, 5]),
            (five.Lerp(x, mask.To(DType.Float32)), [5, 0.5f, 2, 3]),
            (Tensor.Stack([none, x[1], five]), [0, 0.5f, 5]),
            (x.MaskedFill(mask, 7), [-1.5f, 7, 7, 7]),
            (x.Clone().CopyInPlace(5), [5, 5, 5, 5]),
            (x.Clone().AddInPlace(1), [-0.5f, 1.5f, 3, 4]),
            (x.Clone().ScatterInPlace(0, Tensor.From([1L]).To(Of(device)), 9), [-1.5f, 9, 2, 3]),
            (x.Maximum(five.Sqrt()), [MathF.Sqrt(5), MathF.Sqrt(5), MathF.Sqrt(5), 3]),
            (new L1Loss(Facula.NN.Reduction.None).Call(x, 1), [2.5f, 0.5f, 1, 2]),
        ];
        foreach ((Tensor result, float[] expected) in cases)
        {
            Assert.Equal(Of(device), result.Device);
            Assert.Equal(expected, result.ToArray<float>());
        }
        Tensor y = x.Clone();
        y[1] = 8;
        y[mask] = 4;
        Assert.Equal([-1.5f, 4, 4, 4], y.ToArray<float>());
    }

    [Theory, MemberData(nameof(Devices))]
    public void AreConstantsOfDerivativesOfAnyOrder(string device)
    {
        foreach (DType type in (DType[])[DType.Float32, DType.Float64, DType.Float16])
        {
            Tensor x = Tensor.From([0.5f, 2f]).To(type, Of(device));
            x.RequiresGrad = true;
            x.Pow(4).Sum().Backward(createGraph: true);
            Tensor first = x.Grad!;
            x.Grad = null;
            first.Sum().Backward();
            Assert.Equal([3f, 48f], x.Grad!.To(DType.Float32).ToArray<float>());
            Assert.Equal(type, x.Grad!.DType);
        }
    }

    [Fact]
    public void CanBeChangedLikeTensors()
    {
        Tensor total = 1.0;
        total.AddInPlace(2);
        total.MultiplyInPlace(Tensor.Full([], 2.0, DType.Float64));
        Assert.Equal(6, total.Item<double>());
        total.AsSpan<double>()[0] = 7;
        Assert.Equal(7, (double)total);
        Assert.Equal([8f, 8f], (Tensor.Ones(2) + total).ToArray<float>());
        var error = Assert.Throws<ArgumentException>(() => total.AddInPlace(Tensor.Zeros([], device: Device.Reference)));
        Assert.Contains("reference", error.Message);
        total.Dispose();
        Assert.True(total.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => Tensor.Ones(2) + total);
    }

    [Fact]
    public void StandBesideEachOtherOnOneDeviceOnly()
    {
        Tensor here = Tensor.Ones(2), there = Tensor.Ones([2], device: Device.Reference);
        foreach (Action call in (Action[])[() => Tensor.Where(here > 0, there, 0), () => Tensor.Where(here > 0, 0, there), () => Tensor.Stack([here, there]),
            () => here.Lerp(here, there)])
        {
            string message = Assert.Throws<ArgumentException>(call).Message;
            Assert.Contains("cpu", message);
            Assert.Contains("reference", message);
            Assert.Contains("To(device)", message);
        }
    }
}

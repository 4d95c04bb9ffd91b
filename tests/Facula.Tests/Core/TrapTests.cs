using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests;

/// <summary>What people who come from PyTorch write, and once fell over.</summary>
public sealed class TrapTests
{
    [Fact]
    public void A_sum_may_start_at_a_plain_number()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true);
        Tensor total = 0;
        for (int i = 1; i <= 3; i++) total += (x * i).Sum();
        Assert.Equal((DType.Float32, 18f, true), (total.DType, total.Item(), total.RequiresGrad));
        total.Backward();
        Assert.Equal([6, 6], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Plain_numbers_take_over_whatever_is_done_to_them_in_place()
    {
        Tensor x = Tensor.From([2f, 4f], requiresGrad: true);
        (string Name, Action<Tensor> Change, float[] Result)[] cases =
        [
            ("+=", t => t += x, [3, 5]), ("-=", t => t -= x, [-1, -3]), ("*=", t => t *= x, [2, 4]), ("/=", t => t /= x, [0.5f, 0.25f]),
            ("AddInPlace", t => t.AddInPlace(x, 2), [5, 9]),
        ];
        foreach ((string name, Action<Tensor> change, float[] result) in cases)
        {
            foreach (Tensor number in (Tensor[])[1, 1.0, 1L, 1f])
            {
                change(number);
                Assert.True(number.ToArray<float>().SequenceEqual(result), name);
                Assert.Equal((DType.Float32, true), (number.DType, number.RequiresGrad));
                Assert.NotNull(Autograd.Grad(number.Sum(), x));
            }
            using (Autograd.NoGrad())
            {
                Tensor number = 1;
                change(number);
                Assert.False(number.RequiresGrad);
                Assert.Equal(result, number.ToArray<float>());
            }
        }
    }

    [Fact]
    public void A_plain_number_takes_over_type_and_device_and_stays_one_among_numbers()
    {
        Tensor count = 0;
        count += (Tensor.Arange(5) > 2).Sum();
        Assert.Equal((DType.Int64, 2L), (count.DType, count.Item<long>()));
        Tensor there = 0;
        there += Tensor.Ones([2], device: Device.Reference);
        Assert.Equal(Device.Reference, there.Device);
        Tensor number = 1;
        number += 1;
        number *= 0.5;
        // It widens nothing yet.
        Assert.Equal(DType.Float16, (number + Tensor.Ones([2], DType.Float16)).DType);
        Tensor same = number;
        number += Tensor.Ones(2);
        Assert.Equal([2, 2], same.ToArray<float>());
    }

    [Fact]
    public void Sizes_one_by_one_go_with_other_arguments_by_name()
    {
        Assert.Equal((new Shape([2]), true), (Tensor.Ones(2, requiresGrad: true).Shape, Tensor.Ones(2, requiresGrad: true).RequiresGrad));
        Assert.Equal([2, 3], Tensor.Zeros(2, 3, dtype: DType.Int64).Shape);
        Assert.Equal([2, 3, 4], Tensor.Empty(2, 3, 4, device: Device.Reference).Shape);
        Assert.Equal([1, 2, 3, 4], Tensor.Rand(1, 2, 3, 4, generator: new Generator(1)).Shape);
        Assert.Equal([1, 2, 3, 4, 5], Tensor.Randn(1, 2, 3, 4, 5, dtype: DType.Float64, requiresGrad: true).Shape);
        Assert.Equal(Tensor.Rand([2, 3], generator: new(5)).ToArray<float>(), Tensor.Rand(2, 3, generator: new(5)).ToArray<float>());
        Assert.Equal([0], Tensor.Zeros(0).Shape);
        Assert.Equal([1, 1, 1, 1, 1, 1, 2], Tensor.Zeros(1, 1, 1, 1, 1, 1, 2).Shape);
        Assert.Throws<ArgumentException>(() => Tensor.Ones(2, -1, requiresGrad: true));
        Assert.Contains("size1", Assert.Throws<ArgumentException>(() => Tensor.Ones(2, size2: 3, requiresGrad: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_become_tensors_of_the_type_and_on_the_device_that_is_asked_for()
    {
        Assert.Equal(DType.Float64, Tensor.From([1.0, 2.0]).DType);
        foreach (Tensor x in (Tensor[])[Tensor.From([1.0, 2.0], DType.Float32, Device.Reference),
            Tensor.From(new[] { 1.0, 2.0 }, DType.Float32, Device.Reference),
            Tensor.From([1, 2], [2], DType.Float32, Device.Reference), Tensor.From((Array)new[] { 1.0, 2.0 }, DType.Float32, Device.Reference)])
        {
            Assert.Equal((DType.Float32, Device.Reference), (x.DType, x.Device));
            Assert.Equal([1, 2], x.To(Device.Cpu).ToArray<float>());
        }
        Assert.Equal((DType.Float16, true), (Tensor.From([[1.0], [2.0]], DType.Float16, requiresGrad: true).DType,
            Tensor.From(1.5, DType.Float32, requiresGrad: true).RequiresGrad));
    }

    [Fact]
    public void Layers_say_what_to_do_with_doubles()
    {
        foreach (Action call in (Action[])[() => new Linear(2, 1).Call(Tensor.From([1.0, 2.0])), () => new Conv1d(1, 1, 1).Call(Tensor.From([[1.0, 2.0]]))])
        {
            string message = Assert.Throws<ArgumentException>(call).Message;
            foreach (string part in (string[])["float64", "float32", "To(DType.Float32)", "1f", "Tensor.From(values, DType.Float32)"]) Assert.Contains(part,
                message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Asking_a_tensor_for_what_it_is_changes_nothing()
    {
        Tensor x = Tensor.Rand([2, 16, 8, 8], generator: new(1)), y = F.Conv2d(x, Tensor.Rand([16, 16, 3, 3], generator: new(2)), padding: 1);
        Layout before = y.Layout;
        Assert.True(before.IsChannelsLast, "the case needs an order of the convolution's own");
        Assert.Equal([16 * 64, 64, 8, 1], y.Strides);
        _ = (y.Shape, y.Rank, y.Count, y.Length, y.DType, y.Device, y.IsContiguous, y.IsLeaf, y.RequiresGrad, y.GradFn, y.Grad, y.IsDisposed,
            y.Size(1));
        Assert.Same(before, y.Layout);
    }

    [Fact]
    public void A_literal_0_is_a_dimension_or_a_number_and_never_a_type()
    {
        Tensor x = Tensor.From([[1f, 2f], [3f, 4f]]);
        Assert.Equal([4, 6], x.Sum(0).ToArray<float>());
        Assert.Equal([2, 3], x.Mean(0).ToArray<float>());
        Assert.Equal((DType.Int64, 5), (Tensor.Arange(-5, 0).DType, Tensor.Arange(-5, 0).Length));
        Assert.Equal(0, Tensor.Full([], 0).Item<long>());
    }
}

using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

public sealed class ConvolutionTests
{
    /// <summary>The texts are those of PyTorch's repr.</summary>
    [Fact]
    public void Layers_print_as_in_PyTorch()
    {
        Assert.Equal("Conv2d(3, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))", new Conv2d(3, 32, 3, padding: 1).ToString());
        Assert.Equal("Conv1d(4, 8, kernel_size=(5,), stride=(2,), dilation=(3,), groups=2, bias=False)",
            new Conv1d(4, 8, 5, stride: 2, dilation: 3, groups: 2, bias: false).ToString());
        Assert.Equal("Conv2d(3, 4, kernel_size=(3, 5), stride=(1, 1), padding=same, padding_mode=reflect)",
            new Conv2d(3, 4, (3, 5), padding: Padding.Same, paddingMode: PaddingMode.Reflect).ToString());
        Assert.Equal("ConvTranspose2d(4, 2, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1))",
            new ConvTranspose2d(4, 2, 3, stride: 2, padding: 1, outputPadding: 1).ToString());
    }

    [Fact]
    public void Parameters_have_PyTorchs_names_and_shapes()
    {
        Assert.Equal(["weight", "bias"], new Conv2d(4, 8, 3, groups: 2).StateDict().Keys);
        Assert.Equal(new Shape([8, 2, 3, 3]), new Conv2d(4, 8, 3, groups: 2).Weight.Shape);
        Assert.Equal(new Shape([4, 4, 3]), new ConvTranspose1d(4, 8, 3, groups: 2).Weight.Shape);
    }

    [Fact]
    public void Errors_name_the_layer_the_shapes_and_what_would_fit()
    {
        string message = Assert.Throws<ArgumentException>(() => new Conv2d(3, 8, 3).Call(Tensor.Zeros([2, 4, 8, 8]))).Message;
        foreach (string part in new[] { "Conv2d(3, 8", "[2, 4, 8, 8]", "[8, 3, 3, 3]", "3 channels" }) Assert.Contains(part, message);
        Assert.Contains("too small", Assert.Throws<ArgumentException>(() => new Conv2d(3, 8, 5).Call(Tensor.Zeros([2, 3, 4, 8]))).Message);
        Assert.Throws<ArgumentException>(() => new Conv2d(3, 8, 3, groups: 2));
        Assert.Throws<ArgumentException>(() => new Conv2d(3, 8, 3).Call(Tensor.Zeros([8, 8])));
        Assert.Throws<ArgumentException>(() => new Conv2d(3, 8, 3, stride: 2, padding: Padding.Same));
    }

    [Fact]
    public void The_order_of_elements_inside_is_never_seen()
    {
        Tensor y = F.Conv2d(Tensor.Randn(2, 3, 5, 6), Tensor.Randn(4, 3, 3, 3), padding: 1);
        float[] expected = y.ToArray<float>();
        Tensor other = F.Relu(y) + 0;
        Assert.True(y.IsContiguous);
        Assert.Equal(expected, y.AsSpan<float>().ToArray());
        Assert.Equal([120, 30, 6, 1], y.Strides);
        Assert.Equal(expected.Select(value => Math.Max(value, 0)), other.View(-1).ToArray<float>());
        Assert.Equal(Math.Max(expected[7], 0), other.Select(0, 0).Select(0, 0)[1, 1].Item());
    }

    /// <summary>It is summed in passing by the kernels that take the weight's gradient, each of which has its own way.</summary>
    [Theory]
    [InlineData(3, 32, 3, 1, 1), InlineData(3, 5, 3, 1, 1), InlineData(16, 40, 3, 2, 1), InlineData(8, 24, 1, 1, 1), InlineData(20, 20, 3, 1, 20),
        InlineData(12, 8, 3, 1, 4), InlineData(16, 32, 3, 1, 1)]
    public void The_biass_gradient_is_the_sum_of_the_outputs(int inputs, int outputs, int kernel, int stride, int groups)
    {
        var generator = new Generator(8);
        var layer = new Conv2d(inputs, outputs, kernel, stride, padding: kernel / 2, groups: groups, generator: generator);
        Tensor y = layer.Call(Tensor.Randn([3, inputs, 21, 34], generator: generator)), g = Tensor.Randn(y.Shape, generator: generator);
        y.Backward(g);
        Values.AssertClose(g.To(DType.Float64).Sum([0, 2, 3]).ToArray<double>(), layer.Bias!.Grad!, 3e-6);
    }

    /// <summary>A change of the weight that nobody is told of, or of which the version tells, must show.</summary>
    [Fact]
    public void Packed_weights_follow_changes()
    {
        using GradModeScope scope = Autograd.NoGrad();
        Tensor x = Tensor.Ones([1, 16, 6, 6]), w = Tensor.Ones([16, 16, 3, 3]);
        for (int i = 0; i < 4; i++) Assert.Equal(144, F.Conv2d(x, w)[0, 0, 1, 1].Item());
        w.MultiplyInPlace(2);
        for (int i = 0; i < 4; i++) Assert.Equal(288, F.Conv2d(x, w)[0, 0, 1, 1].Item());
        w.AsSpan<float>().Fill(3);
        Assert.Equal(432, F.Conv2d(x, w)[0, 0, 1, 1].Item());
    }

    /// <summary>Several weights may lie in one storage, and one storage may be seen in several shapes.</summary>
    [Fact]
    public void Packed_weights_are_those_of_their_view()
    {
        using GradModeScope scope = Autograd.NoGrad();
        Tensor x = Tensor.Ones([1, 16, 6, 6]), both = Tensor.Ones([32, 16, 3, 3]);
        both[16..].MultiplyInPlace(2);
        Tensor first = both[..16], second = both[16..], wide = both.View(16, 32, 3, 3);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(144, F.Conv2d(x, first)[0, 0, 1, 1].Item());
            Assert.Equal(288, F.Conv2d(x, second)[0, 0, 1, 1].Item());
            Assert.Equal(288, F.Conv2d(x, both)[0, 31, 1, 1].Item());
            Assert.Equal(288, F.Conv2d(Tensor.Ones([1, 32, 6, 6]), wide)[0, 0, 1, 1].Item());
        }
    }

    [Fact]
    public void Sequential_fuses_without_changing_results()
    {
        var model = new Sequential(new Conv2d(3, 16, 3, padding: 1), new BatchNorm2d(16), new Relu(), new Conv2d(16, 16, 3), new Relu(), new MaxPool2d(2),
            new Conv2d(16, 8, 1), new Relu());
        Tensor x = Tensor.Randn(2, 3, 10, 10);
        model.Call(x);
        foreach (bool training in new[] { true, false })
        {
            model.Train(training);
            foreach (bool records in new[] { true, false })
            {
                using GradModeScope scope = records ? Autograd.EnableGrad() : Autograd.NoGrad();
                Tensor one = x;
                foreach (Module<Tensor, Tensor> module in model) one = module.Call(one);
                Tensor all = model.Call(x);
                Assert.True((one - all).Abs().Max().Item() < 1e-5);
            }
        }
    }
}

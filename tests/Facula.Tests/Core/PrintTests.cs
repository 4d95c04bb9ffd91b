using System.Runtime.CompilerServices;

namespace Facula.Tests.Core;

[Collection("PrintOptions")]
public class PrintTests
{
    private static readonly (string Name, Func<Tensor> Make)[] Cases =
    [
        Case(() => Tensor.From(3f)),
        Case(() => Tensor.From(5L)),
        Case(() => Tensor.From(true)),
        Case(() => Tensor.From(3.5f)),
        Case(() => Tensor.From([[0.1312f, -0.4246f], [0.4099f, 0.4766f]], requiresGrad: true)),
        Case(() => Tensor.From([1f, 2f, 3f])),
        Case(() => Tensor.From([1f, 20f, -3f])),
        Case(() => Tensor.From([1L, 20, -300])),
        Case(() => Tensor.From([true, false])),
        Case(() => Tensor.From([1.5, 2.0])),
        Case(() => Tensor.From([1.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity])),
        Case(() => Tensor.From([1f, float.NaN, float.NegativeInfinity])),
        Case(() => Tensor.From([float.NaN, 0f])),
        Case(() => Tensor.From([0f, -0f])),
        Case(() => Tensor.From([1e-5f, 1f])),
        Case(() => Tensor.From([0.00012f, 0.05f])),
        Case(() => Tensor.From([1e-5f, 2e-5f])),
        Case(() => Tensor.From([1e9f, 2f])),
        Case(() => Tensor.From([1e8f])),
        Case(() => Tensor.From([1.1e8f])),
        Case(() => Tensor.From([1f, 1001f])),
        Case(() => Tensor.From([1f, 1000f])),
        Case(() => Tensor.From([0.5f, 1000.25f])),
        Case(() => Tensor.From([1.5e-10, -3e300])),
        Case(() => Tensor.From([0.03125f, 0.09375f, 0.15625f, 0.21875f])),
        Case(() => Tensor.From([1.03125e-10, 1.5])*1.0),
        Case(() => Tensor.From([0.99999f, 0.00005f])),
        Case(() => Tensor.From([1234.56789f, 0.5f])),
        Case(() => Tensor.Zeros(2, 3)),
        Case(() => Tensor.Zeros([0, 3])),
        Case(() => Tensor.Zeros([0])),
        Case(() => Tensor.Zeros([0], DType.Int64)),
        Case(() => Tensor.Zeros([2, 0, 3], DType.Float64)),
        Case(() => Tensor.Zeros([0, 3], requiresGrad: true)),
        Case(() => Tensor.Arange(10)),
        Case(() => Tensor.Arange(24).Reshape(2, 3, 4)),
        Case(() => Tensor.Arange(16).Reshape(2, 2, 2, 2)),
        Case(() => Tensor.Arange(30)),
        Case(() => Tensor.Arange(1001)),
        Case(() => Tensor.Arange(1001f)),
        Case(() => Tensor.Arange(10_000).Reshape(100, 100)),
        Case(() => Tensor.Arange(3000).Reshape(2, 15, 100)),
        Case(() => Tensor.Arange(1296).Reshape(2, 8, 81)),
        Case(() => Tensor.Arange(2000).Reshape(2, 1000) % 7 == 0),
        Case(() => Tensor.Linspace(-1, 1, 24).Reshape(4, 6)),
        Case(() => Tensor.From([1, 20, -300])),
        Case(() => Tensor.Linspace(-1, 1, 40)),
        Case(() => Tensor.Linspace(0, 1, 1200).Reshape(30, 40)),
        Case(() => Tensor.Arange(6).To(DType.UInt8)),
        Case(() => Tensor.Arange(6).To(DType.Int32)),
        Case(() => Tensor.From([0.1f, 100f]).To(DType.Float16)),
        Case(() => Tensor.From([0.1f, 100f]).To(DType.BFloat16)),
        Case(() => Tensor.Arange(17, dtype: DType.Float64)),
        Case(() => Tensor.Arange(20, dtype: DType.Float64, requiresGrad: true)),
        Case(() => Tensor.Arange(19, dtype: DType.Int16)),
        Case(() => Tensor.Arange(21, dtype: DType.Int32)),
        Case(() => Tensor.Arange(22, dtype: DType.Int32)),
        Case(() => Tensor.From([1f, 2f], requiresGrad: true) + 1),
        Case(() => Tensor.From([1f, 2f], requiresGrad: true).Sum()),
        Case(() => Tensor.Arange(18, dtype: DType.Float64, requiresGrad: true) * 2),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ToString_prints_as_PyTorch(string name)
    {
        string expected = Expected().Single(block => block.StartsWith(name + "\n", StringComparison.Ordinal))[(name.Length + 1)..].TrimEnd('\n');
        Assert.Equal(expected, Cases.Single(c => c.Name == name).Make().ToString());
    }

    [Fact]
    public void Every_expected_text_has_a_case() => Assert.Equal(Expected().Select(block => block.Split('\n')[0]), Cases.Select(c => c.Name));

    // Expected texts: PyTorch 1.13.0, torch.set_printoptions.
    [Fact]
    public void PrintOptions_are_followed()
    {
        Check("tensor([ 1.12, -3.50,  2.50])", () => Tensor.From([1.12345f, -3.5f, 2.5f]), new() { Precision = 2 });
        Check("tensor([0.12, 0.38, 2.50])", () => Tensor.From([0.125f, 0.375f, 2.5f]), new() { Precision = 2 });
        Check("tensor([0, 1, 2,  ..., 7, 8, 9])", () => Tensor.Arange(10), new() { Threshold = 5 });
        Check("tensor([[ 0,  ...,  3],\n        ...,\n        [ 8,  ..., 11]])",
            () => Tensor.Arange(12).Reshape(3, 4), new() { Threshold = 5, EdgeItems = 1 });
        Check("tensor([ 0.,  1.,  2.,  3.,\n         4.,  5.,  6.,  7.,\n         8.,  9., 10., 11.],\n       requires_grad=True)",
            () => Tensor.Arange(12f, requiresGrad: true), new() { LineWidth = 30 });
        Check("tensor([1.0000e+00, 2.0000e+00, 3.0000e+00])", () => Tensor.From([1f, 2f, 3f]), new() { SciMode = true });
        Check("tensor([1.5000e+00,    nan])", () => Tensor.From([1.5f, float.NaN]), new() { SciMode = true });
        Check("tensor([    0.0000,     1.0000])", () => Tensor.From([1e-5f, 1f]), new() { SciMode = false });
        Check("tensor([1000000000.,         2.])", () => Tensor.From([1e9f, 2f]), new() { SciMode = false });
        Check("tensor([0, 2, 2])", () => Tensor.From([0.5f, 1.5f, 2.25f]), new() { Precision = 0 });

        static void Check(string expected, Func<Tensor> make, PrintOptions options)
        {
            Assert.Equal(expected, make().ToString(options));
            PrintOptions before = PrintOptions.Default;
            try
            {
                PrintOptions.Default = options;
                Assert.Equal(expected, make().ToString());
            }
            finally
            {
                PrintOptions.Default = before;
            }
        }
    }

    [Fact]
    public void ToString_of_a_thousand_elements_shows_them_all() => Assert.DoesNotContain("...", Tensor.Arange(1000).ToString(), StringComparison.Ordinal);

    [Fact]
    public void ToString_of_a_disposed_tensor_does_not_throw()
    {
        Tensor x = Tensor.Zeros(2, 3);
        x.Dispose();
        Assert.Equal("tensor(<disposed>, size=(2, 3))", x.ToString());
    }

    [Fact]
    public void ToString_of_a_view_prints_what_the_view_shows() =>
        Assert.Equal("tensor([[0, 3],\n        [1, 4],\n        [2, 5]])", Tensor.Arange(6).Reshape(2, 3).T.ToString());

    [Fact]
    public void ToString_on_another_device_names_it() =>
        Assert.Equal("tensor([1., 2.], device='reference')", Tensor.From([1f, 2f]).To(Device.Reference).ToString());

    // Exact halves go to the even digit, as in C and Python; others to the nearest, however close. Python 3: '%.4f' % x, '%.4e' % x.
    [Theory]
    [InlineData(0.03125, "0.0312")]
    [InlineData(0.09375, "0.0938")]
    [InlineData(-0.15625, "-0.1562")]
    [InlineData(0.00005, "0.0001")]
    [InlineData(0.00015, "0.0001")]
    [InlineData(0.99995, "1.0000")]
    [InlineData(0.99996, "1.0000")]
    [InlineData(-0.00001, "-0.0000")]
    [InlineData(1e22, "10000000000000000000000.0000")]
    public void Fixed_rounds_as_C(double value, string expected) => Assert.Equal(expected, TensorText.Fixed(value, 4));

    [Theory]
    [InlineData(1.03125, "1.0312e+00")]
    [InlineData(1.09375, "1.0938e+00")]
    [InlineData(9.99995, "1.0000e+01")]
    [InlineData(9.99996, "1.0000e+01")]
    [InlineData(-6.103515625e-05, "-6.1035e-05")]
    [InlineData(1e300, "1.0000e+300")]
    [InlineData(5e-324, "4.9407e-324")]
    [InlineData(0, "0.0000e+00")]
    public void Scientific_rounds_as_C(double value, string expected) => Assert.Equal(expected, TensorText.Scientific(value, 4));

    private static string[] Expected() =>
        File.ReadAllText(Path.Combine(Repository.Root, "tests", "Facula.Tests", "Core", "printed.txt")).ReplaceLineEndings("\n").Split("=== ")[1..];

    private static (string, Func<Tensor>) Case(Func<Tensor> make, [CallerArgumentExpression(nameof(make))] string name = "") => (name["() => ".Length..], make);
}

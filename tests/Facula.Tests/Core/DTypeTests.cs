namespace Facula.Tests.Core;

public class DTypeTests
{
    private const string Codes = "bucsilhBfd";

    // torch.promote_types of PyTorch 1.13.0: rows and columns in the order bool, uint8, int8, int16, int32, int64, float16 (h), bfloat16 (B), float32, float64.
    private static readonly string[] PromoteTypes =
    [
        "bucsilhBfd",
        "uussilhBfd",
        "cscsilhBfd",
        "ssssilhBfd",
        "iiiiilhBfd",
        "llllllhBfd",
        "hhhhhhhffd",
        "BBBBBBfBfd",
        "fffffffffd",
        "dddddddddd",
    ];

    // torch.result_type of a tensor with dimensions (rows) and one without (columns), PyTorch 1.13.0.
    private static readonly string[] WithSingle =
    [
        "bucsilhBfd",
        "uuuuuuhBfd",
        "cccccchBfd",
        "sssssshBfd",
        "iiiiiihBfd",
        "llllllhBfd",
        "hhhhhhhhhh",
        "BBBBBBBBBB",
        "ffffffffff",
        "dddddddddd",
    ];

    // torch.result_type of a tensor and True, 1 or 1.0; the same for tensors with and without dimensions.
    private static readonly string[] WithNumber = ["blf", "uuf", "ccf", "ssf", "iif", "llf", "hhh", "BBB", "fff", "ddd"];

    [Fact]
    public void Types_promote_as_in_PyTorch()
    {
        for (int a = 0; a < 10; a++)
        {
            for (int b = 0; b < 10; b++)
            {
                DType x = DType.All[a], y = DType.All[b];
                Assert.Equal(PromoteTypes[a][b], Codes[(int)DType.Promote(x, y).Kind]);
                Assert.Equal(PromoteTypes[a][b], Code(Ones(x, 1), Ones(y, 1)));
                Assert.Equal(PromoteTypes[a][b], Code(Ones(x), Ones(y)));
                Assert.Equal(WithSingle[a][b], Code(Ones(x, 1), Ones(y)));
                Assert.Equal(WithSingle[a][b], Code(Ones(y), Ones(x, 1)));
            }
            foreach (Tensor tensor in new[] { Ones(DType.All[a], 1), Ones(DType.All[a]) })
            {
                Assert.Equal(WithNumber[a], string.Concat(Code(tensor, true), Code(tensor, 1), Code(tensor, 1.0)));
                Assert.Equal(WithNumber[a][2], Codes[(int)(1.0f + tensor).DType.Kind]);
            }
        }

        static char Code(Tensor a, Tensor b) => Codes[(int)(a + b).DType.Kind];
        static Tensor Ones(DType type, params int[] shape) => Tensor.Ones(new Shape(shape), type);
    }

    [Fact]
    public void Sizes_and_kinds()
    {
        Assert.Equal([1, 1, 1, 2, 4, 8, 2, 2, 4, 8], DType.All.Select(type => type.Size));
        Assert.Equal("bfloat16", DType.BFloat16.PyTorchName);
        Assert.Equal(5, DType.All.Count(type => type.IsInteger));
        Assert.Equal(4, DType.All.Count(type => type.IsFloatingPoint));
    }

    // Values: IEEE 754 arithmetic on the upper 16 bits; ties go to even.
    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(-2.5f, 0xC020)]
    [InlineData(1.00390625f, 0x3F80)] // halfway between 1 and 1.0078125
    [InlineData(1.01171875f, 0x3F82)] // halfway between 1.0078125 and 1.015625
    [InlineData(3.4028235e38f, 0x7F80)]
    [InlineData(float.PositiveInfinity, 0x7F80)]
    [InlineData(1e-45f, 0x0000)]
    public void BFloat16_rounds_to_the_nearest_even(float value, int bits) => Assert.Equal(bits, ((BFloat16)value).Bits);

    [Fact]
    public void BFloat16_comes_back_from_float_unchanged()
    {
        for (int i = 0; i < 65536; i++)
        {
            var value = new BFloat16((ushort)i);
            if (float.IsNaN(value)) Assert.True(float.IsNaN((BFloat16)(float)value));
            else Assert.Equal(value.Bits, ((BFloat16)(float)value).Bits);
        }
        Assert.Equal(new BFloat16(0x3F80), (BFloat16)1f);
        Assert.Equal("1.5", ((BFloat16)1.5f).ToString());
    }
}

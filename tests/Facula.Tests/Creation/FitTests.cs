using Facula.NN;

namespace Facula.Tests.Creation;

/// <summary>Plain numbers that are no elements of a type are refused, by PyTorch's rule (c10::checked_convert), wherever they would become elements.</summary>
public sealed class FitTests
{
    private static readonly (DType Type, Scalar Number)[] Misfits =
    [
        (DType.UInt8, 256), (DType.UInt8, 300), (DType.UInt8, -256), (DType.UInt8, -0.5), (DType.UInt8, 255.5), (DType.UInt8, double.NaN),
        (DType.UInt8, double.PositiveInfinity),
        (DType.Int8, 128), (DType.Int8, -129), (DType.Int16, 32768), (DType.Int32, 1L << 31), (DType.Int32, -1e10), (DType.Int64, 9.3e18),
        (DType.Int64, Math.Pow(2, 63)),
        (DType.Int64, double.NaN), (DType.Float16, 65505), (DType.Float16, -1e6), (DType.Float16, long.MaxValue), (DType.BFloat16, 3.4e38),
        (DType.Float32, 3.5e38), (DType.Float32, -1e300),
    ];

    private static readonly (DType Type, Scalar Number, double Element)[] Fits =
    [
        (DType.UInt8, 255, 255), (DType.UInt8, -1, 255), (DType.UInt8, -255, 1), (DType.UInt8, 254.9, 254), (DType.Int8, -128, -128), (DType.Int8, true, 1),
        (DType.Int32, -2.7, -2),
        (DType.Int64, -Math.Pow(2, 63), long.MinValue), (DType.Bool, 300, 1), (DType.Float16, 65504, 65504),
        (DType.Float16, double.PositiveInfinity, double.PositiveInfinity),
        (DType.Float16, double.NaN, double.NaN), (DType.Float32, 3.4e38, 3.4e38f), (DType.Float64, 1e300, 1e300),
    ];

    /// <summary>What writes a plain number into a tensor of a type.</summary>
    private static readonly Dictionary<string, Func<DType, Scalar, Tensor>> Ways = new()
    {
        ["Full"] = (type, number) => Tensor.Full([2], number, type),
        ["FullLike"] = (type, number) => Tensor.Zeros([2]).FullLike(number, type),
        ["FillInPlace"] = (type, number) => Tensor.Zeros([2], type).FillInPlace(number),
        ["item"] = (type, number) => Set(Tensor.Zeros([2], type), t => t[0..] = number),
        ["item by index"] = (type, number) => Set(Tensor.Zeros([2], type), t => t[Tensor.From([0L, 1L])] = number),
        ["item by mask"] = (type, number) => Set(Tensor.Zeros([2], type), t => t[Tensor.Ones([2], DType.Bool)] = number),
        ["CopyInPlace"] = (type, number) => Tensor.Zeros([2], type).CopyInPlace(number),
        ["Scatter"] = (type, number) => Tensor.Zeros([2], type).Scatter(0, Tensor.From([0L, 1L]), number),
        ["ScatterInPlace"] = (type, number) => Tensor.Zeros([2], type).ScatterInPlace(0, Tensor.From([0L, 1L]), number),
    };

    /// <summary>Those that refuse numbers of a higher category than the tensor, whatever they are.</summary>
    private static readonly Dictionary<string, Func<DType, Scalar, Tensor>> OfSameCategory = new()
    {
        ["MaskedFill"] = (type, number) => Tensor.Zeros([2], type).MaskedFill(Tensor.Ones([2], DType.Bool), number),
        ["MaskedFill by tensor"] = (type, number) => Tensor.Zeros([2], type).MaskedFill(Tensor.Ones([2], DType.Bool), (Tensor)number),
        ["MaskedFillInPlace"] = (type, number) => Tensor.Zeros([2], type).MaskedFillInPlace(Tensor.Ones([2], DType.Bool), number),
    };

    private static Tensor Set(Tensor tensor, Action<Tensor> set)
    {
        set(tensor);
        return tensor;
    }

    public static TheoryData<string> AllWays => [.. Ways.Keys];

    public static TheoryData<string> WaysOfSameCategory => [.. OfSameCategory.Keys];

    [Theory, MemberData(nameof(AllWays))]
    public void Numbers_beyond_a_type_are_refused_and_others_become_elements(string way) => Check(Ways[way], _ => true);

    [Theory, MemberData(nameof(WaysOfSameCategory))]
    public void Numbers_beyond_a_type_are_refused_where_categories_must_be_the_same_too(string way) =>
        Check(OfSameCategory[way], pair => pair.Type.IsFloatingPoint == pair.Number.DType.IsFloatingPoint &&
        pair.Type != DType.Bool);

    private static void Check(Func<DType, Scalar, Tensor> way, Func<(DType Type, Scalar Number), bool> applies)
    {
        foreach ((DType type, Scalar number) in Misfits.Where(applies))
        {
            var error = Assert.Throws<ArgumentException>(() => way(type, number));
            Assert.Contains(type.PyTorchName, error.Message);
            Assert.Contains(number.ToString(), error.Message);
        }
        foreach ((DType type, Scalar number, double element) in Fits.Where(pair => applies((pair.Type, pair.Number))))
            Assert.Equal([element, element], way(type, number).ToArray<double>());
    }

    [Fact]
    public void Bounds_of_a_clamp_must_fit()
    {
        Tensor bytes = Tensor.From<byte>([1, 200]), halves = Tensor.Ones([2], DType.Float16);
        foreach (Action clamp in (Action[])[() => bytes.Clamp(min: 300), () => bytes.Clamp(min: -256), () => bytes.Clamp(max: 256),
            () => halves.Clamp(max: 1e6), () => bytes.ClampInPlace(max: 300)])
            Assert.Contains("Clamp", Assert.Throws<ArgumentException>(clamp).Message);
        Assert.Equal([1, 255], bytes.Clamp(max: 255).Clamp(min: 0).ToArray<int>().Zip([0, 55], (a, b) => a + b));
        Assert.Equal([1, 1], halves.Clamp(double.NegativeInfinity, double.PositiveInfinity).ToArray<float>());
    }

    [Fact]
    public void Constant_padding_must_fit()
    {
        Assert.Throws<ArgumentException>(() => Functional.Pad(Tensor.Ones([2], DType.UInt8), [1, 1], value: 300));
        Assert.Throws<ArgumentException>(() => Functional.Pad(Tensor.Ones([2], DType.Float16), [1, 1], value: 1e6));
        Assert.Equal([9, 1, 1, 9], Functional.Pad(Tensor.Ones([2], DType.UInt8), [1, 1], value: 9).ToArray<int>());
    }

    [Fact]
    public void Sequences_must_fit()
    {
        Assert.Throws<ArgumentException>(() => Tensor.Arange(257, dtype: DType.UInt8));
        Assert.Throws<ArgumentException>(() => Tensor.Arange(-1, 5, dtype: DType.UInt8));
        Assert.Throws<ArgumentException>(() => Tensor.Arange(0, 70_000, 1_000, dtype: DType.Float16));
        Assert.Throws<ArgumentException>(() => Tensor.Linspace(0, 1e6, 3, DType.Float16));
        Assert.Throws<ArgumentException>(() => Tensor.Linspace(0, 300, 3, DType.UInt8));
        Assert.Throws<ArgumentException>(() => Tensor.Logspace(0, 6, 3, dtype: DType.Float16));
        Assert.Equal(255, Tensor.Arange(256, dtype: DType.UInt8)[255].Item<int>());
        Assert.Equal(0, Tensor.Arange(0, dtype: DType.UInt8).Count);
    }

    [Fact]
    public void Single_elements_must_fit_what_they_are_taken_as()
    {
        Assert.Throws<ArgumentException>(() => Tensor.From(300L).Item<byte>());
        Assert.Throws<ArgumentException>(() => Tensor.From(-1).Item<byte>());
        Assert.Throws<ArgumentException>(() => (int)Tensor.From(1L << 31));
        Assert.Throws<ArgumentException>(() => (long)Tensor.From(double.NaN));
        Assert.Throws<ArgumentException>(() => Tensor.From(1e300).Item());
        Assert.Throws<ArgumentException>(() => Tensor.From(1e5).Item<Half>());
        Assert.Equal(200, Tensor.From(200L).Item<byte>());
        Assert.Equal(-3, (int)Tensor.From(-3.9));
        Assert.Equal(float.PositiveInfinity, Tensor.From(double.PositiveInfinity).Item());
        Assert.True((bool)Tensor.From(double.NaN));
        Assert.Equal(long.MaxValue, Tensor.From(long.MaxValue).Item<long>());
        Assert.Equal(long.MaxValue, Set(Tensor.Zeros([1], DType.Int64), t => t[0] = long.MaxValue - 1).Item<long>() + 1);
    }

    /// <summary>Between tensors a conversion wraps, as in PyTorch.</summary>
    [Fact]
    public void Conversions_of_tensors_wrap()
    {
        Assert.Equal([44, 255], Tensor.From([300L, -1L]).To(DType.UInt8).ToArray<int>());
        Assert.Equal(float.PositiveInfinity, Tensor.From([1e6f]).To(DType.Float16).ToArray<float>()[0]);
    }

    [Fact]
    public void Random_integers_must_fit()
    {
        foreach ((long low, long high, DType type) in (ReadOnlySpan<(long, long, DType)>)[(0, 300, DType.UInt8), (-1, 5, DType.UInt8), (-1000, 0, DType.Int8),
            (0, 129, DType.Int8),
            (0, (1L << 31) + 1, DType.Int32), (0, 70_000, DType.Float16), (0, 3, DType.Bool), (-1, 1, DType.Bool)])
        {
            Assert.Contains(type.PyTorchName, Assert.Throws<ArgumentException>(() => Tensor.RandInt(low, high, [4], type)).Message);
            Assert.Throws<ArgumentException>(() => Tensor.Zeros(4).RandIntLike(low, high, type));
        }
        Assert.Equal(8, Tensor.RandInt(0, 256, [8], DType.UInt8).Count + Tensor.RandInt(-128, 128, [0], DType.Int8).Count);
        Assert.Equal(2, Tensor.RandInt(0, 2, [2], DType.Bool).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.RandPerm(257, DType.UInt8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.RandPerm(3000, DType.Float16));
        Assert.Equal(256, Tensor.RandPerm(256, DType.UInt8).ToArray<int>().Distinct().Count());
    }

    [Fact]
    public void Random_numbers_must_fit()
    {
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([2], DType.Float16).UniformInPlace(0, 1e6));
        Assert.ThrowsAny<ArgumentException>(() => Tensor.Zeros(2).UniformInPlace(0, double.NaN));
        Assert.ThrowsAny<ArgumentException>(() => Tensor.Zeros(2).UniformInPlace(double.NegativeInfinity, 0));
        Assert.ThrowsAny<ArgumentException>(() => Tensor.Zeros([2], DType.Float64).UniformInPlace(-1.7e308, 1.7e308));
        Assert.ThrowsAny<ArgumentException>(() => Tensor.Zeros(2).NormalInPlace(double.NaN));
        Assert.ThrowsAny<ArgumentException>(() => Tensor.Zeros(2).NormalInPlace(0, double.NaN));
    }
}

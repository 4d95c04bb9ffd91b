using System.Runtime.InteropServices;

namespace Facula.Tests.Creation;

public class CopyTests
{
    [Fact]
    public void Every_half_becomes_the_same_float_and_comes_back()
    {
        Half[] halves = [.. Enumerable.Range(0, 65536).Select(i => BitConverter.UInt16BitsToHalf((ushort)i))];
        float[] floats = Tensor.From(halves).To(DType.Float32).ToArray<float>();
        Assert.Equal(halves.Select(h => (float)h), floats);
        Half[] back = Tensor.From(floats).To(DType.Float16).ToArray<Half>();
        Assert.Equal(halves, back);
    }

    [Fact]
    public void Floats_round_to_the_same_half_and_bfloat16_as_one_by_one()
    {
        // Around every half and halfway between it and the next, in steps of one float: every place where rounding turns.
        var values = new List<float>();
        for (int i = 0; i < 0x7C00; i++)
        {
            float low = (float)BitConverter.UInt16BitsToHalf((ushort)i), high = (float)BitConverter.UInt16BitsToHalf((ushort)(i + 1)),
                middle = (low + high) / 2;
            if (!float.IsFinite(high)) middle = 65520;
            foreach (float value in new[] { low, middle })
            {
                values.Add(value);
                values.Add(MathF.BitIncrement(value));
                values.Add(-MathF.BitDecrement(value));
            }
        }
        values.AddRange([float.NaN, -float.NaN, float.PositiveInfinity, float.MaxValue, -float.MaxValue, float.Epsilon, 65536, 1e-8f, 3.3895314e38f]);
        var random = new Random(3);
        for (int i = 0; i < 200_000; i++) values.Add(BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)));
        float[] all = [.. values];
        Assert.Equal(all.Select(v => Bits((Half)v)), Tensor.From(all).To(DType.Float16).ToArray<Half>().Select(Bits));
        Assert.Equal(all.Select(v => ((BFloat16)v).Bits), Tensor.From(all).To(DType.BFloat16).ToArray<BFloat16>().Select(b => b.Bits));

        // A NaN is a NaN whatever its other bits.
        static ushort Bits(Half h) => Half.IsNaN(h) ? (ushort)0x7E00 : BitConverter.HalfToUInt16Bits(h);
    }

    [Fact]
    public void Conversions_between_all_types_agree_with_the_reference()
    {
        double[] values = [0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, 100, 127, 3.999, 1e-3, 0.1];
        foreach (DType from in DType.All)
        {
            foreach (DType to in DType.All)
            {
                Tensor x = Tensor.From([.. Enumerable.Repeat(values, 11).SelectMany(v => v)]).To(from);
                double[] expected = x.To(Device.Reference).To(to).ToArray<double>();
                Assert.Equal(expected, x.To(to).ToArray<double>());
                Assert.Equal(expected.Reverse(), x.Flip(0).To(to).ToArray<double>());
                Assert.Equal(expected.Where((_, i) => i % 3 == 1), x[TensorIndex.Slice(1, null, 3)].To(to).ToArray<double>());
            }
        }
    }

    // (int)value wraps as in C where it can: torch.tensor([300, -1]).to(torch.uint8) is [44, 255]; anything but zero is true.
    [Fact]
    public void Conversions_wrap_and_test_for_zero_as_PyTorch()
    {
        Assert.Equal([44, 255], Tensor.From([300L, -1L]).To(DType.UInt8).ToArray<byte>());
        Assert.Equal([44, -1], Tensor.From([300f, -1.9f]).To(DType.Int8).ToArray<sbyte>());
        Assert.Equal([true, true, false, false], Tensor.From([0.5f, float.NaN, 0f, -0f]).To(DType.Bool).ToArray<bool>());
        Assert.Equal([true, false], Tensor.From([1L << 40, 0]).To(DType.Bool).ToArray<bool>());
    }

    [Theory]
    [InlineData(nameof(DType.UInt8))]
    [InlineData(nameof(DType.Float16))]
    [InlineData(nameof(DType.Float32))]
    [InlineData(nameof(DType.Float64))]
    public void Large_copies_of_every_kind_move_every_element(string dtype)
    {
        DType type = DType.Parse(dtype);
        Tensor x = (Tensor.Arange(3 * 701 * 301) % 251).To(type);
        long[] values = x.ToArray<long>();
        Assert.Equal(values, x.Clone().ToArray<long>());
        Tensor matrix = x[..(701 * 301)].Reshape(701, 301), transposed = matrix.T.Contiguous();
        Assert.Equal(Enumerable.Range(0, 701 * 301).Select(i => values[i % 701 * 301 + i / 701]), transposed.ToArray<long>());
        Tensor written = Tensor.Zeros([301, 701], type);
        written.T.CopyInPlace(matrix);
        Assert.Equal(transposed.ToArray<long>(), written.ToArray<long>());
        Tensor images = x.Reshape(3, 701, 301);
        Assert.Equal(Enumerable.Range(0, values.Length).Select(i => values[i % 3 * 701 * 301 + i / 3]), images.Permute(1, 2, 0).Contiguous().ToArray<long>());
        Assert.Equal(Enumerable.Range(0, values.Length).Select(i => values[i / 301 % 3 * 701 * 301 + i / 903 * 301 + i % 301]),
            images.Transpose(0, 1).Contiguous().ToArray<long>());
    }

    [Fact]
    public void Fill_reaches_every_element_of_a_part_and_no_other()
    {
        foreach (DType type in DType.All)
        {
            Tensor x = Tensor.Zeros([600, 1000], type);
            x[.., 1..^1].FillInPlace(1);
            Assert.Equal(600 * 998, x.To(DType.Int64).Sum().Item<long>());
            Assert.Equal(0, x[.., 0].To(DType.Int64).Sum().Item<long>());
            x.FillInPlace(1);
            Assert.Equal(600_000, x.To(DType.Int64).Sum().Item<long>());
            Assert.Equal(1.0, x.T[5, 7].Item<double>());
        }
        Assert.Equal(long.MaxValue, Tensor.Full([2], long.MaxValue)[1].Item<long>());
    }

    [Fact]
    public void To_gives_this_tensor_where_nothing_changes()
    {
        Tensor x = Tensor.Ones(2);
        Assert.Same(x, x.To(DType.Float32));
        Assert.Same(x, x.To(Device.Cpu));
        Assert.Same(x, x.Contiguous());
        Assert.NotSame(x, x.Clone());
        Assert.Same(x, x.CopyInPlace(Tensor.Zeros(1)));
        Assert.Throws<ArgumentException>(() => x.CopyInPlace(Tensor.Zeros(3)));
    }

    [Fact]
    public void Elements_lie_at_a_cache_line()
    {
        Tensor x = Tensor.Zeros(5000);
        nint address = 0;
        unsafe
        {
            fixed (float* p = &MemoryMarshal.GetReference(x.AsSpan<float>())) address = (nint)p;
        }
        Assert.Equal(0, address % 64);
    }
}

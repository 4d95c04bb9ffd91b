using Facula.Numerics;

namespace Facula.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    public override void Random(in Operand y, Distribution distribution, ulong key, ulong counter)
    {
        var to = new Elements(y);
        int perGroup = RandomRule.PerGroup(distribution.Kind, y.DType);
        uint* words = stackalloc uint[Philox.GroupWords];
        for (long i = 0; i < y.Layout.Count; i++)
        {
            int k = (int)(i % perGroup);
            if (k == 0) Philox.Scalars(key, counter + (ulong)(i / perGroup * Philox.GroupBlocks), words);
            switch (distribution.Kind)
            {
                case DistributionKind.Uniform: to.Set(i, Uniform(words, k, y.DType, distribution)); break;
                case DistributionKind.Normal: to.Set(i, distribution.Low + distribution.High * Normal(words, k, y.DType)); break;
                case DistributionKind.Integer:
                    ulong range = (ulong)distribution.HighInteger - (ulong)distribution.LowInteger;
                    to.Set(i, distribution.LowInteger + (long)Math.BigMul(range, Long(words, k), out _));
                    break;
                default: to.Set(i, words[k] < RandomRule.Threshold(distribution.Low) ? 1L : 0L); break;
            }
        }
    }

    private static ulong Long(uint* words, int k) => words[k] | (ulong)words[k + 32] << 32;

    /// <summary>In the type's own arithmetic: rounding is part of what a uniform number is.</summary>
    private static double Uniform(uint* words, int k, DType type, in Distribution d)
    {
        double top = RandomRule.Below(d.High, type);
        if (type == DType.Float64) return Math.Min(Unit(words, k) * (d.High - d.Low) + d.Low, top);
        int bits = RandomRule.Bits(type);
        float unit = (words[k] >> (32 - bits)) / (float)(1 << bits), scaled = unit * (float)(d.High - d.Low);
        return Math.Min(scaled + (float)d.Low, (float)top);
    }

    private static double Unit(uint* words, int k) => (Long(words, k) >> 11) / (double)(1L << 53);

    /// <summary>Box and Muller: the first half of a group are cosines, the second the sines of the same turns.</summary>
    private static double Normal(uint* words, int k, DType type)
    {
        bool wide = type == DType.Float64;
        int half = wide ? 16 : 32, pair = k % half;
        double first = wide ? Unit(words, pair) + 1.0 / (1L << 53) : ((words[pair] >> 8) + 1) / (double)(1 << 24);
        double second = wide ? Unit(words, pair + half) : (words[pair + half] >> 8) / (double)(1 << 24);
        return Math.Sqrt(-2 * Math.Log(first)) * (k < half ? double.CosPi(2 * second) : double.SinPi(2 * second));
    }
}

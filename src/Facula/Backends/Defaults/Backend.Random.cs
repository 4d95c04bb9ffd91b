using System.Runtime.InteropServices;
using Facula.Numerics;

namespace Facula.Backends;

internal abstract partial class Backend
{
    /// <summary>Random numbers: element i depends on (key, counter, i) alone. See Generator.</summary>
    /// <remarks>By default the host makes the random bits and the device what becomes of them.</remarks>
    public virtual void Random(in Operand y, Distribution distribution, ulong key, ulong counter)
    {
        DistributionKind kind = distribution.Kind;
        bool isNormal = kind == DistributionKind.Normal;
        long[] bits = new long[Check.Count(y.Layout.Count)], angles = new long[isNormal ? bits.Length : 0];
        RandomBits(distribution, y.DType, key, counter, bits, angles);
        using var first = new Scratch(this, y.Layout.Shape, DType.Int64);
        Upload(MemoryMarshal.AsBytes<long>(bits), first.Operand.Buffer, 0);
        switch (kind)
        {
            case DistributionKind.Uniform when y.DType == DType.Float64:
                Map(new UniformMap(distribution, RandomRule.Below(distribution.High, y.DType), Math.ScaleB(1, -53)), DType.Float64, y, first.Operand);
                break;
            case DistributionKind.Uniform:
                // In float's own arithmetic: rounding is part of what a uniform number is.
                using (var unit = new Scratch(this, y.Layout.Shape, DType.Float32))
                {
                    Map(new ScaleMap(Math.ScaleB(1, -RandomRule.Bits(y.DType))), DType.Float64, unit.Operand, first.Operand);
                    Map(new UniformMap(distribution, RandomRule.Below(distribution.High, y.DType), 1), DType.Float32, y, unit.Operand);
                }
                break;
            case DistributionKind.Normal:
                using (Scratch second = new(this, y.Layout.Shape, DType.Int64), sines = new(this, y.Layout.Shape, DType.Int64))
                {
                    bool wide = y.DType == DType.Float64;
                    int half = RandomRule.PerGroup(kind, y.DType) / 2;
                    for (int i = 0; i < bits.Length; i++) bits[i] = i / half % 2;
                    Upload(MemoryMarshal.AsBytes<long>(angles), second.Operand.Buffer, 0);
                    Upload(MemoryMarshal.AsBytes<long>(bits), sines.Operand.Buffer, 0);
                    Map3(new NormalMap(distribution, Math.ScaleB(1, wide ? -53 : -24)), DType.Float64, y, first.Operand, second.Operand, sines.Operand);
                }
                break;
            case DistributionKind.Bernoulli: Map(new BelowMap(RandomRule.Threshold(distribution.Low)), DType.Float64, y, first.Operand); break;
            default: Copy(first.Operand, y); break;
        }
    }

    /// <summary>The whole numbers that elements are made of, as many bits as they need; of normal ones two each.</summary>
    private static unsafe void RandomBits(in Distribution distribution, DType type, ulong key, ulong counter, long[] bits, long[] angles)
    {
        DistributionKind kind = distribution.Kind;
        int perGroup = RandomRule.PerGroup(kind, type), half = perGroup / 2;
        bool wide = type == DType.Float64;
        ulong range = (ulong)distribution.HighInteger - (ulong)distribution.LowInteger;
        uint* words = stackalloc uint[Philox.GroupWords];
        for (int i = 0; i < bits.Length; i++)
        {
            int k = i % perGroup;
            if (k == 0) Philox.Scalars(key, counter + (ulong)(i / perGroup * (long)Philox.GroupBlocks), words);
            switch (kind)
            {
                case DistributionKind.Uniform: bits[i] = wide ? (long)(Long(k) >> 11) : words[k] >> (32 - RandomRule.Bits(type)); break;
                case DistributionKind.Normal:
                    // Of the first 0 is left out, for it has no logarithm.
                    bits[i] = (wide ? (long)(Long(k % half) >> 11) : words[k % half] >> 8) + 1;
                    angles[i] = wide ? (long)(Long(k % half + half) >> 11) : words[k % half + half] >> 8;
                    break;
                case DistributionKind.Integer: bits[i] = distribution.LowInteger + (long)Math.BigMul(range, Long(k), out _); break;
                default: bits[i] = words[k]; break;
            }
        }

        ulong Long(int k) => words[k] | (ulong)words[k + 32] << 32;
    }
}

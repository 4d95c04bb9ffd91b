using Facula.Numerics;

namespace Facula.Backends;

/// <summary>
/// Which random words make which element, the same on every backend. Words come in groups of 64 from 16 counters (see <see cref="Philox.Group"/>);
/// an element of a group takes one word, or, where it needs more bits, the words i and i + 32 of a group.
/// </summary>
internal static class RandomRule
{
    /// <summary>Whether an element takes two words.</summary>
    public static bool IsWide(DistributionKind kind, DType type) =>
        kind == DistributionKind.Integer || (type == DType.Float64 && kind is DistributionKind.Uniform or DistributionKind.Normal);

    /// <summary>Elements made of one group.</summary>
    public static int PerGroup(DistributionKind kind, DType type) => IsWide(kind, type) ? Philox.GroupWords / 2 : Philox.GroupWords;

    /// <summary>Counters that n elements use up.</summary>
    public static long Blocks(DistributionKind kind, DType type, long n)
    {
        int per = PerGroup(kind, type);
        return (n / per + (n % per > 0 ? 1 : 0)) * Philox.GroupBlocks;
    }

    /// <summary>Random bits in a uniform number: as many as fit the type's fraction, so that rounding cannot reach 1.</summary>
    public static int Bits(DType type) => type.Kind switch
    {
        ElementType.Float64 => 53,
        ElementType.Float16 => 11,
        ElementType.BFloat16 => 8,
        _ => 24,
    };

    /// <summary>The largest number of a type below the bound.</summary>
    public static double Below(double bound, DType type) => type.Kind switch
    {
        ElementType.Float64 => Math.BitDecrement(bound),
        ElementType.Float16 => Previous((double)(Half)bound, bound, x => (double)Half.BitDecrement((Half)x)),
        ElementType.BFloat16 => Previous((float)(BFloat16)(float)bound, bound, PreviousBFloat16),
        _ => Previous((float)bound, bound, x => MathF.BitDecrement((float)x)),
    };

    private static double Previous(double rounded, double bound, Func<double, double> decrement) => rounded < bound ? rounded : decrement(rounded);

    private static double PreviousBFloat16(double x)
    {
        ushort bits = ((BFloat16)(float)x).Bits;
        return new BFloat16(x == 0 ? (ushort)0x8001 : (ushort)(x > 0 ? bits - 1 : bits + 1));
    }

    /// <summary>A word below this counts as true; probability 1 makes it higher than any word.</summary>
    public static ulong Threshold(double probability) => (ulong)Math.Round(probability * 4294967296.0);
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Numerics;

/// <summary>A number made of <see cref="Count"/> lanes of the machine type <typeparamref name="T"/>; the kernels' number type.</summary>
internal unsafe interface ISimd<V, T> : INum<V>
    where V : unmanaged, ISimd<V, T>
    where T : unmanaged, INumber<T>
{
    static abstract int Count { get; }
    static abstract V Create(T value);
    static abstract V Load(T* source);
    void Store(T* destination);

    /// <summary>2^n for integral n in the exponent range of normal numbers.</summary>
    static abstract V PowerOfTwo(V n);
    /// <summary>floor(log2 |a|) as a number, for normal a.</summary>
    static abstract V Exponent(V a);
    /// <summary>|a| scaled into [1, 2), for normal a.</summary>
    static abstract V Mantissa(V a);
    /// <summary>The magnitude of a with the sign of b.</summary>
    static abstract V CopySign(V a, V b);
    /// <summary>a * 2^n for integral n, rounded once; a of the order of 1, |n| at most twice the exponent of the largest number.</summary>
    static abstract V Scale(V a, V n);
    /// <summary>The n for which a / 2^n lies in [2/3, 4/3), for positive normal a.</summary>
    static abstract V NearestExponent(V a);
    /// <summary>a / 2^n in [2/3, 4/3), for positive normal a.</summary>
    static abstract V NearestMantissa(V a);
    /// <summary>The larger of a and a bound that is not NaN; one instruction, where Max needs several. NaN stays NaN; of two zeros, either.</summary>
    static abstract V AtLeast(V a, V bound);
    /// <summary>The smaller of a and a bound that is not NaN; NaN stays NaN; of two zeros, either.</summary>
    static abstract V AtMost(V a, V bound);
    /// <summary>Of the bits.</summary>
    static abstract V Xor(V a, V b);
    /// <summary>Where a is positive, normal and finite.</summary>
    static abstract V IsPositiveNormal(V a);
    /// <summary>A number with only a sign bit, which is the lowest bit of a.</summary>
    static abstract V LowBitAsSign(V a);
    /// <summary>A number with only a sign bit, which is the second lowest bit of a.</summary>
    static abstract V SecondBitAsSign(V a);
    /// <summary>A function computed in lanes of double, and rounded to T at the end.</summary>
    static abstract V InDouble<TFunction>(V a, V b) where TFunction : struct, IInDouble;
    /// <summary>Whether every lane of the mask is set.</summary>
    static abstract bool All(V mask);

    /// <summary>The first n lanes from memory, the others zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static virtual V LoadPartial(T* source, nint n)
    {
        V lanes = default;
        Unsafe.CopyBlockUnaligned(&lanes, source, (uint)(n * sizeof(T)));
        return lanes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static virtual void StorePartial(V lanes, T* destination, nint n) =>
        Unsafe.CopyBlockUnaligned(destination, &lanes, (uint)(n * sizeof(T)));
}

/// <summary>A function of two numbers to be computed in double, whatever the lanes are; one that takes a single number ignores the second.</summary>
internal interface IInDouble
{
    static abstract W Apply<W>(W a, W b) where W : unmanaged, ISimd<W, double>;
}

/// <summary>Bit patterns that the lanes of every width share.</summary>
internal static class BitsOf
{
    public const int TwoThirds = 0x3F2AAAAB;
    public const long TwoThirdsDouble = 0x3FE5555555555555;
    // From the bits of the smallest positive normal number to the smallest int: after the addition one signed comparison tells the normals.
    public const int NormalToSmallest = unchecked(int.MinValue - 0x00800000), Normals = int.MinValue + 0x7F000000;
    public const long NormalToSmallestDouble = unchecked(long.MinValue - 0x0010000000000000), NormalsDouble = long.MinValue + 0x7FE0000000000000;
    // Makes the exponents positive, for machines that cannot shift a long arithmetically.
    public const long TwoThirdsBiased = unchecked(TwoThirdsDouble - (2048L << 52));
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

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
    /// <summary>a * b + c: one call instead of two, as the JIT inlines only so many calls into a loop and long polynomials come near that.</summary>
    static abstract V MultiplyAdd(V a, V b, double c);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V INum<V>.ProductError(V a, V b, V product)
    {
        if (Fma.IsSupported || AdvSimd.IsSupported) return V.MultiplyAdd(a, b, -product);
        // Products of halves are exact (Dekker 1971, "A floating-point technique for extending the available precision").
        V split = V.Const(typeof(T) == typeof(float) ? (1 << 12) + 1 : (1 << 27) + 1);
        V highA = a * split, highB = b * split;
        highA -= highA - a;
        highB -= highB - b;
        V lowA = a - highA, lowB = b - highB;
        return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V INum<V>.Erfcx(V a) => Elementary.Erfcx<V, T>(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V INum<V>.Gelu(V a) => typeof(T) == typeof(float) ? Elementary.GeluSingle<V, T>(a) : NormalTail.Gelu(a);

    // The conversion to float leaves the rest of its register as it was, so it waits for what is there: in a loop, for the iteration before. Unless
    // that rest is said to be zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V INum<V>.Parameter(double value) => typeof(T) == typeof(float) && Sse2.IsSupported
        ? V.Create(Unsafe.BitCast<float, T>(Sse2.ConvertScalarToVector128Single(Vector128<float>.Zero, Vector128.CreateScalarUnsafe(value)).ToScalar()))
        : V.Const(value);

    // Exact for any quotient, which takes a loop of its own for each lane.
    static V INum<V>.Remainder(V a, V b)
    {
        T* x = (T*)&a, y = (T*)&b;
        for (int i = 0; i < V.Count; i++) x[i] %= y[i];
        return a;
    }
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

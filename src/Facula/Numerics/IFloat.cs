namespace Facula.Numerics;

/// <summary>
/// A floating-point number of the precision of <typeparamref name="T"/>, whose bits can be worked with: what the elementary functions are written over.
/// It has no memory, so it may also be a recorder, from which a device makes its own code; such a type gets every elementary function by default.
/// </summary>
/// <remarks>
/// The polynomials differ between float and double. Which are wanted is asked of T, not of a property of V: the JIT decides a comparison of types before it
/// inlines, one of properties after, when the polynomials that are not wanted have used up what it is willing to inline.
/// </remarks>
internal partial interface IFloat<V, T> : INum<V> where V : IFloat<V, T>
{
    /// <summary>
    /// Whether every lane of the mask is known to be set, so that what is only there for the others can be left out. False is always right: a recorder, which
    /// does not know its lanes, answers that, and gets the whole body.
    /// </summary>
    static abstract bool All(V mask);

    /// <summary>2^n for integral n in the exponent range of normal numbers.</summary>
    static abstract V PowerOfTwo(V n);
    /// <summary>The magnitude of a with the sign of b.</summary>
    static abstract V CopySign(V a, V b);
    /// <summary>a * b + c: one call instead of two, as the JIT inlines only so many calls into a loop and long polynomials come near that.</summary>
    static virtual V MultiplyAdd(V a, V b, double c) => V.MultiplyAdd(a, b, V.Const(c));
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
    /// <summary>A function computed in float64, and rounded to this type at the end.</summary>
    static abstract V InDouble<TFunction>(V a, V b) where TFunction : struct, IInDouble;

    /// <summary>
    /// The sine of any number, reduced by as many bits of pi as that takes. An instruction, like the next two and the remainder: a device brings its own.
    /// </summary>
    static abstract V FarSin(V a);
    /// <summary>The cosine of any number.</summary>
    static abstract V FarCos(V a);
    /// <summary>The tangent of any number.</summary>
    static abstract V FarTan(V a);
}

/// <summary>A function of two numbers to be computed in double, whatever the type is; one that takes a single number ignores the second.</summary>
internal interface IInDouble
{
    static abstract W Apply<W>(W a, W b) where W : IFloat<W, double>;
}

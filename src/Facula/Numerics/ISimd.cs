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
    static V INum<V>.Erfcx(V a) => Elementary.Erfcx<V, T>(a);

    // Exact for any quotient, which takes a loop of its own for each lane.
    static V INum<V>.Remainder(V a, V b)
    {
        T* x = (T*)&a, y = (T*)&b;
        for (int i = 0; i < V.Count; i++) x[i] %= y[i];
        return a;
    }
}

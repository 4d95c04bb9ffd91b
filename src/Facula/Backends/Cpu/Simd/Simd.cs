using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>What kernels do with an <see cref="ISimd{V, T}"/> besides arithmetic: across its lanes, and with some of its lanes only.</summary>
internal static unsafe partial class Simd
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    // 64 bytes of zeros, 64 of ones, 64 of zeros: every mask that starts or ends with ones is found somewhere in it.
    private static ReadOnlySpan<ulong> Masks =>
    [
        0, 0, 0, 0, 0, 0, 0, 0,
        ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue,
        0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>A mask of the first n lanes.</summary>
    [MethodImpl(Inline)]
    public static V First<V, T>(nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> =>
        V.Load((T*)((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Masks)) + 128 - n * sizeof(T)));

    /// <summary>A mask of the last n lanes.</summary>
    [MethodImpl(Inline)]
    public static V Last<V, T>(nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> =>
        V.Load((T*)((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Masks)) + 64 - (V.Count - n) * sizeof(T)));

    /// <summary>The first n lanes from memory, 0 &lt; n &lt; the number of lanes, the others from fill.</summary>
    [MethodImpl(Inline)]
    public static V Load<V, T>(T* x, nint n, V fill) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V mask = First<V, T>(n);
        if (sizeof(V) == 64 && Avx512F.IsSupported && typeof(T) == typeof(float))
        {
            return Unsafe.BitCast<Vector512<float>, V>(Avx512F.MaskLoad((float*)x, Unsafe.BitCast<V, Vector512<float>>(mask),
                Unsafe.BitCast<V, Vector512<float>>(fill)));
        }
        return V.Select(mask, V.LoadPartial(x, n), fill);
    }

    /// <summary>The first n lanes to memory, 0 &lt; n &lt; the number of lanes.</summary>
    [MethodImpl(Inline)]
    public static void Store<V, T>(V lanes, T* x, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (sizeof(V) == 64 && Avx512F.IsSupported && typeof(T) == typeof(float))
            Avx512F.MaskStore((float*)x, Unsafe.BitCast<V, Vector512<float>>(First<V, T>(n)), Unsafe.BitCast<V, Vector512<float>>(lanes));
        else V.StorePartial(lanes, x, n);
    }

    /// <summary>The first lane of a mask that is set; one must be.</summary>
    [MethodImpl(Inline)]
    public static int FirstSet<V, T>(V mask) where V : unmanaged where T : unmanaged
    {
        if (sizeof(V) == 64) return BitOperations.TrailingZeroCount(Unsafe.BitCast<V, Vector512<T>>(mask).ExtractMostSignificantBits());
        if (sizeof(V) == 32) return BitOperations.TrailingZeroCount(Unsafe.BitCast<V, Vector256<T>>(mask).ExtractMostSignificantBits());
        return sizeof(V) == 16 ? BitOperations.TrailingZeroCount(Unsafe.BitCast<V, Vector128<T>>(mask).ExtractMostSignificantBits()) : 0;
    }

    /// <summary>Whether any lane of a mask is set.</summary>
    [MethodImpl(Inline)]
    public static bool Any<V>(V mask) where V : unmanaged
    {
        if (sizeof(V) == 64) return Unsafe.BitCast<V, Vector512<ulong>>(mask) != Vector512<ulong>.Zero;
        if (sizeof(V) == 32) return Unsafe.BitCast<V, Vector256<ulong>>(mask) != Vector256<ulong>.Zero;
        if (sizeof(V) == 16) return Unsafe.BitCast<V, Vector128<ulong>>(mask) != Vector128<ulong>.Zero;
        return sizeof(V) == 8 ? Unsafe.BitCast<V, ulong>(mask) != 0 : Unsafe.BitCast<V, uint>(mask) != 0;
    }

    /// <summary>All lanes combined into one number, by halves.</summary>
    [MethodImpl(Inline)]
    public static T Fold<TReduce, V, T>(TReduce reduce, V v) where TReduce : struct, IReduce where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (sizeof(V) == 64)
        {
            Vector512<T> whole = Unsafe.BitCast<V, Vector512<T>>(v);
            return Quarter(reduce, reduce.Combine(new Simd256<T>(whole.GetLower()), new Simd256<T>(whole.GetUpper())));
        }
        if (sizeof(V) == 32) return Quarter(reduce, Unsafe.BitCast<V, Simd256<T>>(v));
        if (sizeof(V) == 16) return Eighth(reduce, Unsafe.BitCast<V, Vector128<T>>(v));
        return Unsafe.BitCast<V, T>(v);
    }

    [MethodImpl(Inline)]
    private static T Quarter<TReduce, T>(TReduce reduce, Simd256<T> v) where TReduce : struct, IReduce where T : unmanaged, INumber<T>
    {
        Vector256<T> half = Unsafe.BitCast<Simd256<T>, Vector256<T>>(v);
        return Eighth(reduce, Unsafe.BitCast<Simd128<T>, Vector128<T>>(reduce.Combine(new Simd128<T>(half.GetLower()), new Simd128<T>(half.GetUpper()))));
    }

    [MethodImpl(Inline)]
    private static T Eighth<TReduce, T>(TReduce reduce, Vector128<T> v) where TReduce : struct, IReduce where T : unmanaged, INumber<T>
    {
        Vector128<T> other = Vector128.Shuffle(v.AsInt64(), Vector128.Create(1L, 0)).As<long, T>();
        v = Unsafe.BitCast<Simd128<T>, Vector128<T>>(reduce.Combine(new Simd128<T>(v), new Simd128<T>(other)));
        if (Vector128<T>.Count == 2) return v.ToScalar();
        other = Vector128.Shuffle(v.AsInt32(), Vector128.Create(1, 0, 3, 2)).As<int, T>();
        return Unsafe.BitCast<Simd128<T>, Vector128<T>>(reduce.Combine(new Simd128<T>(v), new Simd128<T>(other))).ToScalar();
    }

    /// <summary>The sum of all lanes, in double.</summary>
    [MethodImpl(Inline)]
    public static double Sum<V, T>(V v) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (sizeof(V) == 64)
        {
            if (typeof(T) == typeof(double)) return Vector512.Sum(Unsafe.BitCast<V, Vector512<double>>(v));
            (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Unsafe.BitCast<V, Vector512<float>>(v));
            return Vector512.Sum(low + high);
        }
        if (sizeof(V) == 32)
        {
            if (typeof(T) == typeof(double)) return Vector256.Sum(Unsafe.BitCast<V, Vector256<double>>(v));
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(Unsafe.BitCast<V, Vector256<float>>(v));
            return Vector256.Sum(low + high);
        }
        if (sizeof(V) == 16)
        {
            if (typeof(T) == typeof(double)) return Vector128.Sum(Unsafe.BitCast<V, Vector128<double>>(v));
            (Vector128<double> low, Vector128<double> high) = Vector128.Widen(Unsafe.BitCast<V, Vector128<float>>(v));
            return Vector128.Sum(low + high);
        }
        return typeof(T) == typeof(float) ? Unsafe.BitCast<V, float>(v) : typeof(T) == typeof(double) ? Unsafe.BitCast<V, double>(v)
            : double.CreateTruncating(Unsafe.BitCast<V, T>(v));
    }

    /// <summary>sum + lost becomes sum + lost + term, where lost gathers what rounding takes away (Knuth's two-sum).</summary>
    [MethodImpl(Inline)]
    public static void AddExactly<V>(ref V sum, ref V lost, V term) where V : INum<V>
    {
        V next = sum + term;
        V added = next - sum;
        lost += (sum - (next - added)) + (term - added);
        sum = next;
    }

    /// <summary>sums += terms, in double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AddTo<T>(double* sums, T* terms, nint n) where T : unmanaged, INumber<T>
    {
        nint i = 0;
        if (typeof(T) == typeof(float))
        {
            for (; i <= n - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                (Vector256<double> low, Vector256<double> high) = Vector256.Widen(Vector256.Load((float*)terms + i));
                (Vector256.Load(sums + i) + low).Store(sums + i);
                (Vector256.Load(sums + i + Vector256<double>.Count) + high).Store(sums + i + Vector256<double>.Count);
            }
        }
        else if (typeof(T) == typeof(double))
        {
            for (; i <= n - Vector256<double>.Count; i += Vector256<double>.Count)
                (Vector256.Load(sums + i) + Vector256.Load((double*)terms + i)).Store(sums + i);
        }
        for (; i < n; i++) sums[i] += double.CreateTruncating(terms[i]);
    }
}

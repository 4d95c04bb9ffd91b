using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Small whole numbers that are computed with as lanes of V, but kept in memory as bytes or ints.</summary>
internal static unsafe partial class Simd
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers<V, T, TInteger>(V v, TInteger* to)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TInteger : unmanaged, IBinaryInteger<TInteger>
    {
        if (typeof(TInteger) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 64 && Avx512F.IsSupported)
            Avx512F.ConvertToVector128Byte(Vector512.ConvertToInt32(Unsafe.BitCast<V, Vector512<float>>(v))).Store((byte*)to);
        else if (typeof(TInteger) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 32)
        {
            Vector256<int> wide = Vector256.ConvertToInt32(Unsafe.BitCast<V, Vector256<float>>(v));
            Vector128<short> half = Vector128.Narrow(wide.GetLower(), wide.GetUpper());
            *(ulong*)to = Vector128.Narrow(half, half).AsUInt64().ToScalar();
        }
        else if (typeof(TInteger) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 16)
        {
            Vector128<int> wide = Vector128.ConvertToInt32(Unsafe.BitCast<V, Vector128<float>>(v));
            Vector128<short> half = Vector128.Narrow(wide, wide);
            *(uint*)to = Vector128.Narrow(half, half).AsUInt32().ToScalar();
        }
        else OneByOne<V, T, TInteger>(v, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadIntegers<V, T, TInteger>(TInteger* from)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TInteger : unmanaged, IBinaryInteger<TInteger>
    {
        if (typeof(TInteger) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 64 && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<float>, V>(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load((byte*)from))));
        if (typeof(TInteger) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 32)
        {
            Vector128<ushort> half = Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)from).AsByte());
            Vector256<int> whole = Vector256.Create(Vector128.WidenLower(half), Vector128.WidenUpper(half)).AsInt32();
            return Unsafe.BitCast<Vector256<float>, V>(Vector256.ConvertToSingle(whole));
        }
        if (typeof(TInteger) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 16)
        {
            Vector128<ushort> half = Vector128.WidenLower(Vector128.CreateScalar(*(uint*)from).AsByte());
            return Unsafe.BitCast<Vector128<float>, V>(Vector128.ConvertToSingle(Vector128.WidenLower(half).AsInt32()));
        }
        return OneByOne<V, T, TInteger>(from);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OneByOne<V, T, TInteger>(V v, TInteger* to)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TInteger : unmanaged, IBinaryInteger<TInteger>
    {
        T* lanes = (T*)&v;
        for (int i = 0; i < V.Count; i++) to[i] = TInteger.CreateTruncating(lanes[i]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V OneByOne<V, T, TInteger>(TInteger* from)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TInteger : unmanaged, IBinaryInteger<TInteger>
    {
        V v = default;
        T* lanes = (T*)&v;
        for (int i = 0; i < V.Count; i++) lanes[i] = T.CreateTruncating(from[i]);
        return v;
    }
}

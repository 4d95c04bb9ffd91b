using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Small whole numbers, computed with as lanes of V, kept as bytes or ints.</summary>
internal static unsafe class TapLanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V, T, TTap>(V taps, TTap* to) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        if (typeof(TTap) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 64 && Avx512F.IsSupported)
            Avx512F.ConvertToVector128Byte(Vector512.ConvertToInt32(Unsafe.BitCast<V, Vector512<float>>(taps))).Store((byte*)to);
        else if (typeof(TTap) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 32)
        {
            Vector256<int> wide = Vector256.ConvertToInt32(Unsafe.BitCast<V, Vector256<float>>(taps));
            Vector128<short> half = Vector128.Narrow(wide.GetLower(), wide.GetUpper());
            *(ulong*)to = Vector128.Narrow(half, half).AsUInt64().ToScalar();
        }
        else if (typeof(TTap) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 16)
        {
            Vector128<int> wide = Vector128.ConvertToInt32(Unsafe.BitCast<V, Vector128<float>>(taps));
            Vector128<short> half = Vector128.Narrow(wide, wide);
            *(uint*)to = Vector128.Narrow(half, half).AsUInt32().ToScalar();
        }
        else OneByOne<V, T, TTap>(taps, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V, T, TTap>(TTap* from) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        if (typeof(TTap) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 64 && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<float>, V>(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load((byte*)from))));
        if (typeof(TTap) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 32)
        {
            Vector128<ushort> half = Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)from).AsByte());
            return Unsafe.BitCast<Vector256<float>, V>(Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(half), Vector128.WidenUpper(half)).AsInt32()));
        }
        if (typeof(TTap) == typeof(byte) && typeof(T) == typeof(float) && sizeof(V) == 16)
        {
            Vector128<ushort> half = Vector128.WidenLower(Vector128.CreateScalar(*(uint*)from).AsByte());
            return Unsafe.BitCast<Vector128<float>, V>(Vector128.ConvertToSingle(Vector128.WidenLower(half).AsInt32()));
        }
        return OneByOne<V, T, TTap>(from);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OneByOne<V, T, TTap>(V taps, TTap* to) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        T* lanes = (T*)&taps;
        for (int i = 0; i < V.Count; i++) to[i] = TTap.CreateTruncating(lanes[i]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V OneByOne<V, T, TTap>(TTap* from) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        V taps = default;
        T* lanes = (T*)&taps;
        for (int i = 0; i < V.Count; i++) lanes[i] = T.CreateTruncating(from[i]);
        return taps;
    }
}

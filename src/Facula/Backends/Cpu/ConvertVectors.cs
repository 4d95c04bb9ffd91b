using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>Between float and the types that data sets and checkpoints come in, many elements at a time; the same bits as one at a time.</summary>
internal static unsafe class ConvertVectors
{
    private static int Lanes => Vector<uint>.Count;

    /// <summary>Bytes to floats; gives how many were done, as do the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static nint FromBytes(byte* source, float* target, nint n)
    {
        nint i = 0;
        for (; i <= n - 4 * Lanes; i += 4 * Lanes)
        {
            Vector.Widen(Vector.Load(source + i), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> a, out Vector<uint> b);
            Vector.Widen(high, out Vector<uint> c, out Vector<uint> d);
            Vector.Store(Vector.ConvertToSingle(Vector.AsVectorInt32(a)), target + i);
            Vector.Store(Vector.ConvertToSingle(Vector.AsVectorInt32(b)), target + i + Lanes);
            Vector.Store(Vector.ConvertToSingle(Vector.AsVectorInt32(c)), target + i + 2 * Lanes);
            Vector.Store(Vector.ConvertToSingle(Vector.AsVectorInt32(d)), target + i + 3 * Lanes);
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static nint FromHalves(Half* source, float* target, nint n)
    {
        nint i = 0;
        for (; i <= n - 2 * Lanes; i += 2 * Lanes)
        {
            Vector.Widen(Vector.Load((ushort*)source + i), out Vector<uint> low, out Vector<uint> high);
            Vector.Store(FromHalf(low), target + i);
            Vector.Store(FromHalf(high), target + i + Lanes);
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static nint ToHalves(float* source, Half* target, nint n)
    {
        nint i = 0;
        for (; i <= n - 2 * Lanes; i += 2 * Lanes)
            Vector.Store(Vector.Narrow(ToHalf(Vector.Load(source + i)), ToHalf(Vector.Load(source + i + Lanes))), (ushort*)target + i);
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static nint FromBFloat16(BFloat16* source, float* target, nint n)
    {
        nint i = 0;
        for (; i <= n - 2 * Lanes; i += 2 * Lanes)
        {
            Vector.Widen(Vector.Load((ushort*)source + i), out Vector<uint> low, out Vector<uint> high);
            Vector.Store(Vector.AsVectorSingle(low << 16), target + i);
            Vector.Store(Vector.AsVectorSingle(high << 16), target + i + Lanes);
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static nint ToBFloat16(float* source, BFloat16* target, nint n)
    {
        nint i = 0;
        for (; i <= n - 2 * Lanes; i += 2 * Lanes)
            Vector.Store(Vector.Narrow(ToBFloat16(Vector.Load(source + i)), ToBFloat16(Vector.Load(source + i + Lanes))), (ushort*)target + i);
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> FromHalf(Vector<uint> bits)
    {
        Vector<uint> sign = (bits & new Vector<uint>(0x8000)) << 16, magnitude = bits & new Vector<uint>(0x7FFF);
        // The exponent's offset is 15 there and 127 here; infinity and NaN go the same way again, from 31 to 255.
        Vector<uint> normal = (magnitude << 13) + new Vector<uint>((127 - 15) << 23);
        normal += Vector.GreaterThan(magnitude, new Vector<uint>(0x7BFF)) & new Vector<uint>((127 - 15) << 23);
        // Below the smallest normal number the bits count steps of 2^-24.
        Vector<uint> tiny = Vector.AsVectorUInt32(Vector.ConvertToSingle(Vector.AsVectorInt32(magnitude)) * new Vector<float>(5.9604644775390625e-8f));
        return Vector.AsVectorSingle(sign | Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<uint>(0x0400)), tiny, normal));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> ToHalf(Vector<float> value)
    {
        Vector<uint> bits = Vector.AsVectorUInt32(value), sign = bits & new Vector<uint>(0x80000000), magnitude = bits ^ sign;
        // Halfway cases go to the even neighbour: one less is added where the last bit kept is 0.
        Vector<uint> normal = (magnitude + new Vector<uint>(unchecked((uint)((15 - 127) << 23)) + 0xFFF) + ((magnitude >> 13) & Vector<uint>.One)) >> 13;
        // Adding one half makes the hardware round tiny values to steps of 2^-24, into the low bits of the sum.
        Vector<uint> tiny = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) + new Vector<float>(0.5f)) - new Vector<uint>(0x3F000000);
        Vector<uint> nan = new Vector<uint>(0x7E00) | ((magnitude >> 13) & new Vector<uint>(0x3FF));
        Vector<uint> large = Vector.ConditionalSelect(Vector.GreaterThan(magnitude, new Vector<uint>(0x7F800000)), nan, new Vector<uint>(0x7C00));
        Vector<uint> finite = Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<uint>(0x38800000)), tiny, normal);
        return (sign >> 16) | Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<uint>(0x47800000)), finite, large);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> ToBFloat16(Vector<float> value)
    {
        Vector<uint> bits = Vector.AsVectorUInt32(value), high = bits >> 16;
        Vector<uint> rounded = (bits + new Vector<uint>(0x7FFF) + (high & Vector<uint>.One)) >> 16;
        return Vector.ConditionalSelect(Vector.AsVectorUInt32(Vector.Equals(value, value)), rounded, high | new Vector<uint>(0x40));
    }
}

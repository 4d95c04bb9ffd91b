using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Facula.Numerics;

/// <summary>
/// Philox 4x32-10: a function from a 128-bit counter and a 64-bit key to 128 random bits. Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011.
/// </summary>
internal static unsafe class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>Counters that are used together, and the words they give: word j of counter i is number 16 j + i.</summary>
    public const int GroupBlocks = 16, GroupWords = 64;

    /// <summary>The four words of one counter.</summary>
    public static (uint, uint, uint, uint) Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0, p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += Weyl0;
            k1 += Weyl1;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>The words of counter .. counter+15. The upper half of the 128-bit counter is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Group(ulong key, ulong counter, uint* words)
    {
        if (Avx512F.IsSupported) Sixteen512(key, counter, words);
        else if (Avx2.IsSupported)
        {
            for (int i = 0; i < GroupBlocks; i += 8)
            {
                Four256(key, counter + (ulong)i, out Vector256<ulong> a0, out Vector256<ulong> a1, out Vector256<ulong> a2, out Vector256<ulong> a3);
                Four256(key, counter + (ulong)i + 4, out Vector256<ulong> b0, out Vector256<ulong> b1, out Vector256<ulong> b2, out Vector256<ulong> b3);
                Vector256.Narrow(a0, b0).Store(words + i);
                Vector256.Narrow(a1, b1).Store(words + i + 16);
                Vector256.Narrow(a2, b2).Store(words + i + 32);
                Vector256.Narrow(a3, b3).Store(words + i + 48);
            }
        }
        else Scalars(key, counter, words);
    }

    /// <summary>The same, one counter after the other.</summary>
    public static void Scalars(ulong key, ulong counter, uint* words)
    {
        for (int i = 0; i < GroupBlocks; i++)
        {
            ulong at = counter + (ulong)i;
            (words[i], words[16 + i], words[32 + i], words[48 + i]) = Block((uint)at, (uint)(at >> 32), 0, 0, (uint)key, (uint)(key >> 32));
        }
    }

    // A word fills the lower half of a lane; what is in the upper half is never looked at, so nothing has to be cleared. Two chains of eight side by side,
    // because each waits for its products.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sixteen512(ulong key, ulong counter, uint* words)
    {
        Vector512<uint> m0 = Vector512.Create((ulong)Multiplier0).AsUInt32(), m1 = Vector512.Create((ulong)Multiplier1).AsUInt32();
        Vector512<ulong> a0 = Vector512.Create(counter) + Vector512.Create(0ul, 1, 2, 3, 4, 5, 6, 7), b0 = a0 + Vector512.Create(8ul);
        Vector512<ulong> a1 = a0 >>> 32, a2 = Vector512<ulong>.Zero, a3 = a2, b1 = b0 >>> 32, b2 = a2, b3 = a2;
        Vector512<ulong> k0 = Vector512.Create((ulong)(uint)key), k1 = Vector512.Create(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            Vector512<ulong> p0 = Avx512F.Multiply(m0, a0.AsUInt32()), p1 = Avx512F.Multiply(m1, a2.AsUInt32());
            Vector512<ulong> q0 = Avx512F.Multiply(m0, b0.AsUInt32()), q1 = Avx512F.Multiply(m1, b2.AsUInt32());
            a0 = (p1 >>> 32) ^ a1 ^ k0;
            a2 = (p0 >>> 32) ^ a3 ^ k1;
            b0 = (q1 >>> 32) ^ b1 ^ k0;
            b2 = (q0 >>> 32) ^ b3 ^ k1;
            (a1, a3, b1, b3) = (p1, p0, q1, q0);
            k0 += Vector512.Create((ulong)Weyl0);
            k1 += Vector512.Create((ulong)Weyl1);
        }
        Vector512.Narrow(a0, b0).Store(words);
        Vector512.Narrow(a1, b1).Store(words + 16);
        Vector512.Narrow(a2, b2).Store(words + 32);
        Vector512.Narrow(a3, b3).Store(words + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four256(ulong key, ulong counter, out Vector256<ulong> c0, out Vector256<ulong> c1, out Vector256<ulong> c2, out Vector256<ulong> c3)
    {
        Vector256<uint> m0 = Vector256.Create((ulong)Multiplier0).AsUInt32(), m1 = Vector256.Create((ulong)Multiplier1).AsUInt32();
        c0 = Vector256.Create(counter) + Vector256.Create(0ul, 1, 2, 3);
        c1 = c0 >>> 32;
        c2 = c3 = Vector256<ulong>.Zero;
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            Vector256<ulong> p0 = Avx2.Multiply(m0, c0.AsUInt32()), p1 = Avx2.Multiply(m1, c2.AsUInt32());
            c0 = (p1 >>> 32) ^ c1 ^ Vector256.Create((ulong)k0);
            c1 = p1;
            c2 = (p0 >>> 32) ^ c3 ^ Vector256.Create((ulong)k1);
            c3 = p0;
            k0 += Weyl0;
            k1 += Weyl1;
        }
    }
}

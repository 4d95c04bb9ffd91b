using System.Runtime.Intrinsics;

namespace Facula.CudaEmulator;

/// <summary>
/// ldmatrix and mma.sync. Which lane holds what is in the PTX ISA, Matrix Fragments for mma.m16n8k*: with g = lane / 4 and t = lane % 4, a register of A holds
/// row g or g + 8, of C row g or g + 8 and the columns 2t and 2t + 1, of B column g.
/// </summary>
internal static unsafe class Matrices
{
    /// <summary>i.Vector matrices of 8 rows of 16 bytes, whose addresses the lanes give, eight lanes a matrix; i.Code is set for the transposed.</summary>
    public static void Load(Warp warp, Instruction i, uint mask)
    {
        warp.CheckWhole(mask);
        ulong* a = warp[i.A];
        ushort* matrix = stackalloc ushort[64];
        foreach (int to in i.Vector) warp.Defined[to] = Warp.All;
        ulong* addresses = stackalloc ulong[Warp.Lanes];
        new ReadOnlySpan<ulong>(a, Warp.Lanes).CopyTo(new(addresses, Warp.Lanes)); // a destination may be the address
        for (int m = 0; m < i.Vector.Length; m++)
        {
            for (int row = 0; row < 8; row++)
            {
                int lane = (m * 8) + row;
                ulong address = addresses[lane] + (ulong)i.Offset;
                if ((address & 15) != 0) throw MemoryAccess.Misaligned(warp, lane, address, 16);
                byte* from = i.Inverted ? GenericSpace.Read(warp, lane, address, 16) : SharedSpace.Read(warp, lane, address, 16);
                System.Buffer.MemoryCopy(from, matrix + (row * 8), 16, 16);
                if (warp.TakeMissed() is { } miss) warp.Undefine(i.Vector[m], i.Code == 0 ? 0xFu << (row * 4) : 0x11111111u << (row / 2), miss);
            }
            ulong* d = warp[i.Vector[m]];
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                int g = lane / 4, t = lane % 4 * 2;
                d[lane] = i.Code == 0 ? matrix[(g * 8) + t] | (ulong)matrix[(g * 8) + t + 1] << 16
                    : matrix[(t * 8) + g] | (ulong)matrix[((t + 1) * 8) + g] << 16;
            }
        }
    }

    /// <summary>
    /// D = A B + C, with 16 rows, 8 columns and i.Count of depth. i.Vector holds D, A, B, C in a row; i.Code is set where C and D are halves. The products are
    /// exact, the sums float32: what the hardware does between them is not documented.
    /// </summary>
    public static void Multiply<T>(Warp warp, Instruction i, uint mask) where T : struct, IElement
    {
        warp.CheckWhole(mask);
        int depth = i.Count, perRegister = 4 / T.Bytes, quarter = perRegister * 4;
        int aRegisters = 16 * depth * T.Bytes / 128, bRegisters = 8 * depth * T.Bytes / 128, results = i.Code == 0 ? 4 : 2;
        float* a = stackalloc float[16 * depth], b = stackalloc float[depth * 8];
        ReadOnlySpan<int> operands = i.Vector;
        for (int r = 0; r < aRegisters; r++)
        {
            ulong* from = warp[operands[results + r]];
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                // Registers go down first, then along the depth.
                int row = (lane / 4) + (r % 2 * 8), column = (lane % 4 * perRegister) + (r / 2 * quarter);
                for (int e = 0; e < perRegister; e++) a[(row * depth) + column + e] = T.Read((uint)from[lane], e);
            }
        }
        for (int r = 0; r < bRegisters; r++)
        {
            ulong* from = warp[operands[results + aRegisters + r]];
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                int row = (lane % 4 * perRegister) + (r * quarter), column = lane / 4;
                for (int e = 0; e < perRegister; e++) b[((row + e) * 8) + column] = T.Read((uint)from[lane], e);
            }
        }
        float* c = stackalloc float[128];
        ReadOnlySpan<int> d = operands[..results], addends = operands[^results..];
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            for (int e = 0; e < 4; e++)
            {
                ulong bits = i.Code == 0 ? warp[addends[e]][lane] : warp[addends[e / 2]][lane] >> (16 * (e % 2)) & 0xFFFF;
                c[(((lane / 4) + (e / 2 * 8)) * 8) + (lane % 4 * 2) + (e % 2)] = i.Code == 0 ? Single32.Read(bits) : (float)Half16.Read(bits);
            }
        }
        for (int row = 0; row < 16; row++)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            for (int k = 0; k < depth; k++) sum += Vector256.Create(a[(row * depth) + k]) * Vector256.Load(b + (k * 8));
            (sum + Vector256.Load(c + (row * 8))).Store(c + (row * 8));
        }
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            float* pair = c + (lane / 4 * 8) + (lane % 4 * 2);
            for (int half = 0; half < 2; half++, pair += 64)
            {
                if (i.Code == 0)
                {
                    warp[d[half * 2]][lane] = Single32.Write(pair[0]);
                    warp[d[(half * 2) + 1]][lane] = Single32.Write(pair[1]);
                }
                else warp[d[half]][lane] = Half16.Write(pair[0]) | (Half16.Write(pair[1]) << 16);
            }
        }
    }
}

/// <summary>An element of A and B: one of those in a register of 32 bits.</summary>
internal interface IElement
{
    static abstract int Bytes { get; }

    static abstract float Read(uint register, int index);
}

internal readonly struct HalfElement : IElement
{
    public static int Bytes => 2;
    public static float Read(uint register, int index) => (float)BitConverter.UInt16BitsToHalf((ushort)(register >> (16 * index)));
}

internal readonly struct BrainElement : IElement
{
    public static int Bytes => 2;
    public static float Read(uint register, int index) => BitConverter.UInt32BitsToSingle(register >> (16 * index) << 16);
}

/// <summary>The hardware leaves out the lowest 13 bits of what has not been rounded.</summary>
internal readonly struct TensorElement : IElement
{
    public static int Bytes => 4;
    public static float Read(uint register, int index) => BitConverter.UInt32BitsToSingle(register & 0xFFFFE000);
}

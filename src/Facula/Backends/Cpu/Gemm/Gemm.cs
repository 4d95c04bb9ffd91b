using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Matrix products. Strides are in elements. Every path is chosen by the shape alone and no sum is ever cut by threads,
/// so the result is the same bits for any number of them.
/// </summary>
internal static unsafe partial class Gemm
{
    // In multiply-adds.
    private const long LargestDirect = 400;
    private const long SmallestShared = 80 * 80 * 80;
    private const long TileWork = 1 << 19;

    // In bytes, both together well inside a second-level cache of 512 KB: a slice of a tile's rows, and the slice of one panel's columns.
    private const int SliceBytes = 2048;

    private const int TallestTile = 96;
    private const int WidestTile = 512;
    private const int TilesWanted = 24;

    // How much of an operand is packed at once.
    private const long PackedElements = 2 << 20;
    private const int LargestBlock = 4096;
    private const int PackedPerPart = 32 << 10;

    /// <summary>
    /// c[m, n] = alpha * a[m, k] @ b[k, n] + beta * c, plus the bias of each column when there is one. c has unit column stride;
    /// a and b have any strides, and are read in place where one of their strides is 1. beta 0 does not read c.
    /// </summary>
    public static void Multiply<T>(int m, int n, int k, T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn,
        T* c, nint cRow, T alpha, T beta, T* bias)
        where T : unmanaged, INumber<T> =>
        Multiply(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias, default(NoEpilogue<T>));

    /// <summary>The same, with something done to each piece of the product as soon as it is final.</summary>
    public static void Multiply<T, TEpilogue>(int m, int n, int k, T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn,
        T* c, nint cRow, T alpha, T beta, T* bias, TEpilogue epilogue)
        where T : unmanaged, INumber<T>
        where TEpilogue : struct, IGemmEpilogue<T>
    {
        Debug.Assert(typeof(T) == typeof(float) || typeof(T) == typeof(double));
        if (m <= 0 || n <= 0) return;
        if (k > 0 && (long)m * n * k > LargestDirect)
        {
            if (Vector512.IsHardwareAccelerated)
                Run<Lanes512<T>, Vector512<T>, T, TEpilogue>(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias, epilogue);
            else if (Vector256.IsHardwareAccelerated)
                Run<Lanes256<T>, Vector256<T>, T, TEpilogue>(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias, epilogue);
            else if (Vector128.IsHardwareAccelerated)
                Run<Lanes128<T>, Vector128<T>, T, TEpilogue>(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias, epilogue);
            else
                Run<Lane<T>, T, T, TEpilogue>(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias, epilogue);
            return;
        }
        Direct(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias);
        epilogue.Apply(c, cRow, m, n, 0, 0);
    }

    /// <summary>
    /// <paramref name="batch"/> products of one shape, their operands at these distances; 0 shares an operand. Products that are small
    /// go to the threads whole, large ones are shared by the threads one after another.
    /// </summary>
    public static void MultiplyBatched<T>(int batch, nint aBatch, nint bBatch, nint cBatch, int m, int n, int k,
        T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn, T* c, nint cRow, T alpha, T beta, T* bias)
        where T : unmanaged, INumber<T>
    {
        if (batch <= 0 || m <= 0 || n <= 0) return;

        // Rows of consecutive products that share b are the rows of one product.
        if (bBatch == 0 && aBatch == m * aRow && cBatch == m * cRow && (long)batch * m <= int.MaxValue)
            (m, batch) = (m * batch, 1);

        long work = (long)m * n * Math.Max(k, 1);
        if (batch == 1 || work >= SmallestShared * 16)
        {
            for (int i = 0; i < batch; i++)
                Multiply(m, n, k, a + i * aBatch, aRow, aColumn, b + i * bBatch, bRow, bColumn, c + i * cBatch, cRow, alpha, beta, bias);
            return;
        }
        int perPart = (int)Math.Clamp(SmallestShared / work, 1, batch);
        var job = new BatchJob<T>
        {
            Batch = batch, PerPart = perPart, ABatch = aBatch, BBatch = bBatch, CBatch = cBatch, M = m, N = n, K = k,
            A = a, ARow = aRow, AColumn = aColumn, B = b, BRow = bRow, BColumn = bColumn, C = c, CRow = cRow, Alpha = alpha, Beta = beta, Bias = bias,
        };
        Workers.For((batch + perPart - 1) / perPart, job);
    }

    private struct BatchJob<T> : IJob where T : unmanaged, INumber<T>
    {
        public int Batch, PerPart, M, N, K;
        public T* A, B, C, Bias;
        public nint ABatch, BBatch, CBatch, ARow, AColumn, BRow, BColumn, CRow;
        public T Alpha, Beta;

        public readonly void Run(int part)
        {
            int end = Math.Min((part + 1) * PerPart, Batch);
            for (int i = part * PerPart; i < end; i++)
                Multiply(M, N, K, A + i * ABatch, ARow, AColumn, B + i * BBatch, BRow, BColumn, C + i * CBatch, CRow, Alpha, Beta, Bias);
        }
    }

    private static void Run<L, V, T, TEpilogue>(int m, int n, int k, T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn,
        T* c, nint cRow, T alpha, T beta, T* bias, TEpilogue epilogue)
        where L : ILanes<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
        where TEpilogue : struct, IGemmEpilogue<T>
    {
        T* d = bias;
        nint dRow = 0;
        if (beta != T.Zero)
        {
            if (beta != T.One || bias != null) Scale(m, n, c, cRow, beta, bias);
            d = c;
            dRow = cRow;
        }

        if (m == 1 && bColumn == 1 || n == 1 && aRow == 1)
        {
            if (m == 1) Combine<L, V, T>(n, k, b, bRow, a, aColumn, c, 1, alpha, d, d == null ? 0 : 1);
            else Combine<L, V, T>(m, k, a, aColumn, b, bRow, c, cRow, alpha, d, dRow);
            epilogue.Apply(c, cRow, m, n, 0, 0);
            return;
        }
        if (m == 1 && bRow == 1 && aColumn == 1 || n == 1 && aColumn == 1 && bRow == 1)
        {
            if (m == 1) Dots<L, V, T>(n, k, b, bColumn, a, c, 1, alpha, d, d == null ? 0 : 1);
            else Dots<L, V, T>(m, k, a, aRow, b, c, cRow, alpha, d, dRow);
            epilogue.Apply(c, cRow, m, n, 0, 0);
            return;
        }

        int tall = L.Rows, wide = 2 * L.Count;
        int slices = GemmBlock<L, V, T, TEpilogue>.Up(k, SliceBytes / sizeof(T));
        int slice = GemmBlock<L, V, T, TEpilogue>.RoundUp(GemmBlock<L, V, T, TEpilogue>.Up(k, slices), 8);
        bool packB = bColumn != 1 || m >= 4 * tall && (long)k * n >= 128 * 128;
        bool packA = n >= 128 && (long)m * k >= 128 * 128 || aColumn != 1 && aRow != 1;
        int blockM = packA ? Even(m, LargestBlock, tall) : m, blockN = packB ? Even(n, LargestBlock, wide) : n;
        int blockK = k;
        if (packA || packB)
        {
            long lanes = Math.Max(packA ? blockM + tall : 0, packB ? blockN + wide : 0);
            blockK = (int)Math.Min(k, slice * Math.Max(1, PackedElements / (lanes * slice)));
        }

        var scratch = GemmScratch.Mine;
        for (int j = 0; j < n; j += blockN)
        {
            for (int p = 0; p < k; p += blockK)
            {
                for (int i = 0; i < m; i += blockM)
                {
                    var block = new GemmBlock<L, V, T, TEpilogue>
                    {
                        M = Math.Min(blockM, m - i), N = Math.Min(blockN, n - j), K = Math.Min(blockK, k - p), Slice = slice,
                        A = a + i * aRow + p * aColumn, ARow = aRow, AColumn = aColumn, B = b + p * bRow + j * bColumn, BRow = bRow,
                        C = c + i * cRow + j, CRow = cRow, Alpha = alpha, D = p > 0 ? c + i * cRow + j : d == null ? null : d + i * dRow + j, DRow = p > 0 ? cRow : dRow,
                        Row = i, Column = j, Last = p + blockK >= k, Epilogue = epilogue,
                    };
                    bool shared = (long)block.M * block.N * block.K >= SmallestShared;
                    block.PackedFrom = packB ? 0 : block.N % L.Count == 0 ? block.N : (block.N - 1) / wide * wide;
                    int packedColumns = block.N - block.PackedFrom;
                    var pack = new GemmPack<T> { K = block.K, Slice = slice };
                    if (packedColumns > 0 && (i == 0 || !packB))
                    {
                        int padded = GemmBlock<L, V, T, TEpilogue>.RoundUp(packedColumns, L.Count);
                        pack.Right = new()
                        {
                            Source = block.B + block.PackedFrom * bColumn, Target = (T*)scratch.Right((nuint)padded * (nuint)block.K * (nuint)sizeof(T)),
                            LaneStride = bColumn, StepStride = bRow, Lanes = packedColumns, Width = wide, Rounding = L.Count,
                            PanelsPerGroup = Math.Max(1, PackedPerPart / (wide * slice)),
                        };
                    }
                    if (packedColumns > 0) block.PackedB = (T*)scratch.Right(0);
                    if (packA)
                    {
                        int padded = GemmBlock<L, V, T, TEpilogue>.RoundUp(block.M, tall);
                        block.PackedA = (T*)scratch.Left((nuint)padded * (nuint)block.K * (nuint)sizeof(T));
                        pack.Left = new()
                        {
                            Source = block.A, Target = block.PackedA,
                            LaneStride = aRow, StepStride = aColumn, Lanes = block.M, Width = tall, Rounding = tall,
                            PanelsPerGroup = Math.Max(1, PackedPerPart / (tall * slice)),
                        };
                    }
                    int packs = pack.Parts;
                    if (shared && packs > 1) Workers.For(packs, pack);
                    else for (int part = 0; part < packs; part++) pack.Run(part);

                    (block.TileM, block.TileN) = Tile(block.M, block.N, block.K, tall, wide);
                    int tiles = block.Parts;
                    if (shared && tiles > 1) Workers.For(tiles, block);
                    else for (int part = 0; part < tiles; part++) block.Run(part);
                }
            }
        }
    }

    /// <summary>Cuts n into pieces of about the same size, multiples of a unit and at most as long as a limit.</summary>
    private static int Even(int n, int limit, int unit)
    {
        int pieces = (n + limit - 1) / limit;
        return ((n + pieces - 1) / pieces + unit - 1) / unit * unit;
    }

    /// <summary>Tiles small enough that there are some for many threads, and that the last ones to finish do not keep the others waiting.</summary>
    private static (int M, int N) Tile(int m, int n, int k, int tall, int wide)
    {
        int tileM = Even(m, TallestTile, tall), tileN = Even(n, WidestTile, wide);
        while ((long)((m + tileM - 1) / tileM) * ((n + tileN - 1) / tileN) < TilesWanted && (long)tileM * tileN * k > TileWork)
        {
            if (tileN >= tileM && tileN > wide) tileN = (tileN / 2 + wide - 1) / wide * wide;
            else if (tileM > tall) tileM = (tileM / 2 + tall - 1) / tall * tall;
            else break;
        }
        return (tileM, tileN);
    }
}

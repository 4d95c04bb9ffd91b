using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Matrix products (BLAS: gemm, gemv, dot). Strides are in elements. Every path is chosen by the shape alone and no sum is ever cut by
/// threads, so the result is the same bits for any number of them.
/// </summary>
/// <remarks>
/// The general path is Goto and van de Geijn's (2008) with BLIS's names: mr and nr are the rows and columns of a micro-kernel's tile; a slice is kc,
/// blocks of rows and columns are mc and nc; packed operands come in panels of mr rows or nr columns.
/// </remarks>
internal static unsafe partial class Gemm
{
    // In multiply-adds.
    private const long LargestDirect = 400;
    private const long SmallestPacked = 50 * 50 * 50;
    // Seven microseconds' worth: handing half of less to another thread costs as much as it saves.
    private const long SmallestShared = 400_000;
    private const long TileWork = 1 << 16;

    // In bytes, both together well inside a second-level cache of 512 KB: a slice of a tile's rows, and the slice of one panel's columns.
    private const int SliceBytes = 2048;

    // Columns this far apart, in bytes, are packed: each would be a page of its own.
    private const int FarBytes = 3500;

    // Up to this many rows, and from this many panels of columns, a tile packs for itself.
    private const int LocalRows = 256;
    private const int LocalPanels = 4;

    // The shorter side, at most, and the sum, at least, of what is multiplied by dot products.
    private const int DotsShort = 24;
    private const int DotsLeast = 128;
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
                Run<SimdOps512<T>, Vector512<T>, T, TEpilogue>(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias, epilogue);
            else if (Vector256.IsHardwareAccelerated)
                Run<SimdOps256<T>, Vector256<T>, T, TEpilogue>(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias, epilogue);
            else if (Vector128.IsHardwareAccelerated)
                Run<SimdOps128<T>, Vector128<T>, T, TEpilogue>(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias, epilogue);
            else
                Run<ScalarOps<T>, T, T, TEpilogue>(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias, epilogue);
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
        if (batch == 1 || work >= SmallestShared * 5)
        {
            for (int i = 0; i < batch; i++)
                Multiply(m, n, k, a + i * aBatch, aRow, aColumn, b + i * bBatch, bRow, bColumn, c + i * cBatch, cRow, alpha, beta, bias);
            return;
        }
        int perPart = (int)Math.Clamp(SmallestShared / work, 1, batch);
        var job = new BatchJob<T>
        {
            Batch = batch,
            PerPart = perPart,
            ABatch = aBatch,
            BBatch = bBatch,
            CBatch = cBatch,
            M = m,
            N = n,
            K = k,
            A = a,
            ARow = aRow,
            AColumn = aColumn,
            B = b,
            BRow = bRow,
            BColumn = bColumn,
            C = c,
            CRow = cRow,
            Alpha = alpha,
            Beta = beta,
            Bias = bias,
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

    private static void Run<S, V, T, TEpilogue>(int m, int n, int k, T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn,
        T* c, nint cRow, T alpha, T beta, T* bias, TEpilogue epilogue)
        where S : ISimdOps<V, T>
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
            if (m == 1) Combine<S, V, T>(n, k, b, bRow, a, aColumn, c, 1, alpha, d, d == null ? 0 : 1);
            else Combine<S, V, T>(m, k, a, aColumn, b, bRow, c, cRow, alpha, d, dRow);
            epilogue.Apply(c, cRow, m, n, 0, 0);
            return;
        }
        if (aColumn == 1 && bRow == 1 && Math.Min(m, n) <= DotsShort && k >= DotsLeast)
        {
            nint dColumn = d == null ? 0 : 1;
            if (m == 1 && n == 1) *c = alpha * Dot<S, V, T>(k, a, b) + (d == null ? T.Zero : *d);
            else if (m <= n) Dots<S, V, T>(m, n, k, a, aRow, b, bColumn, c, cRow, 1, alpha, d, dRow, dColumn);
            else Dots<S, V, T>(n, m, k, b, bColumn, a, aRow, c, 1, cRow, alpha, d, dColumn, dRow);
            epilogue.Apply(c, cRow, m, n, 0, 0);
            return;
        }

        Blocks<S, V, T, TEpilogue>(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, d, dRow, epilogue);
    }

    /// <summary>The general case: blocks of packed or of well-lying operands, cut into tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Blocks<S, V, T, TEpilogue>(int m, int n, int k, T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn,
        T* c, nint cRow, T alpha, T* d, nint dRow, TEpilogue epilogue)
        where S : ISimdOps<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
        where TEpilogue : struct, IGemmEpilogue<T>
    {
        int mr = S.TileRows, nr = 2 * S.Count;
        long work = (long)m * n * k;
        bool small = work < SmallestPacked;
        bool packA = aColumn != 1 && aRow != 1 || !small && n >= 4 * nr && Collides<T>(aColumn == 1 ? aRow : aColumn);
        bool packB = bColumn != 1 || !small && m >= 4 * mr && k >= 64 && bRow * sizeof(T) >= FarBytes;
        int slice = k, longest = SliceBytes / sizeof(T);
        if (k > longest) slice = Even(k, longest, 8);
        int blockM = packA && m > LargestBlock ? Even(m, LargestBlock, mr) : m;
        int blockN = packB && n > LargestBlock ? Even(n, LargestBlock, nr) : n;
        int blockK = k;
        if (!small && (packA || packB))
        {
            long lanes = Math.Max(packA ? blockM + mr : 0, packB ? blockN + nr : 0);
            blockK = (int)Math.Min(k, slice * Math.Max(1, PackedElements / (lanes * slice)));
        }

        GemmBlock<S, V, T, TEpilogue> block = default;
        block.Slice = slice;
        block.ARow = aRow;
        block.AColumn = aColumn;
        block.BRow = bRow;
        block.BColumn = bColumn;
        block.CRow = cRow;
        block.Alpha = alpha;
        block.Epilogue = epilogue;
        for (int j = 0; j < n; j += blockN)
        {
            block.Column = j;
            block.N = Math.Min(blockN, n - j);
            block.PackedFrom = packB ? 0 : block.N - (block.N & (S.Count - 1)) == block.N ? block.N : (block.N - 1) & -nr;
            for (int p = 0; p < k; p += blockK)
            {
                block.K = Math.Min(blockK, k - p);
                block.B = b + p * bRow + j * bColumn;
                block.Last = p + blockK >= k;
                for (int i = 0; i < m; i += blockM)
                {
                    block.Row = i;
                    block.M = Math.Min(blockM, m - i);
                    block.A = a + i * aRow + p * aColumn;
                    block.C = c + i * cRow + j;
                    block.D = block.C;
                    block.DRow = cRow;
                    if (p == 0)
                    {
                        block.D = d == null ? null : d + i * dRow + j;
                        block.DRow = dRow;
                    }
                    block.TileM = block.M;
                    block.TileN = block.N;
                    int tiles = 1;
                    if (work >= SmallestShared) tiles = Tile(ref block, packB);
                    if (packA || block.PackedFrom < block.N && block.TileM < block.M) Pack(ref block, packA, small, i == 0);
                    if (tiles > 1) Workers.For(tiles, block);
                    else block.Run(0);
                }
            }
        }
    }

    /// <summary>Whether rows at this distance fall on the same few sets of a first-level cache, so that a tile's rows drive each other out.</summary>
    private static bool Collides<T>(nint stride) where T : unmanaged
    {
        nint offset = stride * sizeof(T) & 4095;
        return stride * sizeof(T) >= 4032 && (offset < 64 || offset > 4032);
    }

    /// <summary>Packs what the tiles of a block share. Columns that were packed for the block above are not packed again.</summary>
    private static void Pack<S, V, T, TEpilogue>(ref GemmBlock<S, V, T, TEpilogue> block, bool packA, bool small, bool firstRows)
        where S : ISimdOps<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
        where TEpilogue : struct, IGemmEpilogue<T>
    {
        int mr = S.TileRows, nr = 2 * S.Count;
        var scratch = GemmScratch.Mine;
        var pack = new GemmPack<T> { K = block.K, Slice = block.Slice };
        int columns = block.N - block.PackedFrom;
        if (columns > 0 && block.TileM < block.M)
        {
            int padded = (columns + S.Count - 1) & -S.Count;
            block.PackedB = (T*)scratch.Right((nuint)padded * (nuint)block.K * (nuint)sizeof(T));
            if (firstRows)
            {
                pack.Right = new()
                {
                    Source = block.B + block.PackedFrom * block.BColumn,
                    Target = block.PackedB,
                    LaneStride = block.BColumn,
                    StepStride = block.BRow,
                    Lanes = columns,
                    Width = nr,
                    Rounding = S.Count,
                    PanelsPerGroup = Math.Max(1, PackedPerPart / (nr * block.Slice)),
                };
            }
        }
        if (packA)
        {
            int padded = (block.M + mr - 1) / mr * mr;
            block.PackedA = (T*)scratch.Left((nuint)padded * (nuint)block.K * (nuint)sizeof(T));
            pack.Left = new()
            {
                Source = block.A,
                Target = block.PackedA,
                LaneStride = block.ARow,
                StepStride = block.AColumn,
                Lanes = block.M,
                Width = mr,
                Rounding = mr,
                PanelsPerGroup = Math.Max(1, PackedPerPart / (mr * block.Slice)),
            };
        }
        int parts = pack.Parts;
        if (!small && parts > 1) Workers.For(parts, pack);
        else for (int part = 0; part < parts; part++) pack.Run(part);
    }

    /// <summary>Cuts n into pieces of about the same size, multiples of a unit and at most as long as a limit.</summary>
    private static int Even(int n, int limit, int unit)
    {
        int pieces = (n + limit - 1) / limit;
        return ((n + pieces - 1) / pieces + unit - 1) / unit * unit;
    }

    /// <summary>
    /// Sets the size of a block's tiles: small enough that there are some for many threads, and that the last ones to finish do not keep
    /// the others waiting.
    /// </summary>
    /// <returns>How many tiles there are.</returns>
    private static int Tile<S, V, T, TEpilogue>(ref GemmBlock<S, V, T, TEpilogue> block, bool packB)
        where S : ISimdOps<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
        where TEpilogue : struct, IGemmEpilogue<T>
    {
        int mr = S.TileRows, nr = 2 * S.Count;
        int m = block.M, n = block.N, tileM, tileN;
        if (packB && m <= LocalRows && n >= LocalPanels * nr)
        {
            // A tile of one panel's columns and all rows packs its own columns, and no thread waits for another's packing.
            tileM = m;
            tileN = nr;
        }
        else
        {
            tileM = Even(m, TallestTile, mr);
            tileN = Even(n, WidestTile, nr);
            while ((long)((m + tileM - 1) / tileM) * ((n + tileN - 1) / tileN) < TilesWanted && (long)tileM * tileN * block.K > TileWork)
            {
                if (tileN >= tileM && tileN > nr) tileN = (tileN / 2 + nr - 1) & -nr;
                else if (tileM > mr) tileM = (tileM / 2 + mr - 1) / mr * mr;
                else break;
            }
        }
        block.TileM = Math.Min(tileM, m);
        block.TileN = Math.Min(tileN, n);
        return block.Parts;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>A block of a product whose operands lie where the micro-kernel can read them. A part is one tile of c, over all of k.</summary>
internal unsafe struct GemmBlock<S, V, T, TEpilogue> : IJob
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
    where TEpilogue : struct, IGemmEpilogue<T>
{
    public int M, N, K;

    // Sums are taken over slices of k and then added up: a slice of packed operands stays in the caches, and short sums round less.
    public int Slice;
    public T* A, B, C;
    public nint ARow, AColumn, BRow, BColumn, CRow;
    public T Alpha;

    // What the first slice is added to: nothing (null), c itself, or the bias (DRow 0).
    public T* D;
    public nint DRow;

    // Slice after slice, in each of them panel after panel. Null: a is read where it lies.
    public T* PackedA;

    // The same for columns from PackedFrom on; those before are read where they lie. Null where a tile has all rows: it packs for itself.
    public T* PackedB;
    public int PackedFrom;

    public int TileM, TileN;
    public int Row, Column;
    public bool Last;
    public TEpilogue Epilogue;

    public static int Mr { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => S.TileRows; }
    public static int Nr { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2 * S.Count; }

    public readonly int Parts => (M + TileM - 1) / TileM * ((N + TileN - 1) / TileN);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    public readonly void Run(int part)
    {
        int i0 = 0, j0 = 0;
        if (part > 0)
        {
            int across = (N + TileN - 1) / TileN;
            i0 = part / across * TileM;
            j0 = part % across * TileN;
        }
        int i1 = Math.Min(i0 + TileM, M), j1 = Math.Min(j0 + TileN, N);
        int paddedM = (M + Mr - 1) / Mr * Mr, paddedN = (N + S.Count - 1) & -S.Count;
        T* own = PackedB == null && j1 > PackedFrom ? (T*)GemmScratch.Mine.Panel((nuint)(Nr * Math.Min(K, Slice) * sizeof(T))) : null;
        int last = (i1 - i0 - 1) % Mr + 1;
        T* zeros = stackalloc T[(2 + Mr) * Nr], biasEdge = zeros + Nr, edge = biasEdge + Nr;
        S.Store(default, zeros);
        S.Store(default, zeros + S.Count);

        for (int k0 = 0; k0 < K; k0 += Slice)
        {
            int k = Math.Min(Slice, K - k0);
            bool first = k0 == 0, final = Last && k0 + k == K;
            for (int j = j0; j < j1; j += Nr)
            {
                int columns = Math.Min(Nr, j1 - j);
                bool two = columns > S.Count, ragged = (columns & (S.Count - 1)) != 0;
                var kernel = GemmKernels<S, V, T>.Get(Mr, two);
                T* b = B + k0 * BRow + j;
                nint bStep = BRow;
                if (j >= PackedFrom)
                {
                    bStep = two ? Nr : S.Count;
                    if (own == null) b = PackedB + (nint)k0 * (paddedN - PackedFrom) + (nint)k * (j - PackedFrom);
                    else GemmPacking.Pack(B + k0 * BRow + j * BColumn, BColumn, BRow, columns, k, b = own, (int)bStep);
                }
                for (int i = i0; i < i1; i += Mr)
                {
                    int rows = Mr;
                    if (i + Mr > i1)
                    {
                        rows = last;
                        kernel = GemmKernels<S, V, T>.Get(rows, two);
                    }
                    T* a = PackedA + (nint)k0 * paddedM + (nint)i * k;
                    nint aLane = 1, aStep = Mr;
                    if (PackedA == null)
                    {
                        a = A + i * ARow + k0 * AColumn;
                        (aLane, aStep) = (ARow, AColumn);
                    }
                    T* c = C + i * CRow + j, d = c;
                    nint dRow = CRow;
                    if (first)
                    {
                        dRow = DRow;
                        d = D == null ? zeros : D + i * DRow + j;
                    }
                    if (!ragged) kernel(1, k, a, 0, aLane, aStep, b, bStep, Alpha, d, dRow, c, CRow);
                    else
                    {
                        // The kernel loads and stores whole vectors, so it gets a tile of its own.
                        if (dRow != 0) Move(d, dRow, edge, Nr, rows, columns);
                        else if (d != zeros) Move(d, 0, biasEdge, 0, 1, columns);
                        kernel(1, k, a, 0, aLane, aStep, b, bStep, Alpha, dRow != 0 ? edge : d != zeros ? biasEdge : d, dRow != 0 ? Nr : 0, edge, Nr);
                        Move(edge, Nr, c, CRow, rows, columns);
                    }
                    if (final) Epilogue.Apply(c, CRow, rows, columns, Row + i, Column + j);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Move(T* source, nint sourceRow, T* target, nint targetRow, int rows, int columns)
    {
        for (; rows > 0; rows--, source += sourceRow, target += targetRow)
            for (int j = 0; j < columns; j++) target[j] = source[j];
    }
}

/// <summary>Packs both operands of a block. A part is a few panels over one slice of k.</summary>
internal unsafe struct GemmPack<T> : IJob where T : unmanaged, INumber<T>
{
    public int K, Slice;
    public GemmStrip<T> Left, Right;

    public readonly int Parts => BlockSlices * (Left.Groups + Right.Groups);
    private readonly int BlockSlices => (K + Slice - 1) / Slice;

    public readonly void Run(int part)
    {
        int groups = Left.Groups + Right.Groups;
        int k0 = part / groups * Slice, group = part % groups;
        int k = Math.Min(Slice, K - k0);
        if (group < Left.Groups) Left.Pack(group, k0, k);
        else Right.Pack(group - Left.Groups, k0, k);
    }
}

/// <summary>One operand to be packed: Lanes rows of a, or columns of b, in panels of Width; nothing when Source is null.</summary>
internal unsafe struct GemmStrip<T> where T : unmanaged, INumber<T>
{
    public T* Source, Target;
    public nint LaneStride, StepStride;
    public int Lanes, Width, Rounding, PanelsPerGroup;

    public readonly int Groups => Source == null ? 0 : (Lanes + Width * PanelsPerGroup - 1) / (Width * PanelsPerGroup);

    public readonly void Pack(int group, int k0, int k)
    {
        int padded = (Lanes + Rounding - 1) / Rounding * Rounding;
        int end = Math.Min((group + 1) * PanelsPerGroup * Width, Lanes);
        for (int lane = group * PanelsPerGroup * Width; lane < end; lane += Width)
        {
            int lanes = Math.Min(Width, Lanes - lane), width = Math.Min(Width, padded - lane);
            GemmPacking.Pack(Source + lane * LaneStride + k0 * StepStride, LaneStride, StepStride, lanes, k,
                Target + (nint)k0 * padded + (nint)lane * k, width);
        }
    }
}

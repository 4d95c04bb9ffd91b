using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// The left operand of a <see cref="PanelProduct{S, V, T}"/>, read where it lies: blocks of rows, whose terms come in lines. Row i of a block has
/// term p of a line at Data + block * BlockStep + i * RowStep + line * LineStep + p * TermStep.
/// </summary>
internal unsafe struct PanelRows<T> where T : unmanaged
{
    public T* Data;
    public int Blocks, Rows, Lines, Terms;
    public nint BlockStep, RowStep, LineStep, TermStep;

    /// <summary>A matrix of m rows and k columns at these distances.</summary>
    public PanelRows(T* data, int m, int k, nint row, nint column)
    {
        Data = data;
        (Blocks, Rows, Lines, Terms, RowStep, TermStep) = (1, m, 1, k, row, column);
    }
}

/// <summary>
/// Products with a right operand that has been packed in panels of two vectors' columns, for callers that cut the work for threads themselves.
/// </summary>
internal static unsafe class PanelProduct<S, V, T>
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    // Terms of a sum that are added up at a time: so much of a panel stays in the first-level cache.
    private static readonly int s_slice = 2048 / sizeof(T);

    /// <summary>The width of a panel.</summary>
    public static int Nr => 2 * S.Count;

    /// <summary>The elements of n columns of so many rows, packed; the last panel is filled up to whole vectors.</summary>
    public static nint PackedLength(int n, int k) => (nint)((n + S.Count - 1) / S.Count * S.Count) * k;

    /// <summary>Packs a matrix of k rows, so far apart, and n columns side by side.</summary>
    public static void Pack(T* source, nint row, int k, int n, T* target)
    {
        for (int j = 0; j < n; j += Nr)
        {
            int columns = Math.Min(Nr, n - j);
            GemmPacking.Pack(source + j, 1, row, columns, k, target + (nint)j * k, columns > S.Count ? Nr : S.Count);
        }
    }

    /// <summary>The same matrix packed: itself where its rows are as wide as one panel, else a copy in the target.</summary>
    public static T* Packed(T* source, nint row, int k, int n, T* target)
    {
        if (row == n && (n == S.Count || n == Nr)) return source;
        Pack(source, row, k, n, target);
        return target;
    }

    /// <summary>
    /// c[m, n] = a[m, k] @ b[k, n] + start; b is packed, and start is null for nothing, c itself, or else a row for every row. The rows of a block of
    /// c are cRow apart; its blocks are cBlock apart, or follow on one another.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    public static void Run(PanelRows<T> a, int n, T* b, T* start, T* c, nint cRow, nint cBlock = 0)
    {
        int mr = S.TileRows, nr = Nr, whole = a.Rows / mr * mr;
        T* zeros = stackalloc T[(1 + mr) * nr], edge = zeros + nr;
        S.Store(default, zeros);
        S.Store(default, zeros + S.Count);
        int terms = Math.Min(s_slice, a.Terms), lines = Math.Max(1, s_slice / Math.Max(1, a.Terms));
        nint k = (nint)a.Lines * a.Terms;
        if (cBlock == 0) cBlock = a.Rows * cRow;
        for (int line = 0; line < a.Lines; line += lines)
        {
            for (int term = 0; term < a.Terms; term += terms)
            {
                int lineCount = Math.Min(lines, a.Lines - line), termCount = Math.Min(terms, a.Terms - term);
                bool isFirst = line == 0 && term == 0;
                for (int j = 0; j < n; j += nr)
                {
                    int columns = Math.Min(nr, n - j);
                    bool two = columns > S.Count, ragged = (columns & (S.Count - 1)) != 0;
                    int width = two ? nr : S.Count;
                    T* panel = b + j * k + ((nint)line * a.Terms + term) * width;
                    for (int block = 0; block < a.Blocks; block++)
                    {
                        T* left = a.Data + block * a.BlockStep + line * a.LineStep + term * a.TermStep;
                        var kernel = GemmKernels<S, V, T>.Get(mr, two);
                        for (int i = 0; i < a.Rows; i += mr, left += mr * a.RowStep)
                        {
                            int rows = mr;
                            if (i == whole) kernel = GemmKernels<S, V, T>.Get(rows = a.Rows - whole, two);
                            T* to = c + block * cBlock + i * cRow + j, from = to;
                            nint fromRow = cRow;
                            if (isFirst && start != c)
                            {
                                from = start == null ? zeros : start + j;
                                fromRow = 0;
                            }
                            // They are read or written only behind the sum, when nothing else is left to be done meanwhile.
                            for (int row = 0; row < rows; row++)
                            {
                                Cache.Prefetch(to + row * cRow);
                                Cache.Prefetch(to + row * cRow + S.Count);
                            }
                            if (!ragged) kernel(lineCount, termCount, left, a.LineStep, a.RowStep, a.TermStep, panel, width, T.One, from, fromRow, to, cRow);
                            else
                            {
                                // The kernel reads and writes whole vectors, so it gets a tile of its own.
                                if (from != zeros) Move(from, fromRow, edge, nr, rows, columns);
                                bool isZero = from == zeros;
                                kernel(lineCount, termCount, left, a.LineStep, a.RowStep, a.TermStep, panel, width, T.One,
                                    isZero ? zeros : edge, isZero ? 0 : nr, edge, nr);
                                Move(edge, nr, to, cRow, rows, columns);
                            }
                        }
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move(T* source, nint sourceRow, T* target, nint targetRow, int rows, int columns)
    {
        for (; rows > 0; rows--, source += sourceRow, target += targetRow)
            for (int j = 0; j < columns; j++) target[j] = source[j];
    }
}

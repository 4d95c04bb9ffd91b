using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>Products with a right operand that has been packed in panels of two vectors' columns, for callers that cut the work for threads themselves.</summary>
internal static unsafe class PanelProduct<L, V, T>
    where L : ILanes<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    // Terms of a sum that are added up at a time: so much of a panel stays in the first-level cache.
    private static readonly int s_slice = 2048 / sizeof(T);

    /// <summary>The width of a panel.</summary>
    public static int Wide => 2 * L.Count;

    /// <summary>The elements of n columns of so many rows, packed; the last panel is filled up to whole vectors.</summary>
    public static nint PackedLength(int n, int k) => (nint)((n + L.Count - 1) / L.Count * L.Count) * k;

    /// <summary>
    /// c[m, n] = a[m, k] @ b + start, where element (i, p) of a is at a[i * aLane + p * aStep], b is packed, and start is null for nothing, a row for every row (startRow 0), or c itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    public static void Run(int m, int n, int k, T* a, nint aLane, nint aStep, T* b, T* start, nint startRow, T* c, nint cRow)
    {
        int tall = L.Rows, wide = Wide, whole = m / tall * tall;
        T* zeros = stackalloc T[(1 + tall) * wide], edge = zeros + wide;
        L.Store(default, zeros);
        L.Store(default, zeros + L.Count);
        for (int k0 = 0; k0 < k; k0 += s_slice)
        {
            int depth = Math.Min(s_slice, k - k0);
            for (int j = 0; j < n; j += wide)
            {
                int columns = Math.Min(wide, n - j);
                bool two = columns > L.Count, ragged = (columns & (L.Count - 1)) != 0;
                int width = two ? wide : L.Count;
                T* panel = b + (nint)j * k + (nint)k0 * width;
                var kernel = GemmKernels<L, V, T>.Get(tall, two);
                for (int i = 0; i < m; i += tall)
                {
                    int rows = tall;
                    if (i == whole) kernel = GemmKernels<L, V, T>.Get(rows = m - whole, two);
                    T* to = c + i * cRow + j, from = to;
                    nint fromRow = cRow;
                    if (k0 == 0)
                    {
                        from = start == null ? zeros : start + i * startRow + j;
                        fromRow = start == null ? 0 : startRow;
                    }
                    T* left = a + i * aLane + k0 * aStep;
                    // They are read or written only behind the sum, when nothing else is left to be done meanwhile.
                    for (int row = 0; row < rows; row++)
                    {
                        Cache.Fetch(to + row * cRow);
                        Cache.Fetch(to + row * cRow + L.Count);
                    }
                    if (!ragged) kernel(depth, left, aLane, aStep, panel, width, T.One, from, fromRow, to, cRow);
                    else
                    {
                        // The kernel reads and writes whole vectors, so it gets a tile of its own.
                        if (from != zeros) Move(from, fromRow, edge, wide, rows, columns);
                        kernel(depth, left, aLane, aStep, panel, width, T.One, from == zeros ? zeros : edge, from == zeros ? 0 : wide, edge, wide);
                        Move(edge, wide, to, cRow, rows, columns);
                    }
                }
            }
        }
    }

    private static void Move(T* source, nint sourceRow, T* target, nint targetRow, int rows, int columns)
    {
        for (; rows > 0; rows--, source += sourceRow, target += targetRow)
            for (int j = 0; j < columns; j++) target[j] = source[j];
    }
}

using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Copies between layouts whose neighbouring elements lie along different dimensions, tile by tile through a buffer, so that each cache line
/// is read or written whole and at once: lines a power of two apart would push each other out of the cache.
/// </summary>
internal static unsafe class TransposeLoop
{
    private const int Tile = 16;
    private const int FewestAcross = 4, FewestAlong = 2;
    private const int NarrowLines = 128;
    private const long ParallelFrom = 1 << 16;

    /// <summary>Does the copy if it is of this kind.</summary>
    public static bool TryRun<T>(in Operand x, in Operand y) where T : unmanaged
    {
        int rank = y.Layout.Rank;
        if (rank < 2) return false;
        using Pinned<byte> pinY = y.Pin<byte>(), pinX = x.Pin<byte>();
        fixed (byte* py = pinY, px = pinX)
        {
            var iterator = new StridedIterator { Inputs = 1 };
            iterator.Add(0, py, y);
            iterator.Add(1, px, x);
            int* shape = stackalloc int[rank];
            long* strides = stackalloc long[2 * rank];
            iterator.Coalesce(y, x, default, default, default, shape, strides, rank);
            long* sy = iterator[0].Strides, sx = iterator[1].Strides;
            // The dimension along which y lies without gaps, and that along which x does.
            int along = -1, across = -1;
            for (int d = 0; d < iterator.Rank; d++)
            {
                if (sy[d] == 1) along = d;
                if (sx[d] == 1) across = d;
            }
            if (along < 0 || across < 0 || along == across || shape[along] < FewestAlong || shape[across] < FewestAcross) return false;

            var job = new Job<T>
            {
                Y = (T*)iterator[0].Data,
                X = (T*)iterator[1].Data,
                Along = shape[along],
                Across = shape[across],
                StepX = (nint)sx[along],
                StepY = (nint)sy[across],
                Shape = shape,
                StridesX = sx,
                StridesY = sy,
                Rank = 0,
            };
            job.Lines = job.Along < FewestAcross ? NarrowLines : Tile;
            job.Blocks = (job.Across + job.Lines - 1) / job.Lines;
            long planes = 1;
            for (int d = 0; d < iterator.Rank; d++)
            {
                if (d == along || d == across) continue;
                planes *= shape[d];
                (shape[job.Rank], sx[job.Rank], sy[job.Rank]) = (shape[d], sx[d], sy[d]);
                job.Rank++;
            }
            long units = planes * job.Blocks;
            job.Units = units;
            job.PerPart = y.Layout.Count < ParallelFrom ? units : Math.Max(1, Workers.Grain / ((long)job.Along * job.Lines));
            long parts = (units + job.PerPart - 1) / job.PerPart;
            if (parts > int.MaxValue) return false;
            Workers.For((int)parts, job);
        }
        return true;
    }

    private struct Job<T> : IJob where T : unmanaged
    {
        public T* X, Y;
        public int Along, Across, Lines, Blocks, Rank;
        public nint StepX, StepY;
        public int* Shape;
        public long* StridesX, StridesY;
        public long Units, PerPart;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int part)
        {
            long end = Math.Min(Units, (part + 1) * PerPart);
            for (long unit = part * PerPart; unit < end; unit++)
            {
                T* x = X, y = Y;
                long plane = unit / Blocks;
                for (int d = Rank - 1; d >= 0; d--)
                {
                    long i = plane % Shape[d];
                    x += i * StridesX[d];
                    y += i * StridesY[d];
                    plane /= Shape[d];
                }
                int start = (int)(unit % Blocks) * Lines, lines = Math.Min(Lines, Across - start);
                if (Along < FewestAcross) Narrow(x + start, y + start * StepY, lines);
                else Block(x + start, y + start * StepY, lines);
            }
        }

        /// <summary>Lines of two or three elements, as of an image's three channels: as many streams to read.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void Narrow(T* x, T* y, int lines)
        {
            nint stepY = StepY;
            T* second = x + StepX, third = second + StepX;
            if (Along == 2)
            {
                for (nint line = 0; line < lines; line++, y += stepY) (y[0], y[1]) = (x[line], second[line]);
            }
            else
            {
                for (nint line = 0; line < lines; line++, y += stepY) (y[0], y[1], y[2]) = (x[line], second[line], third[line]);
            }
        }

        /// <summary>A few lines of y: a band of x, one tile after another.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void Block(T* x, T* y, int lines)
        {
            T* tile = stackalloc T[Tile * Tile];
            nint stepX = StepX, stepY = StepY;
            for (int start = 0; start < Along; start += Tile)
            {
                int length = Math.Min(Tile, Along - start);
                T* from = x + start * stepX, to = y + start;
                if (length == Tile && lines == Tile)
                {
                    for (int i = 0; i < Tile; i++) Unsafe.CopyBlockUnaligned(tile + i * Tile, from + i * stepX, (uint)(Tile * sizeof(T)));
                    for (int line = 0; line < Tile; line++)
                    {
                        T* row = to + line * stepY;
                        for (int i = 0; i < Tile; i++) row[i] = tile[i * Tile + line];
                    }
                    continue;
                }
                for (int i = 0; i < length; i++)
                {
                    for (int line = 0; line < lines; line++) tile[i * Tile + line] = from[line + i * stepX];
                }
                for (int line = 0; line < lines; line++)
                {
                    for (int i = 0; i < length; i++) to[line * stepY + i] = tile[i * Tile + line];
                }
            }
        }
    }
}

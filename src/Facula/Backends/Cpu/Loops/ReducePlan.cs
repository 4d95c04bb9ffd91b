namespace Facula.Backends.Cpu;

/// <summary>A dimension of a reduction: its size and the elements between neighbours in what is read and what is written.</summary>
internal struct ReduceDim
{
    public long Size;
    public long X;
    public long Y;
    public bool IsReduced;
}

/// <summary>
/// How a reduction goes through memory: dimensions ordered from the widest stride to the narrowest and merged where they lie evenly, the
/// innermost by itself, those around it parted into kept and reduced ones.
/// </summary>
internal unsafe struct ReducePlan
{
    // A shorter row is not worth a kernel call; many of them are reduced side by side, as columns.
    private const int ShortRow = 8;
    private const int NarrowMatrix = 64;

    public ReduceDim* Kept;
    public int KeptRank;
    public ReduceDim* Reduced;
    public int ReducedRank;
    public ReduceDim Inner;

    /// <summary>The products of the sizes of the outer dimensions.</summary>
    public long KeptCount;
    public long ReducedCount;

    /// <summary>
    /// A narrow contiguous matrix is reduced as one of Fold times fewer and longer rows, whose columns are then folded; left-over rows come last.
    /// </summary>
    public int Fold;
    public long LeftOver;

    /// <summary>Both arrays have room for the rank of x, and at least 1.</summary>
    public static ReducePlan Make(Layout x, Layout y, bool contiguous, ReduceDim* kept, ReduceDim* reduced)
    {
        ReduceDim* dims = stackalloc ReduceDim[Math.Max(1, x.Rank)];
        int rank = Sort(x, y, dims);
        rank = Merge(dims, rank);
        if (rank == 0) dims[rank++] = new() { Size = 1, X = 1, IsReduced = true };
        if (rank > 1 && dims[rank - 1].IsReduced && dims[rank - 1].Size < ShortRow && !dims[rank - 2].IsReduced && dims[rank - 2].Size >= ShortRow)
            (dims[rank - 1], dims[rank - 2]) = (dims[rank - 2], dims[rank - 1]);

        var plan = new ReducePlan { Kept = kept, Reduced = reduced, Inner = dims[rank - 1], KeptCount = 1, ReducedCount = 1, Fold = 1 };
        for (int k = 0; k < rank - 1; k++)
        {
            if (dims[k].IsReduced)
            {
                reduced[plan.ReducedRank++] = dims[k];
                plan.ReducedCount *= dims[k].Size;
            }
            else
            {
                kept[plan.KeptRank++] = dims[k];
                plan.KeptCount *= dims[k].Size;
            }
        }
        if (contiguous && !plan.Inner.IsReduced) plan.FoldNarrow();
        return plan;
    }

    private static int Sort(Layout x, Layout y, ReduceDim* dims)
    {
        int rank = 0;
        for (int k = 0; k < x.Rank; k++)
        {
            if (x.Shape[k] == 1) continue;
            bool isReduced = y.Rank == 0 || y.Shape[k] == 1;
            var dim = new ReduceDim { Size = x.Shape[k], X = x.Strides[k], Y = isReduced ? 0 : y.Strides[k], IsReduced = isReduced };
            int at = rank++;
            for (; at > 0 && Width(dims[at - 1]) < Width(dim); at--) dims[at] = dims[at - 1];
            dims[at] = dim;
        }
        return rank;
    }

    // A repeated element is read again in the outermost loop, not in the innermost.
    private static long Width(in ReduceDim dim) => dim.X == 0 ? long.MaxValue : Math.Abs(dim.X);

    private static int Merge(ReduceDim* dims, int rank)
    {
        int merged = 0;
        for (int k = 0; k < rank; k++)
        {
            ReduceDim dim = dims[k];
            if (merged > 0 && dims[merged - 1].IsReduced == dim.IsReduced && dims[merged - 1].X == dim.X * dim.Size && dims[merged - 1].Y == dim.Y * dim.Size)
                dim.Size *= dims[--merged].Size;
            dims[merged++] = dim;
        }
        return merged;
    }

    private void FoldNarrow()
    {
        if (ReducedRank != 1 || Inner.X != 1 || Inner.Size >= NarrowMatrix || Reduced->X != Inner.Size) return;
        while (Fold < 16 && Reduced->Size >= 16 * Fold) Fold *= 2;
        LeftOver = Reduced->Size % Fold;
        Reduced->Size /= Fold;
        Reduced->X *= Fold;
        ReducedCount = Reduced->Size;
    }
}

/// <summary>A place in an outer product of dimensions, and where that is in what is read and what is written.</summary>
internal unsafe struct ReduceWalk(ReduceDim* dims, int rank, long* index)
{
    public long X;
    public long Y;

    public void Seek(long at)
    {
        X = Y = 0;
        for (int k = rank - 1; k >= 0; k--)
        {
            index[k] = at % dims[k].Size;
            at /= dims[k].Size;
            X += index[k] * dims[k].X;
            Y += index[k] * dims[k].Y;
        }
    }

    public void Next()
    {
        for (int k = rank - 1; k >= 0; k--)
        {
            X += dims[k].X;
            Y += dims[k].Y;
            if (++index[k] < dims[k].Size) return;
            index[k] = 0;
            X -= dims[k].X * dims[k].Size;
            Y -= dims[k].Y * dims[k].Size;
        }
    }

    /// <summary>How many steps lie evenly from here on, at most limit.</summary>
    public readonly long Run(long limit) => rank == 0 ? Math.Min(1, limit) : Math.Min(limit, dims[rank - 1].Size - index[rank - 1]);

    /// <summary>Goes n steps on, no further than <see cref="Run"/> says.</summary>
    public void Skip(long n)
    {
        if (rank == 0) return;
        index[rank - 1] += n - 1;
        X += dims[rank - 1].X * (n - 1);
        Y += dims[rank - 1].Y * (n - 1);
        Next();
    }
}

namespace Facula.Backends.Cpu;

/// <summary>A line of a pooling's output whose windows read a line of its input: its number, and where the covers of depth and height tell of it.</summary>
internal readonly record struct PoolReader(nint Line, int Slab, int Row)
{
    /// <summary>How many lines read line i of the input; they are written to the front of the readers.</summary>
    public static int Find(PoolPlan plan, long i, PoolReader[] readers)
    {
        (PoolTable depth, PoolTable height) = (plan.Depth, plan.Height);
        PoolCover slabs = depth.Cover, rows = height.Cover;
        int h = (int)(i % height.Input), d = (int)(i / height.Input % depth.Input), count = 0;
        long sample = i / height.Input / depth.Input;
        for (int a = slabs.Start[d]; a < slabs.Start[d + 1]; a++)
        {
            for (int b = rows.Start[h]; b < rows.Start[h + 1]; b++)
                readers[count++] = new((nint)((sample * depth.Output + slabs.Output[a]) * height.Output + rows.Output[b]), a, b);
        }
        return count;
    }
}

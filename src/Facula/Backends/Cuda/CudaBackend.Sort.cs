using System.Numerics;

namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    private readonly KernelCache<SortKey> _sorts = new(SortKernel.Build);

    public override void Sort(in Operand x, in Operand values, in Operand indices, int dim, bool descending)
    {
        if (values.Layout.Count == 0) return;
        int length = x.Layout.Shape[dim], wanted = values.Layout.Shape[dim];
        ReadOnlySpan<Operand> operands = [values, x, indices];
        ElementPlan plan = LineStarts.PlanOf(dim, operands);
        int tile = (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((uint)length), SortKernel.MinTile, SortKernel.MaxTile), tiles = (length + tile - 1) / tile;
        var key = new SortKey(x.DType, plan.Rank, descending, tile, tiles == 1);
        int kept = tiles == 1 ? 0 : Check.Count(plan.Count * length);
        using Scratch numbers = new(this, [kept], DType.Int64), places = new(this, [kept], DType.Int32);
        using (CudaLaunch launch = Start(_sorts, key, "sort"))
        {
            LineStarts.Add(in launch, plan, dim, operands);
            launch.Add((long)length);
            launch.Add((long)wanted);
            launch.Add((uint)tiles);
            if (tiles > 1)
            {
                launch.Add(numbers.Operand);
                launch.Add(places.Operand);
            }
            launch.Run(BlocksOf(plan.Count * tiles, 1));
        }
        if (tiles == 1) return;
        using Scratch otherNumbers = new(this, [kept], DType.Int64), otherPlaces = new(this, [kept], DType.Int32);
        (Operand from, Operand fromPlaces, Operand to, Operand toPlaces) = (numbers.Operand, places.Operand, otherNumbers.Operand, otherPlaces.Operand);
        for (long run = tile; run < length; run *= 2)
        {
            using CudaLaunch launch = Start(_sorts, key with { Tile = 0, IsWhole = 2 * run >= length, Merges = true }, "sort");
            LineStarts.Add(in launch, plan, dim, operands);
            launch.Add((long)length);
            launch.Add((long)wanted);
            launch.Add(plan.Count);
            launch.Add(run);
            foreach (Operand array in (ReadOnlySpan<Operand>)[from, fromPlaces, to, toPlaces]) launch.Add(array);
            launch.Run(BlocksOf(plan.Count * length, SortKernel.MergeThreads));
            (from, fromPlaces, to, toPlaces) = (to, toPlaces, from, fromPlaces);
        }
    }
}

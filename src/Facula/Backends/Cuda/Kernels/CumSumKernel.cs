using System.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>What tells one kernel of running sums from another: the types; whether a thread has a line of its own; dimensions that tell lines apart.</summary>
internal readonly record struct CumSumKey(DType X, DType Y, bool IsSerial, int Rank);

/// <summary>
/// Running sums along lines, in double or 64-bit integers: one thread after another's element, or a block at a line, that goes through it by as many elements as it
/// has threads. Arguments: those of <see cref="LineStarts"/>; the number of lines, and of elements.
/// </summary>
internal static class CumSumKernel
{
    public const int Threads = 256;

    private const int WarpSize = 32;

    public static CudaKernel Build(CumSumKey key, int capability)
    {
        var k = new Assembler($"cumsum_{key.X.PyTorchName}_{key.Y.PyTorchName}_{(key.IsSerial ? "lines" : "blocks")}_r{key.Rank}", Threads);
        var starts = new LineStarts(k, key.Rank, key.Y, key.X);
        Value lines = k.Parameter(PtxType.U64), count = k.Parameter(PtxType.S64);
        DType wide = key.Y.IsFloatingPoint ? DType.Float64 : DType.Int64;
        PtxType type = FormulaPrinter.TypeOf(wide);
        Value zero = wide == DType.Float64 ? (Value)0.0 : 0;
        if (key.IsSerial)
        {
            Value line = ElementKernel.ThreadIndex(k, PtxType.U64), sum = k.Variable(type, zero);
            k.If(line < lines, () =>
            {
                Value[] start = starts.Of(line);
                k.For(PtxType.S64, 0, count, 1, i =>
                {
                    k.Set(sum, sum + starts.Load(1, start[1], i, wide));
                    starts.Store(0, start[0], i, Elements.Store(k, sum, key.Y));
                });
            });
            return k.Build();
        }
        Value[] ours = starts.Of(k.Convert(PtxType.U64, k.Special("ctaid.x")));
        Value thread = k.Special("tid.x"), lane = thread & WarpSize - 1, warp = thread >> BitOperations.Log2(WarpSize), before = k.Variable(type, zero);
        Value shared = k.SharedMemory(Threads / WarpSize * type.Size());
        k.For(PtxType.S64, 0, count, Threads, first =>
        {
            Value i = first + k.Convert(PtxType.S64, thread), isThere = i < count, sum = k.Variable(type, zero);
            k.If(isThere, () => k.Set(sum, starts.Load(1, ours[1], i, wide)));
            for (int apart = 1; apart < WarpSize; apart *= 2)
            {
                Value other = k.Shuffle("up", sum, apart);
                k.Set(sum, k.Select(lane < apart, sum, sum + other));
            }
            k.If(k.Equal(lane, WarpSize - 1), () => k.StoreShared(type, k.MultiplyAdd(warp, type.Size(), shared), [sum]));
            k.Barrier();
            Value all = k.Variable(type, before), own = k.Variable(type, before);
            for (int w = 0; w < Threads / WarpSize; w++)
            {
                k.Set(all, all + k.LoadShared(type, shared, 1, w * type.Size())[0]);
                k.Set(own, k.Select(warp > w, all, own));
            }
            k.If(isThere, () => starts.Store(0, ours[0], i, Elements.Store(k, own + sum, key.Y)));
            k.Set(before, all);
            // What the next ones write is not yet read by all.
            k.Barrier();
        });
        return k.Build();
    }
}

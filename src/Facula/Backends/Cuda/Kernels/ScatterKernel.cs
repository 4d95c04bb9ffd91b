namespace Facula.Backends.Cuda;

/// <summary>
/// What tells one kernel that scatters from another: the type of elements, as bits where they are moved; whether they are added; whether the indices are sorted;
/// dimensions that tell lines apart; whether threads side by side take elements of one line.
/// </summary>
internal readonly record struct ScatterKey(DType Type, bool Adds, bool IsSorted, int Rank, bool IsAlong);

/// <summary>
/// Writes or adds the elements of lines at indices, in the order of the elements whatever runs when. Of those with one index a single thread does all: it finds
/// them one after another, or, where the indices are sorted, side by side. Arguments: those of <see cref="LineStarts"/> of y, x, the index, where it is sorted the
/// order, else the index again, and the positions of its elements, which are no memory; lines; elements of a line; the size of the dimension in y;
/// <see cref="IndexErrors"/>.
/// </summary>
internal static class ScatterKernel
{
    public const int Threads = 256;

    public static CudaKernel Build(ScatterKey key, int capability)
    {
        DType type = key.Type;
        var k = new Assembler($"scatter_{type.PyTorchName}{(key.Adds ? "_add" : "")}{(key.IsSorted ? "_sorted" : "")}_r{key.Rank}{(key.IsAlong ? "a" : "")}", Threads);
        const int Y = 0, X = 1, Index = 2, Order = 3, Position = 4;
        var starts = new LineStarts(k, key.Rank, type, type, DType.Int64, DType.Int64, DType.Int64);
        Value lines = k.Parameter(PtxType.U64), count = k.Parameter(PtxType.S64), size = k.Parameter(PtxType.S64);
        var errors = new IndexErrors(k);
        DType wide = type.IsFloatingPoint ? DType.Float64 : DType.Int64;
        Value thread = ElementKernel.ThreadIndex(k, PtxType.U64), length = count.As(PtxType.U64);
        Value outer = thread / (key.IsAlong ? length : lines), inner = thread - outer * (key.IsAlong ? length : lines);
        (Value line, Value i) = key.IsAlong ? (outer, inner.As(PtxType.S64)) : (inner, outer.As(PtxType.S64));
        k.If(thread < lines * length, () =>
        {
            Value[] start = starts.Of(line);
            Value own = IndexAt(i), other = k.Variable(PtxType.S64, 0);
            k.If(own.As(PtxType.U64) < size.As(PtxType.U64), Put, () => errors.Leave(own, size, PlaceOf()));

            Value IndexAt(Value at) => starts.Load(Index, start[Index], at);

            // Which element it is before the indices have been sorted.
            Value ElementAt(Value at) => key.IsSorted ? starts.Load(Order, start[Order], at) : at;

            // The address of what is no memory and begins at 0 is a number of bytes.
            Value PlaceOf() => starts.At(Position, start[Position], ElementAt(i)) >> 3;

            void Put()
            {
                // The first of those with its index adds them all up; the last is written.
                Value isIt = k.Variable(PtxType.U32, 1);
                if (key.IsSorted)
                {
                    Value neighbour = key.Adds ? i - 1 : i + 1;
                    k.If(key.Adds ? neighbour >= 0 : neighbour < count, () => k.Set(isIt, k.Select(PtxType.U32, k.Equal(IndexAt(neighbour), own), 0, 1)));
                }
                else
                {
                    Value at = k.Variable(PtxType.S64, key.Adds ? 0 : i + 1), end = key.Adds ? i : count;
                    k.While(() => at < end & k.NotEqual(isIt, 0), () =>
                    {
                        k.Set(isIt, k.Select(PtxType.U32, k.Equal(IndexAt(at), own), 0, 1));
                        k.Set(at, at + 1);
                    });
                }
                k.If(k.NotEqual(isIt, 0), () =>
                {
                    if (!key.Adds)
                    {
                        starts.Store(Y, start[Y], own, starts.Load(X, start[X], ElementAt(i)));
                        return;
                    }
                    Value sum = k.Variable(FormulaPrinter.TypeOf(wide), starts.Load(Y, start[Y], own, wide)), next = k.Variable(PtxType.S64, i);
                    if (key.IsSorted)
                    {
                        k.Set(other, own);
                        k.While(() => k.Equal(other, own), () =>
                        {
                            k.Set(sum, sum + starts.Load(X, start[X], ElementAt(next), wide));
                            k.Set(next, next + 1);
                            k.Set(other, -1);
                            k.If(next < count, () => k.Set(other, IndexAt(next)));
                        });
                    }
                    else
                    {
                        k.While(() => next < count, () =>
                        {
                            k.If(k.Equal(IndexAt(next), own), () => k.Set(sum, sum + starts.Load(X, start[X], next, wide)));
                            k.Set(next, next + 1);
                        });
                    }
                    starts.Store(Y, start[Y], own, Elements.Store(k, sum, type));
                });
            }
        });
        return k.Build();
    }
}

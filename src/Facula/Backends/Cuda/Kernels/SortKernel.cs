using System.Globalization;

namespace Facula.Backends.Cuda;

/// <summary>
/// What tells one kernel that sorts from another: the type; dimensions that tell lines apart; the direction; elements that a block sorts; whether these are all of
/// a line; or whether it merges what has been sorted, and is the last to.
/// </summary>
internal readonly record struct SortKey(DType X, int Rank, bool IsDescending, int Tile, bool IsWhole, bool Merges = false);

/// <summary>
/// Sorts lines by the elements and, where these are equal, by their places, so that no two are: parts of a line each by a block in shared memory (Batcher's bitonic
/// network, 1968), then runs two by two, where each element looks for its place in the other run. Elements are compared as 64-bit numbers of the same order, the
/// largest for NaN. Arguments: those of <see cref="LineStarts"/> of values, x and indices; elements of a line, and how many are wanted; then of blocks that sort,
/// how many a line has and, where they are several, where numbers and places go; of those that merge, lines, elements of a run, and the four arrays.
/// </summary>
internal static class SortKernel
{
    public const int MinTile = 64, MaxTile = 2048, MergeThreads = 256;

    private const int Values = 0, X = 1, Indices = 2;

    public static CudaKernel Build(SortKey key, int capability)
    {
        int threads = key.Merges ? MergeThreads : Math.Min(MergeThreads, key.Tile / 2);
        var k = new Assembler(string.Create(CultureInfo.InvariantCulture,
            $"sort_{key.X.PyTorchName}_r{key.Rank}{(key.IsDescending ? "d" : "")}_{(key.Merges ? "merge" : "tile")}{key.Tile}{(key.IsWhole ? "w" : "")}"), threads);
        var starts = new LineStarts(k, key.Rank, key.X, key.X, DType.Int64);
        Value count = k.Parameter(PtxType.S64), wanted = k.Parameter(PtxType.S64);
        if (key.Merges) Merge(k, key, starts, count, wanted);
        else Tile(k, key, starts, count, wanted);
        return k.Build();
    }

    private static void Tile(Assembler k, SortKey key, LineStarts starts, Value count, Value wanted)
    {
        int tile = key.Tile, threads = k.Threads;
        Value tiles = k.Parameter(PtxType.U32);
        (Value allNumbers, Value allPlaces) = key.IsWhole ? default : (k.Pointer(sizeof(long)), k.Pointer(sizeof(int)));
        Value block = k.Special("ctaid.x"), line = block / tiles, first = k.MultiplyWide(block - line * tiles, tile).As(PtxType.S64), thread = k.Special("tid.x");
        line = k.Convert(PtxType.U64, line);
        Value[] start = starts.Of(line);
        Value numbers = k.SharedMemory(tile * sizeof(long)), places = k.SharedMemory(tile * sizeof(int));
        for (int from = 0; from < tile; from += threads)
        {
            Value i = thread + from, place = first + k.Convert(PtxType.S64, i), number = k.Variable(PtxType.U64, -1);
            k.If(place < count, () => k.Set(number, Number(k, key, starts.Load(X, start[X], place))));
            Store(i, number, k.Convert(PtxType.U32, place));
        }
        Value size = k.Variable(PtxType.U32, 2);
        k.While(() => size <= tile, () =>
        {
            Value step = k.Variable(PtxType.U32, size >> 1);
            k.While(() => k.NotEqual(step, 0), () =>
            {
                k.Barrier();
                for (int from = 0; from < tile / 2; from += threads)
                {
                    Value pair = thread + from, low = pair * 2 - (pair & step - 1), high = low + step;
                    (Value lowNumber, Value lowPlace) = Load(low);
                    (Value highNumber, Value highPlace) = Load(high);
                    Value isAfter = Precedes(k, highNumber, highPlace, lowNumber, lowPlace), goesDown = k.NotEqual(low & size, 0);
                    // No two are equal, so that one that is not after comes before.
                    k.If(k.Xor(isAfter, goesDown), () =>
                    {
                        Store(low, highNumber, highPlace);
                        Store(high, lowNumber, lowPlace);
                    });
                }
                k.Set(step, step >> 1);
            });
            k.Set(size, size << 1);
        });
        k.Barrier();
        for (int from = 0; from < tile; from += threads)
        {
            Value i = thread + from, rank = first + k.Convert(PtxType.S64, i);
            (Value number, Value place) = Load(i);
            if (key.IsWhole)
            {
                Finish(k, starts, start, rank, place, wanted);
                continue;
            }
            k.If(rank < count, () =>
            {
                Value at = line.As(PtxType.S64) * count + rank;
                k.StoreGlobal(PtxType.U64, k.MultiplyAdd(at, sizeof(long), allNumbers.As(PtxType.S64)), [number]);
                k.StoreGlobal(PtxType.U32, k.MultiplyAdd(at, sizeof(int), allPlaces.As(PtxType.S64)), [place]);
            });
        }

        void Store(Value i, Value number, Value place)
        {
            k.StoreShared(PtxType.U64, k.MultiplyAdd(i, sizeof(long), numbers), [number]);
            k.StoreShared(PtxType.U32, k.MultiplyAdd(i, sizeof(int), places), [place]);
        }

        (Value Number, Value Place) Load(Value i) => (k.LoadShared(PtxType.U64, k.MultiplyAdd(i, sizeof(long), numbers))[0],
            k.LoadShared(PtxType.U32, k.MultiplyAdd(i, sizeof(int), places))[0]);
    }

    private static void Merge(Assembler k, SortKey key, LineStarts starts, Value count, Value wanted)
    {
        Value lines = k.Parameter(PtxType.S64), run = k.Parameter(PtxType.S64);
        Value numbers = k.Pointer(sizeof(long)), places = k.Pointer(sizeof(int)), newNumbers = k.Pointer(sizeof(long)), newPlaces = k.Pointer(sizeof(int));
        Value thread = ElementKernel.ThreadIndex(k, PtxType.U64).As(PtxType.S64);
        k.If(thread < lines * count, () =>
        {
            Value line = thread / count, lineStart = line * count, i = thread - lineStart;
            Value pair = i / (run * 2) * (run * 2), isLeft = i - pair < run;
            Value own = k.Select(isLeft, pair, pair + run), other = k.Select(isLeft, pair + run, pair);
            (Value number, Value place) = Load(i);
            // How many of the other run come first.
            Value low = k.Variable(PtxType.S64, k.Min(other, count)), end = k.Variable(PtxType.S64, k.Min(other + run, count));
            k.While(() => low < end, () =>
            {
                Value middle = low + end >> 1;
                (Value otherNumber, Value otherPlace) = Load(middle);
                Value isBefore = Precedes(k, otherNumber, otherPlace, number, place);
                k.Set(low, k.Select(isBefore, middle + 1, low));
                k.Set(end, k.Select(isBefore, end, middle));
            });
            Value rank = pair + (i - own) + (low - k.Min(other, count));
            if (key.IsWhole)
            {
                Finish(k, starts, starts.Of(line.As(PtxType.U64)), rank, place, wanted);
                return;
            }
            Value to = lineStart + rank;
            k.StoreGlobal(PtxType.U64, k.MultiplyAdd(to, sizeof(long), newNumbers.As(PtxType.S64)), [number]);
            k.StoreGlobal(PtxType.U32, k.MultiplyAdd(to, sizeof(int), newPlaces.As(PtxType.S64)), [place]);

            (Value Number, Value Place) Load(Value at)
            {
                at = lineStart + at;
                return (k.LoadGlobal(PtxType.U64, k.MultiplyAdd(at, sizeof(long), numbers.As(PtxType.S64)))[0],
                    k.LoadGlobal(PtxType.U32, k.MultiplyAdd(at, sizeof(int), places.As(PtxType.S64)))[0]);
            }
        });
    }

    /// <summary>Writes what comes at a rank, if that is wanted.</summary>
    private static void Finish(Assembler k, LineStarts starts, Value[] start, Value rank, Value place, Value wanted) => k.If(rank < wanted, () =>
    {
        Value from = k.Convert(PtxType.S64, place);
        starts.Store(Values, start[Values], rank, starts.Load(X, start[X], from));
        starts.Store(Indices, start[Indices], rank, from);
    });

    private static Value Precedes(Assembler k, Value number, Value place, Value otherNumber, Value otherPlace) =>
        number < otherNumber | k.Equal(number, otherNumber) & place < otherPlace;

    /// <summary>An unsigned number of the same order.</summary>
    private static Value Number(Assembler k, in SortKey key, Value stored)
    {
        Value number;
        if (key.X.IsFloatingPoint)
        {
            // Of two zeros neither is less.
            Value real = Elements.Load(k, key.X, stored, DType.Float64) + 0.0, bits = k.BitsOf(real);
            number = k.Select(bits.As(PtxType.S64) < 0, !bits, bits | long.MinValue);
            number = k.Select(k.IsNaN(real), -1, number);
        }
        else number = (Elements.Load(k, key.X, stored, DType.Int64) ^ long.MinValue).As(PtxType.U64);
        return key.IsDescending ? !number : number;
    }
}

using System.Globalization;
using System.Numerics;
using Facula.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>What a kernel does of a reduction.</summary>
internal enum ReducePhase : byte
{
    /// <summary>From elements to results.</summary>
    Whole,
    /// <summary>From elements to what several blocks have of a result.</summary>
    Partial,
    /// <summary>From that to results.</summary>
    Last,
}

/// <summary>
/// What tells one kernel of a reduction from another: the formula and its type; the types of elements and results; the phase; dimensions that are kept and that
/// go; threads of a block that share a result, and whether they are neighbours; elements read at once, and whether some are left then; whether places take
/// 64 bits.
/// </summary>
internal readonly record struct ReduceKey(FormulaKey Formula, DType Compute, DType X, DType Y, ReducePhase Phase, int KeptRank, int ReducedRank, int Lanes,
    bool IsAlong, int Vector, bool HasTail, bool IsWide);

/// <summary>
/// A block makes as many results as its threads go into lanes: each lane takes every so-many-th element, in order, and what the lanes have is combined as a
/// tree in shared memory. So it hangs on nothing but the sizes which numbers are combined when.
/// </summary>
internal static class ReduceKernel
{
    public const int Threads = 256;

    // Elements on their way from memory at a time.
    private const int Unrolled = 4;

    public static CudaKernel Build(ReduceKey key, int capability)
    {
        var k = new Assembler(NameOf(key), Threads);
        PtxType index = key.IsWide ? PtxType.U64 : PtxType.U32, type = FormulaPrinter.TypeOf(key.Compute);
        RecordedFormula formula = RecordedFormula.Of(key.Formula, key.Compute);
        int size = key.X.Size, vector = key.Vector, lanes = key.Lanes, rows = Threads / lanes;
        Value x = k.Pointer(size * vector), y = k.Pointer(key.Y.Size);
        Value results = k.Parameter(index), units = k.Parameter(index), chunk = k.Parameter(index), elements = key.HasTail ? k.Parameter(index) : units;
        CoordinateWalk kept = new(k, index, key.KeptRank), reduced = new(k, index, key.ReducedRank);
        Value[] keptX = kept.Strides(), keptY = kept.Strides(), reducedX = reduced.Strides();
        Value[] parameters = [.. Enumerable.Range(0, formula.Parameters).Select(_ => k.Parameter(type))];

        Value thread = k.Special("tid.x");
        Value lane = key.IsAlong ? thread & lanes - 1 : thread >> BitOperations.Log2((uint)rows);
        Value row = key.IsAlong ? thread >> BitOperations.Log2((uint)lanes) : thread & rows - 1;
        Value result = key.IsWide ? k.MultiplyAddWide(k.Special("ctaid.x"), rows, k.Convert(index, row)) : k.MultiplyAdd(k.Special("ctaid.x"), rows, row);
        Value split = k.Convert(index, k.Special("ctaid.y")), first = k.Convert(index, lane);
        Value sum = k.Variable(type, Identity(formula, key.Compute));
        Value isThere = result < results;
        Value[] coordinates = kept.Coordinates(result);
        k.If(isThere, () =>
        {
            Value from = kept.Address(x, kept.Offset(coordinates, keptX), size * vector);
            Value start = split * chunk, end = k.Min(start + chunk, units), i = k.Variable(index, start + first);
            Loop(Unrolled);
            Loop(1);
            if (!key.HasTail) return;
            // Behind the last whole unit: for the block that has that.
            k.If(k.Equal(end, units), () => k.For(index, units * vector + first, elements, lanes, at =>
                Take(k.LoadGlobal(Elements.Stored(key.X), reduced.Address(from, at.As(reduced.Signed), size)))));

            void Loop(int many) => k.While(() => i + (many - 1) * lanes < end, () =>
            {
                Value[][] loaded = [.. Enumerable.Range(0, many)
                    .Select(n => Elements.LoadMany(k, Elements.Stored(key.X), AddressOf(n == 0 ? i : i + n * lanes), vector))];
                foreach (Value[] elements in loaded) Take(elements);
                k.Set(i, i + many * lanes);
            });

            Value AddressOf(Value unit) => reduced.Address(from, reduced.Offset(reduced.Coordinates(unit), reducedX), size * vector);
        });
        Combine();
        k.If(isThere & k.Equal(lane, 0), () =>
        {
            if (key.Phase == ReducePhase.Partial)
            {
                k.StoreGlobal(type, kept.Address(y, (split * results + result).As(kept.Signed), key.Y.Size), [sum]);
                return;
            }
            Value finished = FormulaPrinter.Print(k, formula.Bodies[2], [sum], parameters)[0];
            k.StoreGlobal(Elements.Stored(key.Y), kept.Address(y, kept.Offset(coordinates, keptY), key.Y.Size), [Elements.Store(k, finished, key.Y)]);
        });
        return k.Build();

        void Take(Value[] elements)
        {
            foreach (Value element in elements)
            {
                Value contribution = Elements.Load(k, key.X, element, key.Compute);
                if (key.Phase != ReducePhase.Last) contribution = FormulaPrinter.Print(k, formula.Bodies[0], [contribution], parameters)[0];
                k.Set(sum, FormulaPrinter.Print(k, formula.Bodies[1], [sum, contribution], parameters)[0]);
            }
        }

        void Combine()
        {
            if (lanes == 1) return;
            Value shared = k.SharedMemory(Threads * type.Size());
            int stride = (key.IsAlong ? 1 : rows) * type.Size();
            Value own = k.MultiplyAdd(thread, type.Size(), shared);
            k.StoreShared(type, own, [sum]);
            for (int others = lanes / 2; others > 0; others /= 2)
            {
                int apart = others;
                k.Barrier();
                k.If(lane < apart, () =>
                {
                    k.Set(sum, FormulaPrinter.Print(k, formula.Bodies[1], [sum, k.LoadShared(type, own, 1, apart * stride)[0]], parameters)[0]);
                    k.StoreShared(type, own, [sum]);
                });
            }
        }
    }

    private static Value Identity(RecordedFormula formula, DType compute) =>
        compute == DType.Int64 ? (Value)Num<long>.Const(formula.Identity).Value : formula.Identity;

    private static string NameOf(in ReduceKey key)
    {
        string name = $"reduce_{Assembler.Identifier(key.Formula.Type.Name)}_{key.X.PyTorchName}_{key.Y.PyTorchName}_{key.Compute.PyTorchName}_{key.Phase}";
        string way = key.IsAlong ? "row" : "column";
        string shape = string.Create(CultureInfo.InvariantCulture, $"k{key.KeptRank}r{key.ReducedRank}_{way}{key.Lanes}x{key.Vector}");
        return $"{name}_{shape}{(key.HasTail ? "t" : "")}{(key.IsWide ? "w" : "")}";
    }
}

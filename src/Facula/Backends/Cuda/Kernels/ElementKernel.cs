using System.Globalization;
using System.Text;

namespace Facula.Backends.Cuda;

/// <summary>
/// What tells one kernel of elements from another: the formula, where a key without type means that elements are moved as they are; the type it is computed in;
/// how many dimensions are left; elements of a thread, and whether the last thread has less; whether places take 64 bits; the result and the operands.
/// </summary>
internal readonly record struct ElementKey(
    FormulaKey Formula, DType Compute, int Rank, int Lanes, bool HasTail, bool IsWide, ElementOperand Y, ElementOperand A, ElementOperand B, ElementOperand C)
{
    public ElementOperand this[int operand] => operand switch
    {
        0 => Y,
        1 => A,
        2 => B,
        _ => C,
    };

    public int Operands => C.IsThere ? 4 : B.IsThere ? 3 : A.IsThere ? 2 : 1;
}

/// <summary>
/// y = f(a, b, c) for elements that lie anyhow: a thread computes those that it reads by one access. Arguments: the operands in memory; the number of threads,
/// and of elements where the last thread has less; what <see cref="ElementWalk"/> takes; the plain numbers; the formula's parameters.
/// </summary>
internal static class ElementKernel
{
    public const int Threads = 256;

    public static CudaKernel Build(ElementKey key, int capability)
    {
        var k = new Assembler(NameOf(key), Threads);
        PtxType index = key.IsWide ? PtxType.U64 : PtxType.U32;
        int operands = key.Operands, lanes = key.Lanes;
        var pointers = new Value[operands];
        for (int i = 0; i < operands; i++)
        {
            ElementOperand operand = key[i];
            if (operand.IsMemory) pointers[i] = k.Pointer(operand.Type.Size * (operand.Access == Access.Lane ? lanes : 1));
        }
        Value work = k.Parameter(index), count = key.HasTail ? k.Parameter(index) : work;
        var walk = new ElementWalk(k, index, key);
        var inputs = new Value[operands][];
        RecordedFormula? formula = key.Formula.Type is null ? null : RecordedFormula.Of(key.Formula, key.Compute);
        for (int i = 1; i < operands; i++)
        {
            if (key[i].Access == Access.Immediate) inputs[i] = [k.Parameter(FormulaPrinter.TypeOf(key.Compute))];
        }
        Value[] parameters = [.. Enumerable.Range(0, formula?.Parameters ?? 0).Select(_ => k.Parameter(FormulaPrinter.TypeOf(key.Compute)))];

        Value thread = ThreadIndex(k, index);
        k.If(thread < work, () =>
        {
            Value[] places = walk.Places(thread);
            Value? whole = key.HasTail ? (thread + 1) * lanes <= count : null;
            Value left = key.HasTail ? count - thread * lanes : default;
            for (int i = 1; i < operands; i++) inputs[i] ??= Load(k, key, i, places[i], pointers[i], walk, whole, left);
            var results = new Value[lanes];
            PtxType stored = Elements.Stored(key.Y.Type);
            for (int lane = 0; lane < lanes; lane++)
            {
                Value[] arguments = [.. inputs.Skip(1).Select(values => values[values.Length == 1 ? 0 : lane])];
                results[lane] = formula is null ? arguments[0]
                    : Elements.Store(k, FormulaPrinter.Print(k, formula.Bodies[0], arguments, parameters)[0], key.Y.Type);
            }
            Value target = walk.Address(0, places[0], pointers[0]);
            if (whole is { } all)
            {
                k.If(all, () => Elements.StoreMany(k, stored, target, results), () => EachLane(k, lanes, left,
                    lane => k.StoreGlobal(stored, target, [results[lane]], lane * stored.Size())));
            }
            else Elements.StoreMany(k, stored, target, results);
        });
        return k.Build();
    }

    /// <summary>Which of all threads it is.</summary>
    public static Value ThreadIndex(Assembler k, PtxType index) => index == PtxType.U64
        ? k.MultiplyAddWide(k.Special("ctaid.x"), k.Threads, k.Convert(PtxType.U64, k.Special("tid.x")))
        : k.MultiplyAdd(k.Special("ctaid.x"), k.Threads, k.Special("tid.x"));

    private static Value[] Load(Assembler k, in ElementKey key, int operand, Value place, Value pointer, ElementWalk walk, Value? whole, Value left)
    {
        (Access access, DType type) = (key[operand].Access, key[operand].Type);
        DType compute = key.Compute;
        bool moves = key.Formula.Type is null;
        int lanes = key.Lanes;
        if (access == Access.Place) return [.. Enumerable.Range(0, lanes).Select(lane => Computed(walk.PlaceValue(operand, place, lane)))];
        Value address = walk.Address(operand, place, pointer);
        PtxType stored = Elements.Stored(type);
        if (access != Access.Lane) return [Computed(k.LoadGlobal(stored, address)[0])];
        if (whole is not { } all) return [.. Elements.LoadMany(k, stored, address, lanes).Select(Computed)];
        var loaded = new Value[lanes];
        for (int lane = 0; lane < lanes; lane++) loaded[lane] = k.Variable(stored, 0);
        k.If(all,
            () =>
            {
                Value[] values = Elements.LoadMany(k, stored, address, lanes);
                for (int lane = 0; lane < lanes; lane++) k.Set(loaded[lane], values[lane]);
            },
            () => EachLane(k, lanes, left, lane => k.Set(loaded[lane], k.LoadGlobal(stored, address, 1, lane * stored.Size())[0])));
        return [.. loaded.Select(Computed)];

        Value Computed(Value value) => moves ? value : value.Type == PtxType.S64 && access == Access.Place
            ? k.Convert(FormulaPrinter.TypeOf(compute), value) : Elements.Load(k, type, value, compute);
    }

    // The last thread has one element less than the others at least, and one at least.
    private static void EachLane(Assembler k, int lanes, Value left, Action<int> body)
    {
        body(0);
        for (int i = 1; i < lanes - 1; i++)
        {
            int lane = i;
            k.If(left > lane, () => body(lane));
        }
    }

    private static string NameOf(in ElementKey key)
    {
        var name = new StringBuilder("elements_");
        name.Append(Assembler.Identifier(key.Formula.Type?.Name ?? "move"));
        for (int i = 0; i < key.Operands; i++) name.Append('_').Append(key[i].Type.PyTorchName).Append(key[i].Access);
        name.Append(CultureInfo.InvariantCulture, $"_{key.Compute.PyTorchName}_r{key.Rank}x{key.Lanes}");
        return name.Append(key.HasTail ? "t" : "").Append(key.IsWide ? "w" : "").ToString();
    }
}

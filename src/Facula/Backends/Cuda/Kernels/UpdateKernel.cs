namespace Facula.Backends.Cuda;

/// <summary>
/// What tells one kernel of an update from another: the formula; the types of parameters, gradients and states, of which there are so many; elements moved at
/// once.
/// </summary>
internal readonly record struct UpdateKey(FormulaKey Formula, DType Parameter, DType Gradient, DType State, int States, int Lanes)
{
    public int Operands => 2 + States;

    /// <summary>Numbers of the table for each tensor: where the operands are, its elements, and the first of its blocks.</summary>
    public int Entry => Operands + 2;

    /// <summary>Tensors that one launch takes.</summary>
    public int Capacity => UpdateKernel.TableBytes / (Entry * sizeof(long));

    public DType this[int operand] => operand switch
    {
        0 => Parameter,
        1 => Gradient,
        _ => State,
    };
}

/// <summary>
/// An optimizer's step for many tensors at once, each cut into chunks of one size, a block for each. Arguments: a table with an entry for each tensor, how many
/// there are, the formula's parameters.
/// </summary>
internal static class UpdateKernel
{
    public const int Threads = 256, TableBytes = 3584;

    private const int UnitsPerThread = 4;

    /// <summary>Blocks for a tensor.</summary>
    public static long Blocks(long count, int lanes) => Math.Max(1, (count / lanes + Threads * UnitsPerThread - 1) / (Threads * UnitsPerThread));

    public static CudaKernel Build(UpdateKey key, int capability)
    {
        string name = $"update_{Assembler.Identifier(key.Formula.Type.Name)}_{key.Parameter.PyTorchName}_{key.Gradient.PyTorchName}_{key.State.PyTorchName}";
        var k = new Assembler($"{name}_{key.States}x{key.Lanes}_{key.Formula.Bodies:x}", Threads);
        DType compute = key.Parameter.Compute;
        PtxType type = FormulaPrinter.TypeOf(compute);
        RecordedFormula formula = RecordedFormula.Of(key.Formula, compute);
        int lanes = key.Lanes, entryBytes = key.Entry * sizeof(long);
        Value table = k.ParameterTable(PtxType.U64, key.Entry * key.Capacity), count = k.Parameter(PtxType.U32);
        Value[] parameters = [.. Enumerable.Range(0, formula.Parameters).Select(_ => k.Parameter(type))];

        // The last tensor whose first block is not behind this one.
        Value block = k.Convert(PtxType.U64, k.Special("ctaid.x")), first = k.Variable(PtxType.U32, 0), behind = k.Variable(PtxType.U32, count);
        k.While(() => first + 1 < behind, () =>
        {
            Value middle = first + behind >> 1;
            Value isFarther = k.LoadParameter(PtxType.U64, EntryOf(middle), entryBytes - sizeof(long)) <= block;
            k.Set(first, k.Select(isFarther, middle, first));
            k.Set(behind, k.Select(isFarther, behind, middle));
        });
        Value entry = EntryOf(first);
        var pointers = new Value[key.Operands];
        for (int i = 0; i < pointers.Length; i++)
        {
            // As is known of all of them.
            Value address = k.LoadParameter(PtxType.U64, entry, i * sizeof(long)) & -(lanes * key[i].Size);
            pointers[i] = k.Result(PtxType.U64, "cvta.to.global.u64", PtxOperand.Of(PtxType.U64, address));
        }
        Value elements = k.LoadParameter(PtxType.U64, entry, key.Operands * sizeof(long));
        Value chunk = block - k.LoadParameter(PtxType.U64, entry, entryBytes - sizeof(long)), thread = k.Convert(PtxType.U64, k.Special("tid.x"));
        Value units = lanes == 1 ? elements : elements / lanes, start = k.MultiplyAdd(chunk, Threads * UnitsPerThread, thread);
        Value end = k.Min(units, k.MultiplyAdd(chunk, Threads * UnitsPerThread, k.Variable(PtxType.U64, Threads * UnitsPerThread)));
        k.For(PtxType.U64, start, end, Threads, unit => Change(unit, lanes));
        if (lanes > 1)
        {
            // What is left behind the last whole unit.
            Value last = units * lanes + thread;
            k.If(k.Equal(chunk, 0) & last < elements, () => Change(last, 1));
        }
        return k.Build();

        Value EntryOf(Value number) => k.MultiplyAddWide(number, entryBytes, table);

        void Change(Value unit, int many)
        {
            var addresses = new Value[key.Operands];
            var loaded = new Value[key.Operands][];
            for (int i = 0; i < addresses.Length; i++)
            {
                addresses[i] = k.MultiplyAdd(unit, many * key[i].Size, pointers[i]);
                DType stored = key[i];
                loaded[i] = [.. Elements.LoadMany(k, Elements.Stored(stored), addresses[i], many).Select(value => Elements.Load(k, stored, value, compute))];
            }
            var results = new Value[4][];
            for (int i = 0; i < results.Length; i++) results[i] = new Value[many];
            for (int lane = 0; lane < many; lane++)
            {
                Value[] inputs = [.. Enumerable.Range(0, 5).Select(i => i < loaded.Length ? loaded[i][lane] : (Value)0.0)];
                Value[] after = FormulaPrinter.Print(k, formula.Bodies[0], inputs, parameters);
                for (int i = 0; i < results.Length; i++) results[i][lane] = after[i];
            }
            for (int i = 0; i < addresses.Length; i++)
            {
                if (i == 1) continue;
                DType stored = key[i];
                Value[] after = results[i == 0 ? 0 : i - 1];
                Elements.StoreMany(k, Elements.Stored(stored), addresses[i], [.. after.Select(value => Elements.Store(k, value, stored))]);
            }
        }
    }
}

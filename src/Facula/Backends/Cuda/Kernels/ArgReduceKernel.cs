namespace Facula.Backends.Cuda;

/// <summary>What tells one kernel of extremes from another.</summary>
internal readonly record struct ArgReduceKey(DType X, bool IsLargest, LineShape Lines);

/// <summary>The largest or smallest element of each line and where it is first; NaN counts as the most extreme.</summary>
internal static class ArgReduceKernel
{
    public static CudaKernel Build(ArgReduceKey key, int capability)
    {
        var k = new Assembler($"arg_{(key.IsLargest ? "max" : "min")}_{key.X.PyTorchName}_{key.Lines}", LineWalk.Threads);
        DType compute = key.X.IsFloatingPoint ? key.X.Compute : DType.Int64;
        PtxType type = FormulaPrinter.TypeOf(compute);
        bool isReal = type.IsFloat();
        var lines = new LineWalk(k, key.Lines, compute, key.X, key.X, DType.Int64);
        Value worst = isReal ? (Value)(key.IsLargest ? double.NegativeInfinity : double.PositiveInfinity) : key.IsLargest ? long.MinValue : long.MaxValue;
        Value best = k.Variable(type, worst), place = k.Variable(PtxType.U32, -1);
        lines.Pass([0], (x, _) =>
        {
            k.Set(best, Extreme(best, x[0]));
            return null;
        });
        Value extreme = lines.Combine(best, Extreme);
        Value isNaN = isReal ? k.IsNaN(extreme) : default;
        lines.Pass([0], (x, i) =>
        {
            Value isIt = k.Equal(x[0], extreme);
            if (isReal) isIt |= isNaN & k.IsNaN(x[0]);
            k.Set(place, k.Min(place, k.Select(isIt, i(), -1)));
            return null;
        });
        Value first = lines.Combine(place, k.Min);
        lines.Once(() =>
        {
            lines.Write(1, extreme);
            lines.Write(2, k.Convert(PtxType.S64, first));
        });
        return k.Build();

        Value Extreme(Value a, Value b)
        {
            Value number = key.IsLargest ? k.Max(a, b) : k.Min(a, b);
            return isReal ? k.Select(k.Compare("nan", a, b), a + b, number) : number;
        }
    }
}

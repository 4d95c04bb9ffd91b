using Facula.Numerics;

namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    private readonly KernelCache<ElementKey> _elements = new(ElementKernel.Build);

    // What is moved without being computed goes by more bytes than what is.
    private const int MaxLanes = 8, MaxMovedLanes = 16;

    public override void Map<TMap>(TMap map, DType compute, in Operand y, in Operand a) =>
        Run(FormulaKey.OfMap1(map), compute, [y, a], OperationName<TMap>.Text);

    public override void Map2<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b) =>
        Run(FormulaKey.OfMap2(map), compute, [y, a, b], OperationName<TMap>.Text);

    public override void Map3<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c) =>
        Run(FormulaKey.OfMap3(map), compute, [y, a, b, c], OperationName<TMap>.Text);

    public override void Fill(in Operand y, Scalar value) => Convert(Operand.Of(value), y, "fill");

    public override void Iota(in Operand y, int dim)
    {
        var strides = new long[y.Layout.Rank];
        strides[dim] = 1;
        // Places in a memory that is not there.
        var places = new Operand(null!, new Layout(y.Layout.Shape, strides, 0), DType.Int64);
        Run(FormulaKey.OfMap1(new SameMap()), DType.Int64, [y, places], "iota");
    }

    public override void Copy(in Operand x, in Operand y)
    {
        if (y.Layout.Count == 0) return;
        if (x.Immediate is not null || x.DType != y.DType) Convert(x, y, "copy");
        else if (x.Layout.IsAligned(y.Layout)) CopyBytes(x, y);
        else
        {
            // By size: what the bits mean is all one.
            DType bits = BitsOf(y.DType);
            Run(default, bits, [y, x], "copy", bits);
        }
    }

    // Truth is decided before rounding: 0.5 is true.
    private void Convert(in Operand x, in Operand y, string operation) =>
        Run(FormulaKey.OfMap1(new SameMap()), (y.DType == DType.Bool ? x : y).DType.Compute, [y, x], operation);

    /// <summary>What an operation is called in errors and profiles: the type of its formula, inside what makes a kernel of that. Found out once.</summary>
    private static class OperationName<TOperation>
    {
        public static readonly string Text = Of(typeof(TOperation));

        private static string Of(Type type) => type.IsGenericType ? $"{Of(type.GetGenericArguments()[0])}.{type.Name[..^2]}" : type.Name;
    }

    private void Run(FormulaKey formula, DType compute, ReadOnlySpan<Operand> operands, string operation, DType? moved = null)
    {
        Operand y = operands[0];
        if (y.Layout.Count == 0) return;
        // Making a kernel records the formula again, with other numbers.
        ReadOnlySpan<double> values = moved is null ? FormulaParameters.Values : [];
        Span<double> parameters = stackalloc double[values.Length];
        values.CopyTo(parameters);

        Span<int> sizes = stackalloc int[operands.Length];
        var layouts = new Layout?[operands.Length];
        int widest = 1;
        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i].Immediate is not null) continue;
            layouts[i] = operands[i].Layout;
            sizes[i] = operands[i].Buffer is null ? 0 : operands[i].DType.Size;
            if (operands[i].Layout.Count > 1) widest = Math.Max(widest, sizes[i]);
        }
        var plan = new ElementPlan(y.Layout.Shape, layouts, sizes, Math.Min(moved is null ? MaxLanes : MaxMovedLanes, 16 / widest));
        var key = new ElementKey(formula, compute.IsFloatingPoint ? compute.Compute : moved ?? DType.Int64, plan.Rank, plan.Lanes, plan.HasTail, plan.IsWide,
            Of(operands, 0), Of(operands, 1), Of(operands, 2), Of(operands, 3));

        using CudaLaunch launch = Start(_elements, key, operation);
        for (int i = 0; i < operands.Length; i++)
        {
            if (key[i].IsMemory) launch.Add(operands[i]);
        }
        AddCount(launch, plan.Work, plan.IsWide);
        if (plan.HasTail) AddCount(launch, plan.Count, plan.IsWide);
        ElementWalk.Add(in launch, key, plan);
        foreach (ref readonly Operand operand in operands)
        {
            if (operand.Immediate is { } number) AddNumber(launch, number, key.Compute);
        }
        foreach (double parameter in parameters) AddNumber(launch, parameter, key.Compute);
        launch.Run(BlocksOf(plan.Work, ElementKernel.Threads));

        ElementOperand Of(ReadOnlySpan<Operand> operands, int i)
        {
            if (i >= operands.Length) return default;
            DType type = moved ?? operands[i].DType;
            if (layouts[i] is null) return new(Access.Immediate, DType.Float64);
            return operands[i].Buffer is null ? new(Access.Place, DType.Int64) : new(plan.AccessOf(i), type);
        }
    }

    /// <summary>Blocks for so many threads.</summary>
    /// <exception cref="NotSupportedException">There are more than a launch may have.</exception>
    private static int BlocksOf(long work, int threads)
    {
        long blocks = (work + threads - 1) / threads;
        return blocks <= int.MaxValue ? (int)blocks : throw new NotSupportedException($"A launch of {work} threads is more than a device takes at once.");
    }

    private static void AddCount(in CudaLaunch launch, long count, bool isWide)
    {
        if (isWide) launch.Add((ulong)count);
        else launch.Add((uint)count);
    }

    /// <summary>A plain number, as one of the type that is computed in.</summary>
    private static void AddNumber(in CudaLaunch launch, Scalar number, DType compute)
    {
        if (compute == DType.Float32) launch.Add((float)number.ToDouble());
        else if (compute == DType.Float64) launch.Add(number.ToDouble());
        else launch.Add(number.ToInt64());
    }

    private readonly struct SameMap : IMap1
    {
        public T Invoke<T>(T a) where T : INum<T> => a;
    }
}

using System.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>
/// How the kernels of lines go through them: dimensions that tell lines apart; threads that share a line, and whether they are neighbours; elements read at once;
/// such units that a thread keeps in registers, 0 where there are too many, and whether that is just as many as there are; whether places take 64 bits; a bit
/// for each operand that has one element for a whole line.
/// </summary>
internal readonly record struct LineShape(int Rank, int Lanes, bool IsAlong, int Vector, int Held, bool IsExact, bool IsWide, int Single)
{
    public int LinesPerBlock => LineWalk.Threads / Lanes;

    public bool IsSingle(int operand) => (Single >> operand & 1) != 0;

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"r{Rank}{(IsAlong ? "row" : "column")}{Lanes}x{Vector}h{Held}{(IsExact ? "e" : "")}{(IsWide ? "w" : "")}s{Single:x}");
}

/// <summary>
/// Lines along one dimension of several operands of one shape, the result first. An operand whose stride along the dimension is 0 has one element for each line.
/// </summary>
internal sealed class LinePlan
{
    // Bytes of elements that a thread keeps in registers, and the most units that its code is written out for.
    private const int HeldBytes = 256, MaxHeld = 16;

    // Beside each other in memory, but as many as make a transaction.
    private const int WarpSize = 32, MaxColumnLanes = 8, UnitsPerLane = 4, UnitsPerWarpLane = 8;

    private readonly ElementPlan _plan;
    private readonly long[] _strides;

    /// <param name="dim">The dimension that lines lie along.</param>
    /// <param name="operands">Of one shape.</param>
    /// <param name="held">Operands that a kernel goes through more than once.</param>
    /// <param name="compute">What it computes in.</param>
    public LinePlan(int dim, ReadOnlySpan<Operand> operands, int held, DType compute)
    {
        int[] shape = operands[0].Layout.Shape;
        var layouts = new Layout?[operands.Length];
        var sizes = new int[operands.Length];
        _strides = new long[operands.Length];
        Length = shape[dim];
        int single = 0, widest = 1;
        bool isWide = false;
        for (int i = 0; i < operands.Length; i++)
        {
            Layout layout = operands[i].Layout;
            _strides[i] = Length == 1 ? 0 : layout.Strides[dim];
            if (Length > 1 && _strides[i] == 0) single |= 1 << i;
            else widest = Math.Max(widest, operands[i].DType.Size);
            layouts[i] = new(Without(layout.Shape, dim), Without(layout.Strides, dim), layout.Offset);
            isWide |= Length * Math.Abs(_strides[i]) > int.MaxValue;
        }
        _plan = new(Without(shape, dim), layouts, sizes, 1);
        isWide |= _plan.IsWide;
        int vector = 1;
        bool isAlong = Lines == 1 || Math.Abs(_strides[0]) <= Math.Abs(_plan.Stride(0, _plan.Rank - 1));
        if (isAlong)
        {
            vector = 16 / widest;
            while (vector > 1 && !Allows(vector, operands, single)) vector /= 2;
        }
        int units = Length / vector;
        ulong lanes = isAlong && units > WarpSize * UnitsPerWarpLane ? BitOperations.RoundUpToPowerOf2((ulong)(units + UnitsPerWarpLane - 1) / UnitsPerWarpLane)
            : BitOperations.RoundUpToPowerOf2((ulong)(units + UnitsPerLane - 1) / UnitsPerLane);
        int most = !isAlong ? MaxColumnLanes : units > WarpSize * UnitsPerWarpLane ? LineWalk.Threads : WarpSize;
        int shared = (int)Math.Clamp(lanes, 1, (ulong)most), each = (units + shared - 1) / shared;
        int kept = (int)BitOperations.RoundUpToPowerOf2((uint)each);
        if (kept > MaxHeld || kept * vector * held * compute.Size > HeldBytes) kept = 0;
        Shape = new(_plan.Rank, shared, isAlong, vector, kept, kept * shared == units, isWide, single);
    }

    public LineShape Shape { get; }

    /// <summary>Elements of a line.</summary>
    public int Length { get; }

    public long Lines => _plan.Count;

    /// <summary>The arguments of a <see cref="LineWalk"/>, from the host, behind the operands.</summary>
    public void Add(ref readonly CudaLaunch launch)
    {
        if (Shape.IsWide) launch.Add((ulong)Lines);
        else launch.Add((uint)Lines);
        launch.Add((uint)(Length / Shape.Vector));
        for (int d = 1; d < Shape.Rank; d++) CoordinateWalk.AddSize(in launch, _plan.Size(d), Shape.IsWide);
        for (int i = 0; i < _strides.Length; i++)
        {
            for (int d = 0; d < Shape.Rank; d++) AddStride(in launch, _plan.Stride(i, d));
            if (LineWalk.HasStride(Shape, i)) AddStride(in launch, _strides[i]);
        }
    }

    private void AddStride(ref readonly CudaLaunch launch, long stride)
    {
        // As far as a unit of several elements goes, so that addresses are known to be multiples of it.
        if (Shape.IsWide) launch.Add(stride);
        else launch.Add((int)stride);
    }

    private bool Allows(int vector, ReadOnlySpan<Operand> operands, int single)
    {
        if (Length % vector != 0) return false;
        for (int i = 0; i < operands.Length; i++)
        {
            if ((single >> i & 1) != 0) continue;
            if (_strides[i] != 1 || operands[i].Layout.Offset % vector != 0) return false;
            for (int d = 0; d < _plan.Rank; d++)
            {
                if (_plan.Size(d) > 1 && _plan.Stride(i, d) % vector != 0) return false;
            }
        }
        return true;
    }

    private static T[] Without<T>(T[] all, int dim) => [.. all[..dim], .. all[(dim + 1)..]];
}

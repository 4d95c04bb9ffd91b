using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>What is done to a run of elements of several operands, each evenly strided.</summary>
internal unsafe interface IRowBody
{
    /// <summary>n elements from the given addresses on; strides in elements.</summary>
    void Run(byte** at, nint* strides, nint n);
}

/// <summary>Walks over operands of any layout, run by run, for kernels that move elements instead of computing with them.</summary>
internal static unsafe class RowLoop
{
    private const int Grain = MapLoop.Grain;
    private const int MaxOperands = 3;

    /// <summary>Over the elements of y, in parallel from some count on: every element of y must be written by one element's work alone.</summary>
    public static void Run<TBody>(TBody body, in Operand y, in Operand a, in Operand b = default, long parallelFrom = Grain) where TBody : struct, IRowBody
    {
        if (y.Layout.Count == 0) return;
        Walk(body, y, a, b, parallel: y.Layout.Count > parallelFrom);
    }

    /// <summary>Over the elements of y in row-major order, on this thread.</summary>
    public static void RunInOrder<TBody>(TBody body, in Operand y, in Operand a, in Operand b = default) where TBody : struct, IRowBody
    {
        if (y.Layout.Count == 0) return;
        Walk(body, y, a, b, parallel: false);
    }

    private static void Walk<TBody>(TBody body, in Operand y, in Operand a, in Operand b, bool parallel) where TBody : struct, IRowBody
    {
        int inputs = b.Buffer is null ? 1 : 2;
        using Hold heldY = y.Hold(), heldA = a.Hold(), heldB = b.Hold();
        fixed (byte* py = heldY, pa = heldA, pb = heldB)
        {
            var set = new MapLoop.OperandSet { Inputs = inputs };
            set.Set(0, py, y);
            set.Set(1, pa, a);
            if (inputs > 1) set.Set(2, pb, b);
            int rank = Math.Max(1, y.Layout.Rank);
            int* shape = stackalloc int[rank];
            long* strides = stackalloc long[MaxOperands * rank];
            set.Collapse(y, a, b, default, default, shape, strides, rank);

            long count = y.Layout.Count;
            int inner = shape[set.Rank - 1], length = parallel ? Math.Min(inner, Grain) : inner;
            var job = new Job<TBody> { Body = body, Set = set, Length = length, RunsPerRow = (inner + length - 1) / length };
            job.Runs = count / inner * job.RunsPerRow;
            job.RunsPerPart = Math.Max(1, Grain / length);
            long parts = (job.Runs + job.RunsPerPart - 1) / job.RunsPerPart;
            if (!parallel || parts > int.MaxValue)
            {
                job.RunsPerPart = job.Runs;
                job.Run(0);
            }
            else Workers.For((int)parts, job);
        }
    }

    private struct Job<TBody> : IJob where TBody : struct, IRowBody
    {
        public TBody Body;
        public MapLoop.OperandSet Set;
        public int Length;
        public long RunsPerRow;
        public long Runs;
        public long RunsPerPart;

        public readonly void Run(int part)
        {
            int* index = stackalloc int[Set.Rank];
            byte** row = stackalloc byte*[MaxOperands];
            byte** at = stackalloc byte*[MaxOperands];
            nint* strides = stackalloc nint[MaxOperands];
            int last = Set.Rank - 1, inner = Set.Shape[last];
            for (int i = 0; i <= Set.Inputs; i++) strides[i] = (nint)Set.At(i).Strides[last];

            long first = part * RunsPerPart, end = Math.Min(Runs, first + RunsPerPart);
            Set.Seek(first / RunsPerRow, index, row);
            long start = first % RunsPerRow * Length;
            for (long run = first; run < end; run++)
            {
                for (int i = 0; i <= Set.Inputs; i++) at[i] = row[i] + (nint)start * strides[i] * Set.At(i).Size;
                Body.Run(at, strides, (nint)Math.Min(Length, inner - start));
                start += Length;
                if (start < inner) continue;
                start = 0;
                Set.Next(index, row);
            }
        }
    }
}

namespace Facula.Backends.Cuda;

/// <summary>Slices of depth in a ring of stages in shared memory: while one is computed with, the next are on their way.</summary>
internal static class SlicePipeline
{
    /// <param name="k">The kernel.</param>
    /// <param name="stages">Of the ring.</param>
    /// <param name="a">Brings A's part of a slice to the beginning of a stage.</param>
    /// <param name="b">Brings B's part, behind A's.</param>
    /// <param name="slices">How many there are. The first is computed with even where there is none: it is of zeros.</param>
    /// <param name="compute">Uses the stage at an address.</param>
    public static void Run(Assembler k, int stages, SliceLoader a, SliceLoader b, Value slices, Action<Value> compute)
    {
        int stageBytes = a.Bytes + b.Bytes;
        bool isAsync = a.IsAsync || b.IsAsync;
        Value memory = k.DynamicSharedMemory(stages * stageBytes);
        for (int s = 0; s < stages - 1; s++)
        {
            Value stage = memory + s * stageBytes;
            Fetch(stage);
            Put(stage);
        }
        Value read = k.Variable(PtxType.U32, memory), write = k.Variable(PtxType.U32, memory + (stages - 1) * stageBytes);
        Value end = memory + stages * stageBytes, done = k.Variable(PtxType.U32, 0);
        k.Repeat(() =>
        {
            if (isAsync) k.WaitForCopies(stages - 2);
            // All see the slice, and all have done with the stage that is written next.
            k.Barrier();
            Fetch(write);
            compute(read);
            Put(write);
            Advance(read);
            Advance(write);
            k.Set(done, done + 1);
        }, () => done < slices);
        // No thread leaves while copies, of zeros here, are on their way.
        if (isAsync) k.WaitForCopies(0);

        void Fetch(Value stage)
        {
            a.Fetch(stage, 0);
            b.Fetch(stage, a.Bytes);
            // Where there was nothing to copy too, so that the groups can be counted.
            if (isAsync) k.CommitCopies();
        }

        void Put(Value stage)
        {
            a.Put(stage, 0);
            b.Put(stage, a.Bytes);
        }

        void Advance(Value stage)
        {
            k.Set(stage, stage + stageBytes);
            k.Set(stage, k.Select(stage >= end, memory, stage));
        }
    }
}

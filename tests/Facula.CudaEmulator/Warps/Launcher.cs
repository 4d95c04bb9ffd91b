using System.Collections.Concurrent;
using System.Numerics;
using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>Runs the blocks of a launch, in an order that its number and the seed decide; side by side where nothing could tell.</summary>
internal sealed unsafe class Launcher(DeviceMemory memory, EmulatorOptions options) : IDisposable
{
    /// <summary>Threads of a launch from which on it pays to share it out.</summary>
    private const long WorthSharing = 2048;

    private readonly ConcurrentBag<Block> blocks = [];
    private ulong launches;

    public void Dispose()
    {
        while (blocks.TryTake(out Block? block)) block.Dispose();
    }

    /// <summary>The instructions that its threads have executed.</summary>
    public long Run(Kernel kernel, CudaGrid grid, int sharedBytes, byte[] parameters)
    {
        long count = (long)grid.X * grid.Y * grid.Z;
        ulong seed = (options.Seed * 1_000_003) + ++launches;
        var order = new Order(seed);
        // A step without a common factor goes through all blocks.
        long first = order.Below((int)Math.Min(count, int.MaxValue)), step = 1;
        if (count > 2)
        {
            do step = 1 + order.Below((int)Math.Min(count - 1, int.MaxValue));
            while (BigInteger.GreatestCommonDivisor(step, count) != 1);
        }
        long Position(long index) => (long)((first + ((Int128)index * step)) % count);

        fixed (ulong* constants = kernel.Constants)
        {
            if (kernel.HasGlobalAtomics || count == 1 || options.Workers <= 1 || count * grid.Threads < WorthSharing)
            {
                Block block = Take();
                try
                {
                    long executed = 0;
                    for (long k = 0; k < count; k++) executed += RunAt(block, Position(k), constants);
                    return executed;
                }
                finally
                {
                    blocks.Add(block);
                }
            }

            long sum = 0, failedAt = long.MaxValue;
            Exception? failure = null;
            var gate = new Lock();
            ulong* table = constants;
            Parallel.For(0L, count, new ParallelOptions { MaxDegreeOfParallelism = options.Workers }, () => (Block: Take(), Executed: 0L), (k, state, local) =>
            {
                if (state.ShouldExitCurrentIteration) return local;
                try
                {
                    return (local.Block, local.Executed + RunAt(local.Block, Position(k), table));
                }
                catch (EmulatorFaultException fault)
                {
                    lock (gate) if (k < failedAt) (failure, failedAt) = (fault, k);
                    state.Break();
                    return local;
                }
            }, local =>
            {
                Interlocked.Add(ref sum, local.Executed);
                blocks.Add(local.Block);
            });
            return failure is null ? sum : throw failure;
        }

        long RunAt(Block block, long position, ulong* constants)
        {
            int x = (int)(position % grid.X), y = (int)(position / grid.X % grid.Y), z = (int)(position / grid.X / grid.Y);
            return block.Run(kernel, parameters, grid, sharedBytes, x, y, z, constants, new Order((seed * 0x9E3779B97F4A7C15) + (ulong)position),
                count > 1 ? launches << 32 | (uint)position : 0);
        }
    }

    private Block Take() => blocks.TryTake(out Block? block) ? block : new Block(memory, options);
}

namespace Facula;

/// <summary>How many threads the CPU kernels use. Results are the same bits for any number.</summary>
public static class Threads
{
    private static int _count = Math.Max(1, Environment.ProcessorCount);

    /// <summary>Threads for kernels, the calling one included; at first the number of processors. torch.set_num_threads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public static int Count
    {
        get => _count;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _count = value;
        }
    }
}

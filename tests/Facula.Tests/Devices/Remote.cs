namespace Facula.Tests.Devices;

/// <summary>Devices whose memory the host may not touch.</summary>
internal static class Remote
{
    private static int s_count;

    /// <summary>One for whoever does not count.</summary>
    public static Device Device { get; } = Create(out _);

    /// <summary>One of its own, with counters at zero.</summary>
    public static Device Create(out RemoteBackend backend) => Create(backend = new());

    /// <summary>One that works in a way of its own.</summary>
    public static Device Create(RemoteBackend backend)
    {
        int index = Interlocked.Increment(ref s_count) - 1;
        return new(index == 0 ? "remote" : $"remote:{index}", backend);
    }
}

namespace Facula.Backends;

/// <summary>Elements on their way from one device to another, through memory of the host.</summary>
internal static class Transfer
{
    // Less than a span holds, and a multiple of every element.
    private const long SpanBytes = 1 << 30;

    // Large enough for the full speed of a bus, small enough to stay in cache.
    private const long StagingBytes = 4 << 20;

    /// <summary>y = x, where both are contiguous, of one shape and type, and on the devices of these backends.</summary>
    public static void Run(Backend source, in Operand x, Backend target, in Operand y)
    {
        int size = x.DType.Size;
        long from = x.Layout.Offset * size, to = y.Layout.Offset * size, bytes = x.Layout.Count * size;
        if (x.Buffer is HostBuffer) Upload(x, from, target, y.Buffer, to, bytes);
        else if (y.Buffer is HostBuffer) Download(source, x.Buffer, from, y, to, bytes);
        else Stage(source, x.Buffer, from, target, y.Buffer, to, bytes);
    }

    private static void Upload(in Operand x, long from, Backend target, Buffer y, long to, long bytes)
    {
        for (long done = 0; done < bytes; done += SpanBytes)
        {
            using HeldSpan<byte> part = new(x, from + done, (int)Math.Min(SpanBytes, bytes - done));
            target.Upload(part.Span, y, to + done);
        }
    }

    private static void Download(Backend source, Buffer x, long from, in Operand y, long to, long bytes)
    {
        for (long done = 0; done < bytes; done += SpanBytes)
        {
            using HeldSpan<byte> part = new(y, to + done, (int)Math.Min(SpanBytes, bytes - done));
            source.Download(x, from + done, part.Span);
        }
    }

    private static void Stage(Backend source, Buffer x, long from, Backend target, Buffer y, long to, long bytes)
    {
        if (bytes == 0) return;
        HostBuffer staging = source.AllocateStaging(Math.Min(StagingBytes, bytes));
        try
        {
            for (long done = 0; done < bytes; done += StagingBytes)
            {
                using HeldSpan<byte> part = new(staging, 0, (int)Math.Min(StagingBytes, bytes - done));
                source.Download(x, from + done, part.Span);
                target.Upload(part.Span, y, to + done);
            }
        }
        finally
        {
            staging.Release();
        }
    }
}

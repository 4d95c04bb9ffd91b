using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

internal sealed unsafe partial class EmulatedDriver
{
    /// <summary>CUDA_ERROR_INVALID_HANDLE.</summary>
    private const CudaResult InvalidHandle = (CudaResult)400;

    /// <summary>How much may wait to be done before some of it is.</summary>
    private const int MaxQueued = 4096;

    private sealed class EmulatedStream
    {
        public readonly Queue<Operation> Operations = new();
        /// <summary>Takes part in the capture.</summary>
        public bool IsCaptured;
    }

    private sealed class EmulatedEvent(bool timing)
    {
        public readonly bool Timing = timing;
        public Recording? Last;
    }

    private readonly Dictionary<nint, EmulatedStream> streams = [];
    private readonly Dictionary<nint, EmulatedEvent> events = [];

    /// <summary>Puts an operation behind the others of its stream, or into the graph that is being captured.</summary>
    private CudaResult Give(nint handle, Operation operation)
    {
        if (!streams.TryGetValue(handle, out EmulatedStream? stream)) return InvalidHandle;
        if (stream.IsCaptured) return capture!.Add(operation);
        if (operation.IsWork) Counters.Submissions++;
        stream.Operations.Enqueue(operation);
        if (Options.Immediate) Finish();
        else if (stream.Operations.Count > MaxQueued) Step();
        return CudaResult.Success;
    }

    /// <summary>Does the next operation of a stream that has one, chosen by the seed; whether there was one.</summary>
    private bool Step()
    {
        EmulatedStream? chosen = null;
        int able = 0;
        foreach (EmulatedStream stream in streams.Values)
        {
            if (stream.Operations.TryPeek(out Operation? next) && next.IsReady && order.Below(++able) == 0) chosen = stream;
        }
        if (chosen is null) return false;
        chosen.Operations.Dequeue().Execute(device);
        return true;
    }

    /// <summary>Does all that has been given.</summary>
    private void Finish()
    {
        while (Step()) { }
    }

    private void Until(Func<bool> isDone)
    {
        while (!isDone() && Step()) { }
    }

    public CudaResult CreateStream(out nint stream)
    {
        nint handle = 0;
        CudaResult result = Do(() =>
        {
            streams[handle = NewHandle()] = new();
            return CudaResult.Success;
        });
        stream = handle;
        return result;
    }

    /// <summary>What it has been given is still done.</summary>
    public CudaResult DestroyStream(nint stream) => Do(() =>
    {
        if (stream == 0 || !streams.TryGetValue(stream, out EmulatedStream? found)) return InvalidHandle;
        if (found.IsCaptured) return Invalidate();
        Until(() => found.Operations.Count == 0);
        streams.Remove(stream);
        return CudaResult.Success;
    });

    public CudaResult SynchronizeStream(nint stream) => Do(() =>
    {
        if (!streams.TryGetValue(stream, out EmulatedStream? found)) return InvalidHandle;
        if (found.IsCaptured || IsCapturing) return Invalidate();
        Counters.Synchronizations++;
        Until(() => found.Operations.Count == 0);
        return CudaResult.Success;
    });

    public CudaResult CopyToDevice(ulong to, nint from, ulong bytes, nint stream) => Do(() =>
    {
        if (bytes == 0) return CudaResult.Success;
        if (device.IsPinned(from, bytes)) return Give(stream, new UploadOperation(to, from, null, bytes));
        // Memory that is not pinned has been read when the call returns.
        if (streams.TryGetValue(stream, out EmulatedStream? found) && found.IsCaptured) return Give(stream, new UploadOperation(to, from, null, bytes));
        return Give(stream, new UploadOperation(to, from, new ReadOnlySpan<byte>((void*)from, checked((int)bytes)).ToArray(), bytes));
    });

    public CudaResult CopyToHost(nint to, ulong from, ulong bytes, nint stream) => Do(() =>
    {
        if (bytes == 0) return CudaResult.Success;
        if (!streams.TryGetValue(stream, out EmulatedStream? found)) return InvalidHandle;
        bool isPinned = device.IsPinned(to, bytes);
        if (!isPinned && found.IsCaptured) return Invalidate();
        CudaResult result = Give(stream, new DownloadOperation(to, from, bytes, isPinned));
        if (isPinned) return result;
        Counters.Synchronizations++;
        Until(() => found.Operations.Count == 0);
        return result;
    });

    public CudaResult CopyOnDevice(ulong to, ulong from, ulong bytes, nint stream) =>
        Do(() => bytes == 0 ? CudaResult.Success : Give(stream, new CopyOperation(to, from, bytes)));

    public CudaResult Set(ulong pointer, byte value, ulong bytes, nint stream) =>
        Do(() => bytes == 0 ? CudaResult.Success : Give(stream, new FillOperation(pointer, value, bytes)));

    public CudaResult CreateEvent(bool timing, out nint @event)
    {
        nint handle = 0;
        CudaResult result = Do(() =>
        {
            events[handle = NewHandle()] = new(timing);
            return CudaResult.Success;
        });
        @event = handle;
        return result;
    }

    public CudaResult DestroyEvent(nint @event) => Do(() => events.Remove(@event) ? CudaResult.Success : InvalidHandle);

    public CudaResult Record(nint @event, nint stream) => Do(() =>
    {
        if (!events.TryGetValue(@event, out EmulatedEvent? found) || !streams.TryGetValue(stream, out EmulatedStream? on)) return InvalidHandle;
        var recording = new Recording();
        found.Last = recording;
        if (!on.IsCaptured) return Give(stream, recording);
        capture!.Events.Add(recording);
        return CudaResult.Success;
    });

    public CudaResult WaitFor(nint stream, nint @event) => Do(() =>
    {
        if (!events.TryGetValue(@event, out EmulatedEvent? found) || !streams.TryGetValue(stream, out EmulatedStream? on)) return InvalidHandle;
        if (found.Last is not { } recording) return CudaResult.Success;
        bool isCaptured = capture is not null && capture.Events.Contains(recording);
        if (isCaptured)
        {
            // The stream joins the capture; what it gets comes after all that has been captured.
            if (!on.IsCaptured) capture!.Streams.Add(on);
            on.IsCaptured = true;
            return CudaResult.Success;
        }
        if (on.IsCaptured) return recording.HasHappened ? CudaResult.Success : Invalidate();
        return Give(stream, new WaitOperation(recording));
    });

    public CudaResult Query(nint @event) => Do(() =>
    {
        if (!events.TryGetValue(@event, out EmulatedEvent? found)) return InvalidHandle;
        if (IsCapturing) return Invalidate();
        // Time passes while a program asks.
        for (int steps = order.Below(4); steps >= 0 && found.Last is { HasHappened: false }; steps--) Step();
        return found.Last is { HasHappened: false } ? CudaResult.NotReady : CudaResult.Success;
    });

    public CudaResult SynchronizeEvent(nint @event) => Do(() =>
    {
        if (!events.TryGetValue(@event, out EmulatedEvent? found)) return InvalidHandle;
        if (IsCapturing) return Invalidate();
        Counters.Synchronizations++;
        if (found.Last is { } recording) Until(() => recording.HasHappened);
        return CudaResult.Success;
    });

    public CudaResult GetElapsed(nint start, nint end, out float milliseconds)
    {
        float passed = 0;
        CudaResult result = Do(() =>
        {
            if (!events.TryGetValue(start, out EmulatedEvent? from) || !events.TryGetValue(end, out EmulatedEvent? to)) return InvalidHandle;
            if (!from.Timing || !to.Timing || from.Last is null || to.Last is null) return InvalidHandle;
            if (!from.Last.HasHappened || !to.Last.HasHappened) return CudaResult.NotReady;
            passed = (float)System.Diagnostics.Stopwatch.GetElapsedTime(from.Last.Ticks, to.Last.Ticks).TotalMilliseconds;
            return CudaResult.Success;
        });
        milliseconds = passed;
        return result;
    }
}

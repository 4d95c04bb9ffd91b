using System.Runtime.InteropServices;
using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

internal sealed unsafe partial class FakeDriver
{
    private readonly Dictionary<nint, Queue<Step>> _streams = [];
    // The context that each was made in.
    private readonly Dictionary<nint, nint> _homes = [];
    // How often an event has been recorded, and which of these times have come.
    private readonly Dictionary<nint, (int Recorded, int Passed)> _events = [];
    private readonly Dictionary<nint, string> _functions = [];
    private readonly Random _turns = new(5);

    /// <summary>What a stream has been given: something to do, or to wait for.</summary>
    private readonly record struct Step(Action? Run, nint Event = 0, int Time = 0);

    /// <summary>Handles that nobody has destroyed.</summary>
    public int Streams => _streams.Count;

    private CudaResult Give(string call, nint stream, Action run)
    {
        lock (_gate)
        {
            if (Do(call) is not CudaResult.Success and var failed) return failed;
            if (_homes[stream] != _current.Value) return CudaResult.InvalidContext;
            _streams[stream].Enqueue(new(run));
            return CudaResult.Success;
        }
    }

    public CudaResult Launch(nint function, CudaGrid grid, int sharedBytes, nint stream, ReadOnlySpan<byte> arguments)
    {
        lock (_gate)
        {
            if (++_launches >= LostAtLaunch) _isLost = true;
            if (Do(nameof(Launch)) is not CudaResult.Success and var failed) return failed;
            if (_homes[stream] != _current.Value) return CudaResult.InvalidContext;
            if (grid.X <= 0 || grid.Y <= 0 || grid.Z <= 0 || grid.Threads is <= 0 or > 1024) return CudaResult.InvalidValue;
            if (Kernels.TryGetValue(_functions[function], out Action<byte[]>? kernel)) Give(stream, kernel, arguments.ToArray());
            return CudaResult.Success;
        }
    }

    // Apart, so that a launch of nothing allocates nothing.
    private void Give(nint stream, Action<byte[]> kernel, byte[] packed) => _streams[stream].Enqueue(new(() => kernel(packed)));

    public CudaResult CopyToDevice(ulong to, nint from, ulong bytes, nint stream)
    {
        if (!IsPinned(from, bytes)) return CudaResult.InvalidValue;
        return Give(nameof(CopyToDevice), stream, () => Move(to, (ulong)from, bytes, IsMemory(to, bytes)));
    }

    public CudaResult CopyToHost(nint to, ulong from, ulong bytes, nint stream)
    {
        if (!IsPinned(to, bytes)) return CudaResult.InvalidValue;
        return Give(nameof(CopyToHost), stream, () => Move((ulong)to, from, bytes, IsMemory(from, bytes)));
    }

    public CudaResult CopyOnDevice(ulong to, ulong from, ulong bytes, nint stream) =>
        Give(nameof(CopyOnDevice), stream, () => Move(to, from, bytes, IsMemory(from, bytes) && IsMemory(to, bytes)));

    public CudaResult Set(ulong pointer, byte value, ulong bytes, nint stream) => Give(nameof(Set), stream, () =>
    {
        if (IsMemory(pointer, bytes)) NativeMemory.Fill((void*)pointer, (nuint)bytes, value);
        else _isLost = true;
    });

    // An address outside of memory is what a device dies of.
    private void Move(ulong to, ulong from, ulong bytes, bool isInside)
    {
        if (isInside) System.Buffer.MemoryCopy((void*)from, (void*)to, bytes, bytes);
        else _isLost = true;
    }

    public CudaResult CreateStream(out nint stream)
    {
        lock (_gate)
        {
            stream = ++_nextHandle;
            _streams[stream] = [];
            _homes[stream] = _current.Value;
            return Do(nameof(CreateStream));
        }
    }

    public CudaResult DestroyStream(nint stream)
    {
        lock (_gate) _streams.Remove(stream);
        return Do(nameof(DestroyStream));
    }

    public CudaResult CreateEvent(bool timing, out nint @event)
    {
        lock (_gate)
        {
            @event = ++_nextHandle;
            _events[@event] = default;
            return Do(nameof(CreateEvent));
        }
    }

    public CudaResult DestroyEvent(nint @event)
    {
        lock (_gate) _events.Remove(@event);
        return Do(nameof(DestroyEvent));
    }

    public CudaResult Record(nint @event, nint stream)
    {
        lock (_gate)
        {
            int time = _events[@event].Recorded + 1;
            _events[@event] = _events[@event] with { Recorded = time };
            return Give(nameof(Record), stream, () => _events[@event] = _events[@event] with { Passed = time });
        }
    }

    public CudaResult WaitFor(nint stream, nint @event)
    {
        lock (_gate)
        {
            if (Do(nameof(WaitFor)) is not CudaResult.Success and var failed) return failed;
            _streams[stream].Enqueue(new(null, @event, _events[@event].Recorded));
            return CudaResult.Success;
        }
    }

    public CudaResult Query(nint @event)
    {
        lock (_gate)
        {
            if (Do(nameof(Query)) is not CudaResult.Success and var failed) return failed;
            return _events[@event].Passed >= _events[@event].Recorded ? CudaResult.Success : CudaResult.NotReady;
        }
    }

    public CudaResult SynchronizeEvent(nint @event) => Wait(nameof(SynchronizeEvent), () => _events[@event].Passed >= _events[@event].Recorded);

    public CudaResult SynchronizeStream(nint stream) => Wait(nameof(SynchronizeStream), () => _streams[stream].Count == 0);

    public CudaResult SynchronizeContext() => Wait(nameof(SynchronizeContext), () => _streams.Values.All(steps => steps.Count == 0));

    public CudaResult GetElapsed(nint start, nint end, out float milliseconds)
    {
        milliseconds = 0.25f;
        return Do(nameof(GetElapsed));
    }

    private CudaResult Wait(string call, Func<bool> isDone)
    {
        lock (_gate)
        {
            if (Do(call) is not CudaResult.Success and var failed) return failed;
            while (!isDone()) RunOne();
            return _isLost ? CudaResult.IllegalAddress : CudaResult.Success;
        }
    }

    private void RunAll()
    {
        while (_streams.Values.Any(steps => steps.Count > 0)) RunOne();
    }

    /// <summary>One step of a stream that can go on, whichever.</summary>
    private void RunOne()
    {
        Queue<Step>[] ready = [.. _streams.Values.Where(steps => steps.TryPeek(out Step next) &&
            (next.Run is not null || _events[next.Event].Passed >= next.Time))];
        if (ready.Length == 0) throw new InvalidOperationException("Every stream waits for another.");
        ready[_turns.Next(ready.Length)].Dequeue().Run?.Invoke();
    }

    public CudaResult BeginCapture(nint stream) => Do(nameof(BeginCapture)) is not CudaResult.Success and var failed ? failed
        : CudaResult.StreamCaptureUnsupported;

    public CudaResult EndCapture(nint stream, out nint graph)
    {
        graph = 0;
        return CudaResult.StreamCaptureUnsupported;
    }

    public CudaResult Instantiate(nint graph, out nint executable)
    {
        executable = 0;
        return CudaResult.StreamCaptureUnsupported;
    }

    public CudaResult LaunchGraph(nint executable, nint stream) => CudaResult.StreamCaptureUnsupported;

    public CudaResult DestroyGraph(nint graph) => CudaResult.StreamCaptureUnsupported;

    public CudaResult DestroyExecutable(nint executable) => CudaResult.StreamCaptureUnsupported;
}

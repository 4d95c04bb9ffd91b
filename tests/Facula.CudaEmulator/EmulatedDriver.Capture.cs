using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

internal sealed unsafe partial class EmulatedDriver
{
    /// <summary>A capture under way: one at a time.</summary>
    private sealed class Capture(nint origin, int thread)
    {
        public readonly nint Origin = origin;
        public readonly int Thread = thread;
        public readonly List<Operation> Operations = [];
        public readonly List<EmulatedStream> Streams = [];
        public readonly HashSet<Recording> Events = [];
        public bool IsInvalid;

        public CudaResult Add(Operation operation)
        {
            if (IsInvalid) return CudaResult.StreamCaptureInvalidated;
            Operations.Add(operation);
            return CudaResult.Success;
        }
    }

    private readonly Dictionary<nint, Operation[]> graphs = [];
    private readonly Dictionary<nint, Operation[]> executables = [];
    private Capture? capture;

    /// <summary>Whether this thread captures, in the thread-local mode, in which what could wait is forbidden to it.</summary>
    private bool IsCapturing => capture is not null && capture.Thread == Environment.CurrentManagedThreadId;

    private CudaResult Invalidate()
    {
        if (capture is not null) capture.IsInvalid = true;
        return CudaResult.StreamCaptureUnsupported;
    }

    public CudaResult BeginCapture(nint stream) => Do(() =>
    {
        if (!streams.TryGetValue(stream, out EmulatedStream? found)) return InvalidHandle;
        if (stream == 0) return CudaResult.StreamCaptureUnsupported;
        if (capture is not null) return CudaResult.InvalidValue;
        capture = new(stream, Environment.CurrentManagedThreadId);
        capture.Streams.Add(found);
        found.IsCaptured = true;
        return CudaResult.Success;
    });

    public CudaResult EndCapture(nint stream, out nint graph)
    {
        nint handle = 0;
        CudaResult result = Do(() =>
        {
            if (!streams.TryGetValue(stream, out EmulatedStream? found)) return InvalidHandle;
            if (capture is null || !found.IsCaptured) return CudaResult.InvalidValue;
            if (capture.Origin != stream) return (CudaResult)904;
            Capture ended = capture;
            foreach (EmulatedStream captured in ended.Streams) captured.IsCaptured = false;
            capture = null;
            if (ended.IsInvalid) return CudaResult.StreamCaptureInvalidated;
            graphs[handle = NewHandle()] = [.. ended.Operations];
            return CudaResult.Success;
        });
        graph = handle;
        return result;
    }

    public CudaResult Instantiate(nint graph, out nint executable)
    {
        nint handle = 0;
        CudaResult result = Do(() =>
        {
            if (!graphs.TryGetValue(graph, out Operation[]? operations)) return InvalidHandle;
            executables[handle = NewHandle()] = operations;
            return CudaResult.Success;
        });
        executable = handle;
        return result;
    }

    public CudaResult LaunchGraph(nint executable, nint stream) =>
        Do(() => executables.TryGetValue(executable, out Operation[]? operations) ? Give(stream, new GraphOperation(operations)) : InvalidHandle);

    public CudaResult DestroyGraph(nint graph) => Do(() => graphs.Remove(graph) ? CudaResult.Success : InvalidHandle);

    public CudaResult DestroyExecutable(nint executable) => Do(() => executables.Remove(executable) ? CudaResult.Success : InvalidHandle);
}

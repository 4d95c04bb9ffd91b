namespace Facula.Backends.Cuda;

/// <summary>How long kernels take on the device: events before and behind each launch, which are read when all is done.</summary>
internal sealed class LaunchRecorder
{
    private readonly CudaDevice _device;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Launches, double Milliseconds, long Bytes)> _sums = [];
    private readonly List<(nint Start, nint End, string Operation, long Bytes)> _launches = [];
    private readonly long _peakBefore;
    private bool _isStopped;

    public LaunchRecorder(CudaDevice device) => (_device, _peakBefore) = (device, device.Memory.PeakAllocated);

    /// <summary>Bytes that were allocated at most since this began.</summary>
    public long PeakAllocated { get; private set; }

    /// <summary>By operation: launches, milliseconds of the device, bytes of the elements that were read and written.</summary>
    public IReadOnlyDictionary<string, (int Launches, double Milliseconds, long Bytes)> Sums => _sums;

    /// <summary>Before a launch.</summary>
    public nint Begin(string operation) => Mark(operation);

    /// <summary>Behind it.</summary>
    public void End(nint start, string operation, long bytes)
    {
        nint end = Mark(operation);
        lock (_gate) _launches.Add((start, end, operation, bytes));
    }

    private nint Mark(string operation)
    {
        _device.Check(_device.Driver.CreateEvent(timing: true, out nint mark), operation);
        _device.Check(_device.Driver.Record(mark, _device.Compute), operation);
        return mark;
    }

    /// <summary>Waits for what has been recorded and adds it up. A second time does nothing.</summary>
    public void Stop()
    {
        const string Operation = "Profile";
        lock (_gate)
        {
            if (_isStopped) return;
            _isStopped = true;
            _device.EndRecord();
            PeakAllocated = _device.Memory.PeakAllocated;
            _device.Memory.RestorePeak(_peakBefore);
            _device.Enter(Operation);
            _device.Check(_device.Driver.SynchronizeStream(_device.Compute), Operation);
            foreach ((nint start, nint end, string operation, long bytes) in _launches)
            {
                _device.Check(_device.Driver.GetElapsed(start, end, out float milliseconds), Operation);
                (int launches, double sum, long all) = _sums.GetValueOrDefault(operation);
                _sums[operation] = (launches + 1, sum + milliseconds, all + bytes);
                _device.Check(_device.Driver.DestroyEvent(start), Operation);
                _device.Check(_device.Driver.DestroyEvent(end), Operation);
            }
            _launches.Clear();
        }
    }
}

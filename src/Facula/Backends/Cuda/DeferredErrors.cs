using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Facula.Backends.Cuda;

/// <summary>
/// Indices and labels out of range, which kernels find while nobody waits. The first is kept in a record in the device's memory: a number that says whose
/// it is, 0 if there is none, and from byte 8 on the index, the size that it is outside of, and its position. The next read raises it.
/// </summary>
internal sealed unsafe class DeferredErrors(CudaDevice device)
{
    public const int RecordBytes = 32, IndexAt = 8;

    private readonly ConcurrentDictionary<(string Operation, int Dim), int> _numbers = [];
    private readonly Lock _gate = new();
    private CudaBuffer? _record;
    private (string Operation, int Dim)[] _sources = [];
    private int _mayHave;

    /// <summary>Where the record is. Whoever launches a kernel that may write it says so, by <see cref="Expect"/>.</summary>
    public CudaBuffer Record(string operation)
    {
        if (Volatile.Read(ref _record) is { } record) return record;
        lock (_gate)
        {
            if (_record is not null) return _record;
            CudaBuffer made = device.Allocate(RecordBytes);
            device.Set(made, 0, 0, RecordBytes, operation);
            Volatile.Write(ref _record, made);
            return made;
        }
    }

    /// <summary>The number of an index of an operation, as the kernel is given it.</summary>
    public int NumberOf(string operation, int dim)
    {
        if (_numbers.TryGetValue((operation, dim), out int number)) return number;
        lock (_gate)
        {
            if (_numbers.TryGetValue((operation, dim), out number)) return number;
            Volatile.Write(ref _sources, [.. _sources, (operation, dim)]);
            return _numbers[(operation, dim)] = _sources.Length;
        }
    }

    /// <summary>A kernel that may write the record has been launched.</summary>
    public void Expect() => Volatile.Write(ref _mayHave, 1);

    /// <summary>Has the record copied to the host, after what the compute stream has been given; false if there can be nothing in it.</summary>
    public bool Ask(nint to, string operation)
    {
        if (Volatile.Read(ref _mayHave) == 0 || Interlocked.Exchange(ref _mayHave, 0) == 0) return false;
        device.Check(device.Driver.CopyToHost(to, Record(operation).Address, RecordBytes, device.Compute), operation);
        return true;
    }

    /// <summary>Once the record has arrived.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index or a label was out of range.</exception>
    public void Raise(nint record)
    {
        var words = new ReadOnlySpan<long>((void*)record, RecordBytes / sizeof(long));
        int number = MemoryMarshal.Cast<long, int>(words)[0];
        if (number == 0) return;
        long index = words[1], size = words[2], position = words[3];
        device.Set(Record("Download"), 0, 0, RecordBytes, "Download");
        (string operation, int dim) = Volatile.Read(ref _sources)[number - 1];
        IndexError.Throw(operation, index, size, dim, position);
    }
}

namespace Facula.Backends.Cuda;

/// <summary>
/// Locked memory that bytes of the host pass through on their way to the device, so that the source is free at once: parts that are filled one after the
/// other, and again when what they held has been copied.
/// </summary>
internal sealed unsafe class UploadRing(CudaDevice device, int partBytes)
{
    private const int Parts = 4;
    private const int LineBytes = 64;

    private readonly Lock _gate = new();
    private readonly (nint Pointer, nint Event)[] _parts = new (nint, nint)[Parts];
    private int _current = -1;
    private int _used;

    public void Write(ReadOnlySpan<byte> from, ulong to, nint stream, string operation)
    {
        lock (_gate)
        {
            while (!from.IsEmpty)
            {
                int length = Math.Min(from.Length, partBytes);
                if (_current < 0 || length > partBytes - _used) Advance(stream, operation);
                nint place = _parts[_current].Pointer + _used;
                from[..length].CopyTo(new((void*)place, length));
                device.Check(device.Driver.CopyToDevice(to, place, (ulong)length, stream), operation);
                _used = Math.Min(partBytes, (_used + length + LineBytes - 1) & -LineBytes);
                from = from[length..];
                to += (ulong)length;
            }
        }
    }

    /// <summary>To the next part, once what it held last is on the device.</summary>
    private void Advance(nint stream, string operation)
    {
        if (_current >= 0) device.Check(device.Driver.Record(_parts[_current].Event, stream), operation);
        int next = (_current + 1) % Parts;
        if (_parts[next].Pointer == 0) _parts[next] = (device.AllocatePinned(partBytes, operation), device.TakeEvent(operation));
        else device.Check(device.Driver.SynchronizeEvent(_parts[next].Event), operation);
        (_current, _used) = (next, 0);
    }
}

namespace Facula.Backends.Cuda;

/// <summary>One launch of a kernel: <c>using CudaLaunch launch = Start(..); launch.Add(x); launch.Add(y); launch.Run(blocks);</c>.</summary>
internal readonly ref struct CudaLaunch : IDisposable
{
    private readonly CudaDevice _device;
    private readonly CudaFunction _function;
    private readonly LaunchArguments _arguments;
    private readonly string _operation;

    public CudaLaunch(CudaDevice device, CudaFunction function, string operation) =>
        (_device, _function, _operation, _arguments) = (device, function, operation, LaunchArguments.Take());

    /// <summary>The address of the element at the operand's offset.</summary>
    /// <exception cref="ObjectDisposedException">The tensor has been disposed of.</exception>
    /// <exception cref="InvalidOperationException">It is in the memory of another device.</exception>
    public void Add(in Operand operand)
    {
        CudaBuffer buffer = CudaBackend.Mine(_device, operand.Buffer);
        if (operand.Layout.End * operand.DType.Size > buffer.Bytes) operand.CheckBounds();
        ulong address = _arguments.Keep(_device, buffer, _operation);
        operand.KeepAlive();
        _arguments.Add(address + (ulong)(operand.Layout.Offset * operand.DType.Size));
        _arguments.Note(operand);
    }

    /// <summary>The address of a byte of a buffer.</summary>
    public void Add(Buffer buffer, long at = 0) => _arguments.Add(_arguments.Keep(_device, CudaBackend.Mine(_device, buffer), _operation) + (ulong)at);

    public void Add(int value) => _arguments.Add(value);

    public void Add(uint value) => _arguments.Add(value);

    public void Add(long value) => _arguments.Add(value);

    public void Add(ulong value) => _arguments.Add(value);

    public void Add(float value) => _arguments.Add(value);

    public void Add(double value) => _arguments.Add(value);

    /// <summary>A parameter that is an array of bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes, int alignment) => _arguments.Add(bytes, alignment);

    /// <summary>Two arguments: where a kernel leaves an index that is out of range, and the number to leave there; see <see cref="DeferredErrors"/>.</summary>
    public void AddIndexError(string operation, int dim)
    {
        _arguments.Add(_device.Errors.Record(_operation).Address);
        _arguments.Add(_device.Errors.NumberOf(operation, dim));
        _arguments.MayFail = true;
    }

    /// <summary>Starts so many blocks, behind all that has been started before. Nothing waits.</summary>
    public void Run(int x, int y = 1, int z = 1)
    {
        if (x == 0 || y == 0 || z == 0) return;
        _device.Launch(_function, new(x, y, z, _function.Threads), _arguments, _operation);
        if (_arguments.MayFail) _device.Errors.Expect();
    }

    public void Dispose() => _arguments.Give();
}

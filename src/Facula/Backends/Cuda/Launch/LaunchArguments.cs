using System.Runtime.CompilerServices;
using System.Text;

namespace Facula.Backends.Cuda;

/// <summary>
/// What a kernel is given, packed as PTX lays its parameters out, and the buffers that stay where they are until it has been launched. A thread uses the
/// same one again, so that a launch allocates nothing.
/// </summary>
internal sealed class LaunchArguments
{
    // What every driver takes.
    private const int MaxBytes = 4096;

    [ThreadStatic] private static LaunchArguments? t_unused;

    private readonly byte[] _packed = new byte[MaxBytes];
    private CudaBuffer[] _buffers = new CudaBuffer[16];
    private (Layout Layout, DType DType)[] _operands = new (Layout, DType)[16];
    private int _bytes, _bufferCount, _operandCount;

    public ReadOnlySpan<byte> Packed => _packed.AsSpan(0, _bytes);

    /// <summary>Bytes of the elements of all operands.</summary>
    public long OperandBytes { get; private set; }

    /// <summary>Whether the kernel may leave an error to be raised.</summary>
    public bool MayFail { get; set; }

    /// <summary>This thread's, empty.</summary>
    public static LaunchArguments Take()
    {
        LaunchArguments arguments = t_unused ?? new();
        t_unused = null;
        return arguments;
    }

    /// <summary>Lets go of the buffers.</summary>
    public void Give()
    {
        for (int i = 0; i < _bufferCount; i++)
        {
            _buffers[i].Leave();
            _buffers[i] = null!;
        }
        Array.Clear(_operands, 0, _operandCount);
        (_bytes, _bufferCount, _operandCount, OperandBytes, MayFail) = (0, 0, 0, 0, false);
        t_unused = this;
    }

    public void Add<T>(T value) where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        Unsafe.WriteUnaligned(ref Reserve(size, size)[0], value);
    }

    public void Add(ReadOnlySpan<byte> bytes, int alignment) => bytes.CopyTo(Reserve(bytes.Length, alignment));

    private Span<byte> Reserve(int bytes, int alignment)
    {
        int start = (_bytes + alignment - 1) & -alignment;
        if (bytes > MaxBytes - start) throw new InvalidOperationException($"A kernel takes at most {MaxBytes} bytes of arguments.");
        _packed.AsSpan(_bytes, start - _bytes).Clear();
        _bytes = start + bytes;
        return _packed.AsSpan(start, bytes);
    }

    /// <summary>A buffer's address, and its memory until the launch is made.</summary>
    public ulong Keep(CudaDevice device, CudaBuffer buffer, string operation)
    {
        if (_bufferCount == _buffers.Length) Array.Resize(ref _buffers, 2 * _bufferCount);
        ulong address = device.Occupy(buffer, operation);
        _buffers[_bufferCount++] = buffer;
        return address;
    }

    /// <summary>For messages and the profile.</summary>
    public void Note(in Operand operand)
    {
        if (_operandCount == _operands.Length) Array.Resize(ref _operands, 2 * _operandCount);
        _operands[_operandCount++] = (operand.Layout, operand.DType);
        OperandBytes += operand.Layout.Count * operand.DType.Size;
    }

    /// <summary>What it is launched with, behind the name of the operation.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        for (int i = 0; i < _operandCount; i++)
            text.Append(i == 0 ? " of " : ", ").Append(_operands[i].DType.PyTorchName).Append(' ').Append(_operands[i].Layout);
        return text.ToString();
    }
}

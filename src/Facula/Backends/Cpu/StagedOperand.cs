using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// An operand in the order and type in which the kernels of convolution, pooling and normalisation work: itself where it lies like that
/// already, else a copy that lasts until this is disposed of. A result is then copied back.
/// </summary>
internal readonly ref struct StagedOperand
{
    private readonly CpuBackend _backend;
    private readonly Operand _target;
    private readonly Buffer? _own;

    private StagedOperand(CpuBackend backend, in Operand x, Operand operand, bool copyBack)
    {
        _backend = backend;
        Operand = operand;
        if (ReferenceEquals(operand.Buffer, x.Buffer)) return;
        _own = operand.Buffer;
        if (copyBack) _target = x;
    }

    /// <summary>What the kernel reads or writes; its layout may begin at any offset.</summary>
    public Operand Operand { get; }

    /// <summary>Something to be read, [n, c, space..], channels-last and of the type it is computed in.</summary>
    public static StagedOperand ChannelsLast(CpuBackend backend, in Operand x, [CallerMemberName] string operation = "") =>
        In(backend, x, Layout.ChannelsLast(x.Layout.Shape), copies: true, operation);

    /// <summary>Something to be written, [n, c, space..], channels-last and of the type it is computed in; what was there before counts for nothing.</summary>
    public static StagedOperand ChannelsLastResult(CpuBackend backend, in Operand y, [CallerMemberName] string operation = "") =>
        In(backend, y, Layout.ChannelsLast(y.Layout.Shape), copies: false, operation);

    /// <summary>Something to be read, contiguous, and of the type it is computed in or of its own.</summary>
    public static StagedOperand Contiguous(CpuBackend backend, in Operand x, bool keepsType = false, [CallerMemberName] string operation = "") =>
        In(backend, x, Layout.Contiguous(x.Layout.Shape), copies: true, operation, keepsType ? x.DType : null);

    /// <summary>Something to be written, contiguous and of the type it is computed in.</summary>
    public static StagedOperand ContiguousResult(CpuBackend backend, in Operand y, [CallerMemberName] string operation = "") =>
        In(backend, y, Layout.Contiguous(y.Layout.Shape), copies: false, operation);

    private static StagedOperand In(CpuBackend backend, in Operand x, Layout wanted, bool copies, string operation, DType? own = null)
    {
        DType type = own ?? x.DType.Compute;
        if (x.DType == type && x.Layout.HasStridesOf(wanted)) return new(backend, x, x, false);
        var copy = new Operand(backend.Allocate(wanted, type, operation), wanted, type);
        if (copies) backend.Copy(x, copy);
        return new(backend, x, copy, !copies);
    }

    public void Dispose()
    {
        if (_own is null) return;
        if (_target.Buffer is not null) _backend.Copy(Operand, _target);
        _own.Release();
    }
}

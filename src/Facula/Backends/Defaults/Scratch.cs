using System.Runtime.CompilerServices;

namespace Facula.Backends;

/// <summary>Uninitialised room for something on the way to a result; it goes back when this is disposed of, to be used by kernels that are called
/// from then on.</summary>
internal readonly ref struct Scratch
{
    /// <summary>Contiguous.</summary>
    public Scratch(Backend backend, int[] shape, DType type, [CallerMemberName] string operation = "")
        : this(backend, Layout.Contiguous(shape, operation), type, operation) { }

    /// <summary>Of a layout without gaps.</summary>
    public Scratch(Backend backend, Layout dense, DType type, [CallerMemberName] string operation = "") =>
        Operand = new(backend.Allocate(dense, type, operation), dense, type);

    /// <summary>From offset 0.</summary>
    public Operand Operand { get; }

    public void Dispose() => Operand.Buffer?.Release();
}

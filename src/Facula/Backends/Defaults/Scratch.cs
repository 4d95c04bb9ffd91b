using System.Runtime.CompilerServices;

namespace Facula.Backends;

/// <summary>Uninitialised room for something on the way to a result; it goes back when this is disposed of, to be used by kernels that are called
/// from then on.</summary>
internal readonly ref struct Scratch
{
    public Scratch(Backend backend, int[] shape, DType type, [CallerMemberName] string operation = "")
    {
        Layout layout = Layout.Contiguous(shape, operation);
        Operand = new(backend.Allocate(layout, type, operation), layout, type);
    }

    /// <summary>Contiguous, from offset 0.</summary>
    public Operand Operand { get; }

    public void Dispose() => Operand.Buffer?.Release();
}

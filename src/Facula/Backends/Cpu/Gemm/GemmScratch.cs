using System.Runtime.InteropServices;

namespace Facula.Backends.Cpu;

/// <summary>Buffers for packed operands: one set per thread that multiplies, kept for its next product, freed after the thread.</summary>
internal sealed unsafe class GemmScratch
{
    [ThreadStatic] private static GemmScratch? t_mine;

    private void* _left, _right, _panel;
    private nuint _leftBytes, _rightBytes, _panelBytes;

    public static GemmScratch Mine => t_mine ??= new GemmScratch();

    public void* Left(nuint bytes) => Grow(ref _left, ref _leftBytes, bytes);

    public void* Right(nuint bytes) => Grow(ref _right, ref _rightBytes, bytes);

    public void* Panel(nuint bytes) => Grow(ref _panel, ref _panelBytes, bytes);

    private static void* Grow(ref void* buffer, ref nuint size, nuint bytes)
    {
        if (size >= bytes) return buffer;
        NativeMemory.AlignedFree(buffer);
        buffer = null;
        size = 0;
        nuint wanted = (bytes + (64 << 10)) & ~(nuint)((64 << 10) - 1);
        buffer = NativeMemory.AlignedAlloc(wanted, 4096);
        size = wanted;
        return buffer;
    }

    ~GemmScratch()
    {
        NativeMemory.AlignedFree(_left);
        NativeMemory.AlignedFree(_right);
        NativeMemory.AlignedFree(_panel);
    }
}

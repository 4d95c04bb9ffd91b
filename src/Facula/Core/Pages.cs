using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Facula;

/// <summary>
/// Uninitialised native memory that goes back to the system as soon as it is freed. Large pieces are mapped pages: of what is freed in the middle
/// of its heap the C library gives nothing back.
/// </summary>
internal readonly unsafe struct Pages
{
    private const long Large = 256 << 10;
    private const uint LineBytes = 64;

    private readonly MemoryMappedViewAccessor? _view;

    /// <summary>So many bytes, aligned to cache lines.</summary>
    /// <exception cref="OutOfMemoryException">There is no room for them.</exception>
    public Pages(long bytes)
    {
        if (bytes < Large)
        {
            Pointer = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, LineBytes);
            return;
        }
        try
        {
            // The view keeps the pages; without a name nobody else can ask for the file, which is none.
            using MemoryMappedFile file = MemoryMappedFile.CreateNew(null, bytes);
            _view = file.CreateViewAccessor(0, bytes);
        }
        catch (Exception error) when (error is IOException or ArgumentOutOfRangeException)
        {
            throw new OutOfMemoryException($"The system has no {bytes} bytes to give.", error);
        }
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer;
    }

    public byte* Pointer { get; }

    public void Free()
    {
        if (_view is null) NativeMemory.AlignedFree(Pointer);
        else
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
        }
    }
}

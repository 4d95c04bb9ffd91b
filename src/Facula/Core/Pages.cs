using System.Runtime.InteropServices;

namespace Facula;

/// <summary>
/// Native memory that goes back to the system as soon as it is freed. Large pieces are asked of the system itself: the C library keeps what is freed in the middle of its heap.
/// Where the system is none of those known here, all of it is the C library's.
/// </summary>
internal static unsafe partial class Pages
{
    private const long Large = 256 << 10;
    private const uint LineBytes = 64;

    private static readonly nint MapFailed = -1;

    private static bool IsUnix => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <summary>Uninitialised memory, aligned to cache lines.</summary>
    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public static byte* Allocate(long bytes)
    {
        if (bytes >= Large && IsUnix)
        {
            const int ReadWrite = 3, Private = 2;
            int anonymous = OperatingSystem.IsLinux() ? 0x20 : 0x1000;
            nint address = Map(0, (nuint)bytes, ReadWrite, Private | anonymous, -1, 0);
            return address != MapFailed ? (byte*)address : throw new OutOfMemoryException();
        }
        if (bytes >= Large && OperatingSystem.IsWindows())
        {
            const uint ReserveAndCommit = 0x3000, ReadWrite = 4;
            nint address = VirtualAlloc(0, (nuint)bytes, ReserveAndCommit, ReadWrite);
            return address != 0 ? (byte*)address : throw new OutOfMemoryException();
        }
        return (byte*)NativeMemory.AlignedAlloc((nuint)bytes, LineBytes);
    }

    /// <summary>Gives back what was allocated with so many bytes.</summary>
    public static void Free(byte* address, long bytes)
    {
        if (bytes >= Large && IsUnix) _ = Unmap((nint)address, (nuint)bytes);
        else if (bytes >= Large && OperatingSystem.IsWindows())
        {
            const uint Release = 0x8000;
            _ = VirtualFree((nint)address, 0, Release);
        }
        else NativeMemory.AlignedFree(address);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint bytes);

    [LibraryImport("kernel32")]
    private static partial nint VirtualAlloc(nint address, nuint bytes, uint type, uint protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualFree(nint address, nuint bytes, uint type);
}

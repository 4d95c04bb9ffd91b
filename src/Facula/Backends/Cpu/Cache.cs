using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Facula.Backends.Cpu;

/// <summary>Hints to the caches, on processors for which .NET has them; on others they do nothing.</summary>
internal static unsafe class Cache
{
    private const int LineBytes = 64;

    /// <summary>Begins to fetch the line at an address, which need not be valid: for what lies in more places than a processor foresees by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }

    /// <summary>The same for all lines of so many bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address, nint bytes)
    {
        if (!Sse.IsSupported) return;
        for (nint i = 0; i < bytes; i += LineBytes) Sse.Prefetch0((byte*)address + i);
    }
}

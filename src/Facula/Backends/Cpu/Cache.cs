using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Facula.Backends.Cpu;

/// <summary>Hints to the caches, on processors for which .NET has them; on others they do nothing.</summary>
internal static unsafe class Cache
{
    /// <summary>Begins to fetch the line at an address, which need not be valid: for what lies in more places than a processor foresees by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(void* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }
}

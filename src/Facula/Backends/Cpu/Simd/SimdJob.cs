using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>A job written once for vectors of every width.</summary>
internal interface ISimdJob<T> where T : unmanaged, INumber<T>
{
    void Run<V>(int part) where V : unmanaged, ISimd<V, T>;
}

/// <summary>
/// Runs a job in the widest vectors that the machine has and that have at most so many lanes; integers one by one. This is the one place where a
/// width is chosen, except for <see cref="ISimdOps{V, T}"/>.
/// </summary>
/// <remarks>
/// Vectors no longer than a row of channels cover it whole, where the last may overlap the one before it: where a result depends on its own channel
/// alone, being written twice does no harm.
/// </remarks>
internal struct SimdJob<TJob, T>(TJob job, int mostLanes = int.MaxValue) : IJob where TJob : struct, ISimdJob<T> where T : unmanaged, INumber<T>
{
    public void Run(int part) => Run(ref job, part, mostLanes);

    /// <summary>A part of a job where it stands: a job of a few elements would notice being copied.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(ref TJob job, int part, int mostLanes = int.MaxValue)
    {
        if (typeof(T) == typeof(long)) job.Run<Num<T>>(part);
        else if (Vector512.IsHardwareAccelerated && mostLanes >= Vector512<T>.Count) job.Run<Simd512<T>>(part);
        else if (Vector256.IsHardwareAccelerated && mostLanes >= Vector256<T>.Count) job.Run<Simd256<T>>(part);
        else if (Vector128.IsHardwareAccelerated && mostLanes >= Vector128<T>.Count) job.Run<Simd128<T>>(part);
        else job.Run<Num<T>>(part);
    }
}

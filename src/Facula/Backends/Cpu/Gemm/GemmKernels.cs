using System.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>The micro-kernels by their height. The JIT compiles only those that are called.</summary>
internal static unsafe class GemmKernels<S, V, T>
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    /// <summary>The kernel for a tile of this many rows, and of one or of two vectors' columns.</summary>
    public static delegate*<nint, nint, T*, nint, nint, nint, T*, nint, T, T*, nint, T*, nint, void> Get(int rows, bool two) =>
        two ? Get<N2>(rows) : Get<N1>(rows);

    private static delegate*<nint, nint, T*, nint, nint, nint, T*, nint, T, T*, nint, T*, nint, void> Get<C>(int rows) where C : unmanaged => rows switch
    {
        1 => &GemmKernel<S, V, T, N1, C>.Run,
        2 => &GemmKernel<S, V, T, N2, C>.Run,
        3 => &GemmKernel<S, V, T, N3, C>.Run,
        4 => &GemmKernel<S, V, T, N4, C>.Run,
        5 => &GemmKernel<S, V, T, N5, C>.Run,
        6 => &GemmKernel<S, V, T, N6, C>.Run,
        7 => &GemmKernel<S, V, T, N7, C>.Run,
        8 => &GemmKernel<S, V, T, N8, C>.Run,
        9 => &GemmKernel<S, V, T, N9, C>.Run,
        10 => &GemmKernel<S, V, T, N10, C>.Run,
        11 => &GemmKernel<S, V, T, N11, C>.Run,
        _ => &GemmKernel<S, V, T, N12, C>.Run,
    };
}

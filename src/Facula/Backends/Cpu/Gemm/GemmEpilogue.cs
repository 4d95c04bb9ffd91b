using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Facula.Backends.Cpu;

/// <summary>What is done to a piece of the product as soon as it is final, while it is still in the nearest cache: an activation, say.</summary>
internal unsafe interface IGemmEpilogue<T> where T : unmanaged
{
    /// <summary>c points at element (row, column) of the product; the piece has this many rows and columns.</summary>
    void Apply(T* c, nint cRow, int rows, int columns, int row, int column);
}

internal readonly unsafe struct NoEpilogue<T> : IGemmEpilogue<T> where T : unmanaged
{
    public void Apply(T* c, nint cRow, int rows, int columns, int row, int column) { }
}

/// <summary>Zero for what is negative; NaN stays.</summary>
internal readonly unsafe struct ReluEpilogue<T> : IGemmEpilogue<T> where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Apply(T* c, nint cRow, int rows, int columns, int row, int column)
    {
        for (; rows > 0; rows--, c += cRow)
        {
            nint j = 0;
            if (Vector512.IsHardwareAccelerated)
                for (; j <= columns - Vector512<T>.Count; j += Vector512<T>.Count) SimdOps512<T>.Relu(Vector512.Load(c + j)).Store(c + j);
            if (Vector128.IsHardwareAccelerated)
                for (; j <= columns - Vector128<T>.Count; j += Vector128<T>.Count) SimdOps128<T>.Relu(Vector128.Load(c + j)).Store(c + j);
            for (; j < columns; j++) c[j] = ScalarOps<T>.Relu(c[j]);
        }
    }
}

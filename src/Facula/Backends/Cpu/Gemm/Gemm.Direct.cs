using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal static unsafe partial class Gemm
{
    /// <summary>
    /// The product by plain loops over any number type: integers wrap around. Also what very small products come to, where it costs less than
    /// getting ready for anything better.
    /// </summary>
    public static void NaiveMultiply<T>(int m, int n, int k, T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn,
        T* c, nint cRow, T alpha, T beta, T* bias, bool relu = false)
        where T : unmanaged, INumber<T>
    {
        Direct(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, beta, bias);
        if (relu) default(ReluEpilogue<T>).Apply(c, cRow, m, n, 0, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Direct<T>(int m, int n, int k, T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn,
        T* c, nint cRow, T alpha, T beta, T* bias)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < m; i++, a += aRow, c += cRow)
        {
            T* column = b;
            for (int j = 0; j < n; j++, column += bColumn)
            {
                T sum = T.Zero;
                T* x = a, y = column;
                for (int p = 0; p < k; p++, x += aColumn, y += bRow) sum += *x * *y;
                sum *= alpha;
                if (beta != T.Zero) sum += beta * c[j];
                if (bias != null) sum += bias[j];
                c[j] = sum;
            }
        }
    }

    /// <summary>c = beta * c, plus the bias when there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Scale<T>(int m, int n, T* c, nint cRow, T beta, T* bias) where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < m; i++, c += cRow)
        {
            if (bias == null) for (int j = 0; j < n; j++) c[j] *= beta;
            else for (int j = 0; j < n; j++) c[j] = beta * c[j] + bias[j];
        }
    }
}

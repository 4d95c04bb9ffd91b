using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>Between the types elements are stored in and the three they are computed in, with any stride.</summary>
internal static unsafe class Convert
{
    /// <summary>Reads n elements, stride elements apart, into a row of the computing type.</summary>
    public static void Load<T>(DType from, byte* source, nint stride, T* row, nint n) where T : unmanaged, INumber<T>
    {
        switch (from.Kind)
        {
            case ElementType.Float32: Load((float*)source, stride, row, n); break;
            case ElementType.Float64: Load((double*)source, stride, row, n); break;
            case ElementType.Int64: Load((long*)source, stride, row, n); break;
            case ElementType.Int32: Load((int*)source, stride, row, n); break;
            case ElementType.Int16: Load((short*)source, stride, row, n); break;
            case ElementType.Int8: Load((sbyte*)source, stride, row, n); break;
            case ElementType.UInt8 or ElementType.Bool:
                if (typeof(T) == typeof(float) && stride == 1)
                {
                    nint done = ConvertVectors.FromBytes(source, (float*)row, n);
                    source += done;
                    row += done;
                    n -= done;
                }
                Load(source, stride, row, n);
                break;
            case ElementType.Float16:
                for (nint i = typeof(T) == typeof(float) && stride == 1 ? ConvertVectors.FromHalves((Half*)source, (float*)row, n) : 0; i < n; i++)
                    row[i] = T.CreateTruncating((float)((Half*)source)[i * stride]);
                break;
            case ElementType.BFloat16:
                for (nint i = typeof(T) == typeof(float) && stride == 1 ? ConvertVectors.FromBFloat16((BFloat16*)source, (float*)row, n) : 0; i < n; i++)
                    row[i] = T.CreateTruncating((float)((BFloat16*)source)[i * stride]);
                break;
        }
    }

    /// <summary>Writes a row of the computing type to n elements, stride elements apart.</summary>
    public static void Store<T>(T* row, DType to, byte* target, nint stride, nint n) where T : unmanaged, INumber<T>
    {
        switch (to.Kind)
        {
            case ElementType.Float32: Store(row, (float*)target, stride, n); break;
            case ElementType.Float64: Store(row, (double*)target, stride, n); break;
            case ElementType.Int64: Store(row, (long*)target, stride, n); break;
            case ElementType.Int32: StoreInteger(row, (int*)target, stride, n); break;
            case ElementType.Int16: StoreInteger(row, (short*)target, stride, n); break;
            case ElementType.Int8: StoreInteger(row, (sbyte*)target, stride, n); break;
            case ElementType.UInt8: StoreInteger(row, target, stride, n); break;
            case ElementType.Bool:
                for (nint i = 0; i < n; i++) target[i * stride] = row[i] != T.Zero ? (byte)1 : (byte)0;
                break;
            case ElementType.Float16:
                for (nint i = typeof(T) == typeof(float) && stride == 1 ? ConvertVectors.ToHalves((float*)row, (Half*)target, n) : 0; i < n; i++)
                    ((Half*)target)[i * stride] = (Half)float.CreateTruncating(row[i]);
                break;
            case ElementType.BFloat16:
                for (nint i = typeof(T) == typeof(float) && stride == 1 ? ConvertVectors.ToBFloat16((float*)row, (BFloat16*)target, n) : 0; i < n; i++)
                    ((BFloat16*)target)[i * stride] = (BFloat16)float.CreateTruncating(row[i]);
                break;
        }
    }

    /// <summary>Reads all elements of a vector, or of what is contiguous, into a row of the computing type.</summary>
    public static void Load<T>(in Operand from, T* row) where T : unmanaged, INumber<T>
    {
        using Pinned<byte> source = from.Pin<byte>();
        fixed (byte* first = source) Load(from.DType, first, StrideOf(from.Layout), row, Check.Count(from.Layout.Count));
    }

    /// <summary>The elements of a vector in the computing type.</summary>
    public static T[] ToArray<T>(in Operand from) where T : unmanaged, INumber<T>
    {
        var array = new T[from.Layout.Count];
        fixed (T* row = array) Load(from, row);
        return array;
    }

    /// <summary>Writes a row of the computing type to all elements of a vector, or a number to a scalar.</summary>
    public static void Store<T>(T* row, in Operand to) where T : unmanaged, INumber<T>
    {
        using Pinned<byte> target = to.Pin<byte>();
        fixed (byte* first = target) Store(row, to.DType, first, StrideOf(to.Layout), Check.Count(to.Layout.Count));
    }

    private static nint StrideOf(Layout vector) => vector.Rank == 0 ? 0 : (nint)vector.Strides[^1];

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Load<S, T>(S* source, nint stride, T* row, nint n) where S : unmanaged, INumber<S> where T : unmanaged, INumber<T>
    {
        for (nint i = 0; i < n; i++) row[i] = T.CreateTruncating(source[i * stride]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Store<T, D>(T* row, D* target, nint stride, nint n) where T : unmanaged, INumber<T> where D : unmanaged, INumber<D>
    {
        for (nint i = 0; i < n; i++) target[i * stride] = D.CreateTruncating(row[i]);
    }

    /// <summary>By way of long, so that what does not fit wraps as in C instead of sticking at the limits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void StoreInteger<T, D>(T* row, D* target, nint stride, nint n) where T : unmanaged, INumber<T> where D : unmanaged, INumber<D>
    {
        for (nint i = 0; i < n; i++) target[i * stride] = D.CreateTruncating(long.CreateTruncating(row[i]));
    }
}

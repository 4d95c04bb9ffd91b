using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Facula.Backends.Cpu;

/// <summary>Copies a strip of an operand into the order in which the micro-kernel reads it.</summary>
internal static unsafe class GemmPacking
{
    /// <summary>
    /// target[p * width + lane] = source[lane * laneStride + p * stepStride] for p below steps; zero in lanes that the source does not have.
    /// A lane is a row of the left operand or a column of the right one.
    /// </summary>
    public static void Pack<T>(T* source, nint laneStride, nint stepStride, int lanes, int steps, T* target, int width) where T : unmanaged, INumber<T>
    {
        if (laneStride == 1) Copy(source, stepStride, lanes, steps, target, width);
        else if (stepStride == 1) Transpose(source, laneStride, lanes, steps, target, width);
        else Gather(source, laneStride, stepStride, lanes, steps, target, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Copy<T>(T* source, nint stepStride, int lanes, int steps, T* target, int width) where T : unmanaged, INumber<T>
    {
        nint vectors = lanes - lanes % Vector128<T>.Count;
        for (int p = 0; p < steps; p++, source += stepStride, target += width)
        {
            nint i = 0;
            for (; i + Vector512<T>.Count <= lanes; i += Vector512<T>.Count) Vector512.Load(source + i).Store(target + i);
            for (; i < vectors; i += Vector128<T>.Count) Vector128.Load(source + i).Store(target + i);
            for (; i < lanes; i++) target[i] = source[i];
            for (; i < width; i++) target[i] = T.Zero;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Transpose<T>(T* source, nint laneStride, int lanes, int steps, T* target, int width) where T : unmanaged, INumber<T>
    {
        // Few lanes at a time, so that they are read as few streams, but only so far that the piece of the panel written stays in the first cache.
        int block = 512 / sizeof(T), square = Vector128<T>.Count;
        for (int p0 = 0; p0 < steps; p0 += block)
        {
            int p1 = Math.Min(p0 + block, steps), lane = 0;
            if (Avx.IsSupported)
                for (; lane + 2 * square <= lanes; lane += 2 * square)
                    TransposeLanes<T, N2>(source + lane * laneStride, laneStride, p0, p1, target + lane, width);
            if (Sse2.IsSupported || AdvSimd.Arm64.IsSupported)
                for (; lane + square <= lanes; lane += square) TransposeLanes<T, N1>(source + lane * laneStride, laneStride, p0, p1, target + lane, width);
            for (; lane < lanes; lane++)
                for (int p = p0; p < p1; p++) target[(nint)p * width + lane] = source[lane * laneStride + p];
            for (; lane < width; lane++)
                for (int p = p0; p < p1; p++) target[(nint)p * width + lane] = T.Zero;
        }
    }

    /// <summary>One or two squares of 128-bit vectors side by side, again and again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void TransposeLanes<T, Squares>(T* source, nint laneStride, int p0, int p1, T* target, int width)
        where T : unmanaged, INumber<T>
        where Squares : unmanaged
    {
        int square = Vector128<T>.Count, p = p0;
        T* s = source + p0, d = target + (nint)p0 * width;
        for (; p + square <= p1; p += square, s += square, d += square * width)
        {
            if (sizeof(Squares) == 1) TransposeSquare(s, laneStride, d, width);
            else TransposeTwoSquares(s, laneStride, d, width);
        }
        for (; p < p1; p++, s++, d += width)
            for (int i = 0; i < square * sizeof(Squares); i++) d[i] = s[i * laneStride];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeTwoSquares<T>(T* s, nint from, T* d, nint to) where T : unmanaged, INumber<T>
    {
        T* t = s + Vector128<T>.Count * from;
        if (sizeof(T) == 4)
        {
            Vector256<float> r0 = LoadPair((float*)s, (float*)t), r1 = LoadPair((float*)(s + from), (float*)(t + from));
            Vector256<float> r2 = LoadPair((float*)(s + 2 * from), (float*)(t + 2 * from)), r3 = LoadPair((float*)(s + 3 * from), (float*)(t + 3 * from));
            Vector256<double> a = Avx.UnpackLow(r0, r1).AsDouble(), b = Avx.UnpackLow(r2, r3).AsDouble();
            Vector256<double> c = Avx.UnpackHigh(r0, r1).AsDouble(), e = Avx.UnpackHigh(r2, r3).AsDouble();
            Avx.UnpackLow(a, b).Store((double*)d);
            Avx.UnpackHigh(a, b).Store((double*)(d + to));
            Avx.UnpackLow(c, e).Store((double*)(d + 2 * to));
            Avx.UnpackHigh(c, e).Store((double*)(d + 3 * to));
        }
        else
        {
            Vector256<double> r0 = LoadPair((double*)s, (double*)t), r1 = LoadPair((double*)(s + from), (double*)(t + from));
            Avx.UnpackLow(r0, r1).Store((double*)d);
            Avx.UnpackHigh(r0, r1).Store((double*)(d + to));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<N> LoadPair<N>(N* low, N* high) where N : unmanaged => Vector256.Create(Vector128.Load(low), Vector128.Load(high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeSquare<T>(T* s, nint from, T* d, nint to) where T : unmanaged, INumber<T>
    {
        if (sizeof(T) == 4)
        {
            Vector128<float> r0 = Vector128.Load((float*)s), r1 = Vector128.Load((float*)(s + from));
            Vector128<float> r2 = Vector128.Load((float*)(s + 2 * from)), r3 = Vector128.Load((float*)(s + 3 * from));
            Vector128<double> a, b, c, e;
            if (Sse2.IsSupported)
            {
                a = Sse.UnpackLow(r0, r1).AsDouble();
                b = Sse.UnpackLow(r2, r3).AsDouble();
                c = Sse.UnpackHigh(r0, r1).AsDouble();
                e = Sse.UnpackHigh(r2, r3).AsDouble();
            }
            else
            {
                a = AdvSimd.Arm64.ZipLow(r0, r1).AsDouble();
                b = AdvSimd.Arm64.ZipLow(r2, r3).AsDouble();
                c = AdvSimd.Arm64.ZipHigh(r0, r1).AsDouble();
                e = AdvSimd.Arm64.ZipHigh(r2, r3).AsDouble();
            }
            StorePair(a, b, (double*)d, (double*)(d + to));
            StorePair(c, e, (double*)(d + 2 * to), (double*)(d + 3 * to));
        }
        else
        {
            StorePair(Vector128.Load((double*)s), Vector128.Load((double*)(s + from)), (double*)d, (double*)(d + to));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair(Vector128<double> a, Vector128<double> b, double* low, double* high)
    {
        (Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b)).Store(low);
        (Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b)).Store(high);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Gather<T>(T* source, nint laneStride, nint stepStride, int lanes, int steps, T* target, int width) where T : unmanaged, INumber<T>
    {
        for (int p = 0; p < steps; p++, source += stepStride, target += width)
        {
            int lane = 0;
            for (; lane < lanes; lane++) target[lane] = source[lane * laneStride];
            for (; lane < width; lane++) target[lane] = T.Zero;
        }
    }
}

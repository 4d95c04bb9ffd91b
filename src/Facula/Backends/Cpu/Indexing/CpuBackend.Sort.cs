using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Sorts each line on its own: elements become unsigned keys whose order is the wanted one, and keys are sorted with their places by
/// radix, which is stable and takes the same time for any input. Where few are wanted, a heap picks them.
/// </summary>
internal sealed partial class CpuBackend
{
    // Up to here insertion costs less than counting 256 digits.
    private const int InsertionLength = 32;

    public override unsafe void Sort(in Operand x, in Operand values, in Operand indices, int dim, bool descending)
    {
        int size = x.Layout.Shape[dim], kept = values.Layout.Shape[dim];
        if (size == 0 || values.Layout.Count == 0) return;
        using Pinned<byte> pinX = x.Pin<byte>(), pinValues = values.Pin<byte>();
        using Pinned<long> pinIndices = indices.Pin<long>();
        fixed (byte* px = pinX, pv = pinValues)
        fixed (long* pi = pinIndices)
        {
            var job = new SortJob
            {
                X = px,
                Values = pv,
                Indices = pi,
                LayoutX = x.Layout,
                LayoutValues = values.Layout,
                LayoutIndices = indices.Layout,
                DType = x.DType,
                Dim = dim,
                Size = size,
                Kept = kept,
                Flip = descending ? ulong.MaxValue : 0,
                Rows = x.Layout.Count / size,
            };
            job.RowsPerPart = Math.Max(1, Workers.Grain / 8 / size);
            Workers.For(Check.Count((job.Rows + job.RowsPerPart - 1) / job.RowsPerPart), job);
        }
    }

    private unsafe struct SortJob : IJob
    {
        public byte* X, Values;
        public long* Indices;
        public Layout LayoutX, LayoutValues, LayoutIndices;
        public DType DType;
        public int Dim, Size, Kept;
        public ulong Flip;
        public long Rows, RowsPerPart;

        public readonly void Run(int part)
        {
            long end = Math.Min(Rows, (part + 1) * RowsPerPart);
            ulong[] keyArray = ArrayPool<ulong>.Shared.Rent(2 * Size);
            int[] orderArray = ArrayPool<int>.Shared.Rent(2 * Size);
            fixed (ulong* keys = keyArray)
            fixed (int* order = orderArray)
            {
                for (long row = part * RowsPerPart; row < end; row++)
                {
                    byte* x = X + Start(LayoutX, row) * DType.Size;
                    nint stride = (nint)LayoutX.Strides[Dim];
                    LoadKeys(x, stride, keys);
                    int* sorted = order;
                    if (Kept < Size / 8) Pick(keys, order);
                    else
                    {
                        for (int i = 0; i < Size; i++) order[i] = i;
                        if (Size <= InsertionLength) Insert(keys, order);
                        else sorted = Radix(keys, order);
                    }
                    long* indices = Indices + Start(LayoutIndices, row);
                    nint step = (nint)LayoutIndices.Strides[Dim];
                    for (int i = 0; i < Kept; i++) indices[i * step] = sorted[i];
                    byte* values = Values + Start(LayoutValues, row) * DType.Size;
                    step = (nint)LayoutValues.Strides[Dim];
                    switch (DType.Size)
                    {
                        case 1: Move(x, stride, values, step, sorted); break;
                        case 2: Move((ushort*)x, stride, (ushort*)values, step, sorted); break;
                        case 4: Move((uint*)x, stride, (uint*)values, step, sorted); break;
                        default: Move((ulong*)x, stride, (ulong*)values, step, sorted); break;
                    }
                }
            }
            ArrayPool<ulong>.Shared.Return(keyArray);
            ArrayPool<int>.Shared.Return(orderArray);
        }

        /// <summary>Where a line starts, in elements from the operand's first.</summary>
        private readonly long Start(Layout layout, long row)
        {
            long offset = 0;
            for (int d = layout.Rank - 1; d >= 0; d--)
            {
                if (d == Dim) continue;
                offset += row % layout.Shape[d] * layout.Strides[d];
                row /= layout.Shape[d];
            }
            return offset;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void LoadKeys(byte* x, nint stride, ulong* keys)
        {
            ulong flip = Flip;
            switch (DType.Kind)
            {
                case ElementType.Float32:
                    for (nint i = 0; i < Size; i++) keys[i] = Key(((float*)x)[i * stride]) ^ flip;
                    break;
                case ElementType.Float64:
                    for (nint i = 0; i < Size; i++) keys[i] = Key(((double*)x)[i * stride]) ^ flip;
                    break;
                case ElementType.Float16:
                    for (nint i = 0; i < Size; i++) keys[i] = Key((float)((Half*)x)[i * stride]) ^ flip;
                    break;
                case ElementType.BFloat16:
                    for (nint i = 0; i < Size; i++) keys[i] = Key(((BFloat16*)x)[i * stride]) ^ flip;
                    break;
                case ElementType.Int64: LoadIntegers((long*)x, stride, keys); break;
                case ElementType.Int32: LoadIntegers((int*)x, stride, keys); break;
                case ElementType.Int16: LoadIntegers((short*)x, stride, keys); break;
                case ElementType.Int8: LoadIntegers((sbyte*)x, stride, keys); break;
                default: LoadIntegers(x, stride, keys); break;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void LoadIntegers<T>(T* x, nint stride, ulong* keys) where T : unmanaged, INumber<T>
        {
            ulong flip = Flip ^ (1UL << 63);
            for (nint i = 0; i < Size; i++) keys[i] = (ulong)long.CreateTruncating(x[i * stride]) ^ flip;
        }

        // The bits of a float ascend with its value once those of negative ones are turned over. NaN goes last, and the zeros are equal.
        private static ulong Key(float value)
        {
            int bits = BitConverter.SingleToInt32Bits(value + 0f);
            return float.IsNaN(value) ? uint.MaxValue : (uint)(bits ^ ((bits >> 31) | int.MinValue));
        }

        private static ulong Key(double value)
        {
            if (double.IsNaN(value)) return ulong.MaxValue;
            long bits = BitConverter.DoubleToInt64Bits(value + 0.0);
            return (ulong)(bits ^ ((bits >> 63) | long.MinValue));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void Insert(ulong* keys, int* order)
        {
            for (int i = 1; i < Size; i++)
            {
                ulong key = keys[i];
                int j = i;
                for (; j > 0 && keys[j - 1] > key; j--) (keys[j], order[j]) = (keys[j - 1], order[j - 1]);
                (keys[j], order[j]) = (key, i);
            }
        }

        /// <summary>By byte, from the lowest; bytes that all keys share are skipped. Gives the array in which the order has ended up.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly int* Radix(ulong* keys, int* order)
        {
            int n = Size;
            ulong* otherKeys = keys + n;
            int* otherOrder = order + n;
            ulong varying = 0;
            for (int i = 1; i < n; i++) varying |= keys[i] ^ keys[0];
            int* places = stackalloc int[256];
            for (int shift = 0; shift < 64; shift += 8)
            {
                if (((varying >> shift) & 0xFF) == 0) continue;
                new Span<int>(places, 256).Clear();
                for (int i = 0; i < n; i++) places[(byte)(keys[i] >> shift)]++;
                int sum = 0;
                for (int digit = 0; digit < 256; digit++) (places[digit], sum) = (sum, sum + places[digit]);
                for (int i = 0; i < n; i++)
                {
                    ulong key = keys[i];
                    int place = places[(byte)(key >> shift)]++;
                    otherKeys[place] = key;
                    otherOrder[place] = order[i];
                }
                ulong* sortedKeys = otherKeys;
                int* sortedOrder = otherOrder;
                otherKeys = keys;
                otherOrder = order;
                keys = sortedKeys;
                order = sortedOrder;
            }
            return order;
        }

        /// <summary>The first few, in order: a heap of the best so far with the worst of them on top.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void Pick(ulong* keys, int* order)
        {
            int kept = Kept;
            ulong* heap = keys + Size;
            for (int i = 0; i < kept; i++) (heap[i], order[i]) = (keys[i], i);
            for (int i = kept / 2 - 1; i >= 0; i--) Sink(heap, order, i, kept);
            ulong worst = heap[0];
            for (int i = kept; i < Size; i++)
            {
                // Of equal ones the earlier stays.
                if (keys[i] >= worst) continue;
                (heap[0], order[0]) = (keys[i], i);
                Sink(heap, order, 0, kept);
                worst = heap[0];
            }
            for (int last = kept - 1; last > 0; last--)
            {
                (heap[0], heap[last]) = (heap[last], heap[0]);
                (order[0], order[last]) = (order[last], order[0]);
                Sink(heap, order, 0, last);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Sink(ulong* heap, int* order, int i, int n)
        {
            ulong key = heap[i];
            int place = order[i];
            while (true)
            {
                int child = 2 * i + 1;
                if (child >= n) break;
                if (child + 1 < n && IsAfter(heap[child + 1], order[child + 1], heap[child], order[child])) child++;
                if (!IsAfter(heap[child], order[child], key, place)) break;
                (heap[i], order[i]) = (heap[child], order[child]);
                i = child;
            }
            (heap[i], order[i]) = (key, place);
        }

        private static bool IsAfter(ulong key, int place, ulong otherKey, int otherPlace) => key > otherKey || (key == otherKey && place > otherPlace);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Move<T>(T* x, nint stride, T* values, nint step, int* sorted) where T : unmanaged
        {
            for (int i = 0; i < Kept; i++) values[i * step] = x[sorted[i] * stride];
        }
    }
}

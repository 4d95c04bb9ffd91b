using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Finds indices out of range before a kernel goes by them, so that nothing is half done. Another thread may change them after that: a kernel reads
/// each one once more, and goes by what <see cref="Within"/> makes of it.
/// </summary>
internal static unsafe class IndexCheck
{
    /// <summary>The index where it is in 0 .. size-1, which it was when it was checked, else 0: a wrong element, but one of the tensor's own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Within(long index, nint size) => (ulong)index < (ulong)size ? (nint)index : 0;

    /// <summary>Throws unless every element of the index is in 0 .. size-1.</summary>
    public static void Run(in Operand index, int size, int dim, [CallerMemberName] string operation = "")
    {
        if (index.Layout.Count == 0) return;
        // Repeated elements need one look.
        Layout layout = index.Layout.WithoutOverlap;
        bool outside = false;
        RowLoop.RunInOrder(new Scan(size, &outside), index.With(layout), index.With(layout));
        if (outside) Report(index, size, dim, operation);
    }

    private static void Report(in Operand index, int size, int dim, string operation)
    {
        Layout layout = index.Layout;
        using Pinned<long> pin = index.Pin<long>();
        fixed (long* first = pin)
        {
            for (long i = 0; i < layout.Count; i++)
            {
                long value = first[layout.OffsetOf(i) - layout.Offset];
                if (value < 0 || value >= size) IndexError.Throw(operation, value, size, dim, i);
            }
        }
    }

    private readonly struct Scan(int size, bool* outside) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Run(byte** at, nint* strides, nint n)
        {
            long* index = (long*)at[1];
            nint stride = strides[1], i = 0;
            ulong largest = 0;
            if (stride == 1)
            {
                // As unsigned numbers, negative ones are beyond every size.
                Vector<ulong> most = default;
                for (; i <= n - Vector<ulong>.Count; i += Vector<ulong>.Count) most = Vector.Max(most, Vector.Load((ulong*)index + i));
                for (int lane = 0; lane < Vector<ulong>.Count; lane++) largest = Math.Max(largest, most[lane]);
            }
            for (; i < n; i++) largest = Math.Max(largest, (ulong)index[i * stride]);
            if (largest >= (ulong)size) *outside = true;
        }
    }
}

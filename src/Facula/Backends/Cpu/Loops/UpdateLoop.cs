using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// An optimizer's step over all parameters as one long run of elements, cut into parts of one size wherever parameters begin. Each element is read
/// and written once.
/// </summary>
internal static unsafe class UpdateLoop
{
    private const int RowLength = 512;
    private const int MaxOperands = 5;

    public static void Run<TUpdate>(TUpdate update, ReadOnlySpan<UpdateTarget> targets) where TUpdate : struct, IUpdate
    {
        long count = 0;
        foreach (ref readonly UpdateTarget target in targets) count += target.Parameter.Layout.Count;
        if (count == 0) return;
        var job = new Job<TUpdate> { Update = update, Targets = targets.ToArray(), Count = count };
        long parts = (count + Workers.Grain - 1) / Workers.Grain;
        Workers.For(Check.Count(parts), job);
    }

    private struct Job<TUpdate> : IJob where TUpdate : struct, IUpdate
    {
        public TUpdate Update;
        public UpdateTarget[] Targets;
        public long Count;

        public readonly void Run(int part)
        {
            long start = (long)part * Workers.Grain, left = Math.Min(Workers.Grain, Count - start);
            for (int i = 0; left > 0; i++)
            {
                long size = Targets[i].Parameter.Layout.Count;
                if (start >= size)
                {
                    start -= size;
                    continue;
                }
                long n = Math.Min(left, size - start);
                Piece(Targets[i], start, n);
                left -= n;
                start = 0;
            }
        }

        private readonly void Piece(in UpdateTarget target, long start, long n)
        {
            int states = Update.States;
            Operand p = target.Parameter, g = target.Gradient, s1 = target.State1 ?? default, s2 = target.State2 ?? default, s3 = target.State3 ?? default;
            using Pinned<byte> pinP = p.Pin<byte>(), pinG = g.Pin<byte>(), pin1 = s1.Pin<byte>(), pin2 = s2.Pin<byte>(), pin3 = s3.Pin<byte>();
            fixed (byte* pp = pinP, pg = pinG, p1 = pin1, p2 = pin2, p3 = pin3)
            {
                byte** at = stackalloc byte*[MaxOperands];
                DType* types = stackalloc DType[MaxOperands];
                at[0] = pp + start * p.DType.Size;
                at[1] = pg + start * g.DType.Size;
                (types[0], types[1], types[2], types[3], types[4]) = (p.DType, g.DType, s1.DType, s2.DType, s3.DType);
                if (states > 0) at[2] = p1 + start * s1.DType.Size;
                if (states > 1) at[3] = p2 + start * s2.DType.Size;
                if (states > 2) at[4] = p3 + start * s3.DType.Size;
                if (p.DType.Compute == DType.Float64) Elements<double>(at, types, (nint)n);
                else Elements<float>(at, types, (nint)n);
            }
        }

        [SkipLocalsInit]
        private readonly void Elements<T>(byte** at, DType* types, nint n) where T : unmanaged, INumber<T>
        {
            int count = Update.States + 2;
            bool contiguous = true;
            for (int i = 0; i < count; i++) contiguous &= types[i] == DType.Of<T>();
            T** rows = stackalloc T*[MaxOperands];
            if (contiguous)
            {
                for (int i = 0; i < count; i++) rows[i] = (T*)at[i];
                Row<T>(rows, n);
                return;
            }
            T* buffers = stackalloc T[MaxOperands * RowLength];
            for (int i = 0; i < count; i++) rows[i] = buffers + i * RowLength;
            for (nint start = 0; start < n; start += RowLength)
            {
                nint length = Math.Min(RowLength, n - start);
                for (int i = 0; i < count; i++) Convert.Load(types[i], at[i] + start * types[i].Size, 1, rows[i], length);
                Row<T>(rows, length);
                for (int i = 0; i < count; i++)
                {
                    if (i != 1) Convert.Store(rows[i], types[i], at[i] + start * types[i].Size, 1, length);
                }
            }
        }

        private readonly void Row<T>(T** rows, nint n) where T : unmanaged, INumber<T>
        {
            var job = new RowJob<TUpdate, T> { Update = Update, Rows = rows, Count = n };
            SimdJob<RowJob<TUpdate, T>, T>.Run(ref job, 0);
        }
    }

    /// <summary>One row of a parameter, its gradient and its states.</summary>
    private struct RowJob<TUpdate, T> : ISimdJob<T> where TUpdate : struct, IUpdate where T : unmanaged, INumber<T>
    {
        public TUpdate Update;
        public T** Rows;
        public nint Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
        {
            TUpdate update = Update;
            T** rows = Rows;
            nint n = Count;
            T* p = rows[0], g = rows[1], s1 = rows[2], s2 = rows[3], s3 = rows[4];
            int states = update.States;
            V parameter, a = V.Zero, b = V.Zero, c = V.Zero;
            nint i = 0;
            for (; i <= n - V.Count; i += V.Count)
            {
                parameter = V.Load(p + i);
                if (states > 0) a = V.Load(s1 + i);
                if (states > 1) b = V.Load(s2 + i);
                if (states > 2) c = V.Load(s3 + i);
                update.Invoke(ref parameter, V.Load(g + i), ref a, ref b, ref c);
                parameter.Store(p + i);
                if (states > 0) a.Store(s1 + i);
                if (states > 1) b.Store(s2 + i);
                if (states > 2) c.Store(s3 + i);
            }
            if (i == n) return;
            nint left = n - i;
            parameter = V.LoadPartial(p + i, left);
            if (states > 0) a = V.LoadPartial(s1 + i, left);
            if (states > 1) b = V.LoadPartial(s2 + i, left);
            if (states > 2) c = V.LoadPartial(s3 + i, left);
            update.Invoke(ref parameter, V.LoadPartial(g + i, left), ref a, ref b, ref c);
            V.StorePartial(parameter, p + i, left);
            if (states > 0) V.StorePartial(a, s1 + i, left);
            if (states > 1) V.StorePartial(b, s2 + i, left);
            if (states > 2) V.StorePartial(c, s3 + i, left);
        }
    }
}

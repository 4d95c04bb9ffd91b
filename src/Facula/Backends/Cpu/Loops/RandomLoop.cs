using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Random numbers, a group of 64 words at a time; which words make which element is <see cref="RandomRule"/>'s.</summary>
internal static unsafe class RandomLoop
{
    /// <summary>y is contiguous.</summary>
    public static void Run(in Operand y, in Distribution distribution, ulong key, ulong counter)
    {
        if (y.Layout.Count == 0) return;
        using Pinned<byte> pin = y.Pin<byte>();
        fixed (byte* to = pin)
        {
            switch ((distribution.Kind == DistributionKind.Integer ? DType.Int64 : y.DType.Compute).Kind)
            {
                case ElementType.Float32: Run<float>(y, to, distribution, key, counter); break;
                case ElementType.Float64: Run<double>(y, to, distribution, key, counter); break;
                default: Run<long>(y, to, distribution, key, counter); break;
            }
        }
    }

    private static void Run<T>(in Operand y, byte* to, in Distribution distribution, ulong key, ulong counter) where T : unmanaged, INumber<T>
    {
        int perGroup = RandomRule.PerGroup(distribution.Kind, y.DType);
        var job = new Job<T>
        {
            Distribution = distribution,
            Y = to,
            Type = y.DType,
            Size = y.DType.Size,
            Count = y.Layout.Count,
            Key = key,
            Counter = counter,
            PerGroup = perGroup,
            GroupsPerPart = Workers.Grain / perGroup,
            Shift = 32 - RandomRule.Bits(y.DType),
            Top = RandomRule.Below(distribution.High, y.DType),
        };
        long parts = (job.Count + Workers.Grain - 1) / Workers.Grain;
        Workers.For(Check.Count(parts), new SimdJob<Job<T>, T>(job));
    }

    private struct Job<T> : ISimdJob<T> where T : unmanaged, INumber<T>
    {
        public Distribution Distribution;
        public byte* Y;
        public DType Type;
        public int Size, PerGroup, GroupsPerPart, Shift;
        public long Count;
        public ulong Key, Counter;
        public double Top;

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
        {
            uint* words = stackalloc uint[Philox.GroupWords];
            T* buffer = stackalloc T[Philox.GroupWords];
            bool contiguous = Type == DType.Of<T>();
            long first = (long)part * GroupsPerPart, end = Math.Min((Count + PerGroup - 1) / PerGroup, first + GroupsPerPart);
            for (long group = first; group < end; group++)
            {
                Philox.Group(Key, Counter + (ulong)(group * Philox.GroupBlocks), words);
                long at = group * PerGroup;
                nint n = (nint)Math.Min(PerGroup, Count - at);
                bool direct = contiguous && n == PerGroup;
                T* target = direct ? (T*)Y + at : buffer;
                switch (Distribution.Kind)
                {
                    case DistributionKind.Uniform: Uniform<V>(words, target); break;
                    case DistributionKind.Normal: Normal<V>(words, target); break;
                    case DistributionKind.Integer: Integers(words, (long*)target); break;
                    default: Bernoulli(words, target); break;
                }
                if (!direct) Convert.Store(buffer, Type, Y + at * Size, 1, n);
            }
        }

        private readonly void Uniform<V>(uint* words, T* y) where V : unmanaged, ISimd<V, T>
        {
            Uniforms(words, y, Shift);
            V low = V.Const(Distribution.Low), range = V.Const(Distribution.High - Distribution.Low), top = V.Const(Top);
            for (int i = 0; i < PerGroup; i += V.Count) V.Min(V.Load(y + i) * range + low, top).Store(y + i);
        }

        private readonly void Normal<V>(uint* words, T* y) where V : unmanaged, ISimd<V, T>
        {
            Uniforms(words, y, 8);
            V mean = V.Const(Distribution.Low), deviation = V.Const(Distribution.High);
            V least = V.Const(typeof(T) == typeof(float) ? 1.0 / (1 << 24) : 1.0 / (1L << 53));
            int half = PerGroup / 2;
            for (int i = 0; i < half; i += V.Count)
            {
                // Box and Muller 1958; the first uniform number is moved from [0, 1) to (0, 1].
                V radius = V.Sqrt(V.Const(-2) * V.Log(V.Load(y + i) + least));
                Turn<V>(V.Load(y + half + i), out V cos, out V sin);
                (mean + deviation * (radius * cos)).Store(y + i);
                (mean + deviation * (radius * sin)).Store(y + half + i);
            }
        }

        /// <summary>Cosine and sine of a part of a full turn.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Turn<V>(V part, out V cos, out V sin) where V : unmanaged, ISimd<V, T>
        {
            V quarter = V.Round(part * V.Const(4));
            // Within an eighth of a turn, where the Taylor series need few terms.
            V t = (part - quarter * V.Const(0.25)) * V.Const(2 * Math.PI), z = t * t;
            V s, c;
            if (typeof(T) == typeof(float))
            {
                s = V.MultiplyAdd(V.MultiplyAdd(V.MultiplyAdd(z, V.Const(1.0 / 362880), V.Const(-1.0 / 5040)), z, V.Const(1.0 / 120)), z, V.Const(-1.0 / 6));
                c = V.MultiplyAdd(V.MultiplyAdd(V.MultiplyAdd(z, V.Const(1.0 / 40320), V.Const(-1.0 / 720)), z, V.Const(1.0 / 24)), z, V.Const(-0.5));
            }
            else
            {
                s = V.Const(1.0 / 355687428096000);
                s = V.MultiplyAdd(s, z, V.Const(-1.0 / 1307674368000));
                s = V.MultiplyAdd(s, z, V.Const(1.0 / 6227020800));
                s = V.MultiplyAdd(s, z, V.Const(-1.0 / 39916800));
                s = V.MultiplyAdd(s, z, V.Const(1.0 / 362880));
                s = V.MultiplyAdd(s, z, V.Const(-1.0 / 5040));
                s = V.MultiplyAdd(s, z, V.Const(1.0 / 120));
                s = V.MultiplyAdd(s, z, V.Const(-1.0 / 6));
                c = V.Const(1.0 / 20922789888000);
                c = V.MultiplyAdd(c, z, V.Const(-1.0 / 87178291200));
                c = V.MultiplyAdd(c, z, V.Const(1.0 / 479001600));
                c = V.MultiplyAdd(c, z, V.Const(-1.0 / 3628800));
                c = V.MultiplyAdd(c, z, V.Const(1.0 / 40320));
                c = V.MultiplyAdd(c, z, V.Const(-1.0 / 720));
                c = V.MultiplyAdd(c, z, V.Const(1.0 / 24));
                c = V.MultiplyAdd(c, z, V.Const(-0.5));
            }
            s = V.MultiplyAdd(s * z, t, t);
            c = V.MultiplyAdd(c, z, V.One);
            V one = V.Equal(quarter, V.One), two = V.Equal(quarter, V.Const(2)), three = V.Equal(quarter, V.Const(3)), odd = V.Or(one, three);
            cos = V.Select(odd, s, c);
            sin = V.Select(odd, c, s);
            cos = V.Select(V.Or(one, two), -cos, cos);
            sin = V.Select(V.Or(two, three), -sin, sin);
        }

        private readonly void Integers(uint* words, long* y)
        {
            ulong range = (ulong)Distribution.HighInteger - (ulong)Distribution.LowInteger;
            for (int i = 0; i < Philox.GroupWords / 2; i++)
                y[i] = Distribution.LowInteger + (long)Math.BigMul(range, words[i] | (ulong)words[i + 32] << 32, out _);
        }

        private readonly void Bernoulli(uint* words, T* y)
        {
            ulong threshold = RandomRule.Threshold(Distribution.Low);
            if (typeof(T) == typeof(float) && Vector512.IsHardwareAccelerated && threshold <= uint.MaxValue)
            {
                Vector512<uint> bound = Vector512.Create((uint)threshold), one = Vector512.Create(1f).AsUInt32();
                for (int i = 0; i < Philox.GroupWords; i += 16) (Vector512.LessThan(Vector512.Load(words + i), bound) & one).AsSingle().Store((float*)y + i);
                return;
            }
            for (int i = 0; i < Philox.GroupWords; i++) y[i] = words[i] < threshold ? T.One : T.Zero;
        }

        /// <summary>Numbers in [0, 1): of 32 - shift bits in float, of 53 in double.</summary>
        private static void Uniforms(uint* words, T* y, int shift)
        {
            if (typeof(T) == typeof(float))
            {
                float scale = 1f / (1 << (32 - shift));
                if (Vector512.IsHardwareAccelerated)
                {
                    for (int i = 0; i < Philox.GroupWords; i += 16)
                        (Vector512.ConvertToSingle((Vector512.Load(words + i) >>> shift).AsInt32()) * scale).Store((float*)y + i);
                }
                else if (Vector256.IsHardwareAccelerated)
                {
                    for (int i = 0; i < Philox.GroupWords; i += 8)
                        (Vector256.ConvertToSingle((Vector256.Load(words + i) >>> shift).AsInt32()) * scale).Store((float*)y + i);
                }
                else
                {
                    for (int i = 0; i < Philox.GroupWords; i++) ((float*)y)[i] = (int)(words[i] >> shift) * scale;
                }
            }
            else
            {
                for (int i = 0; i < Philox.GroupWords / 2; i++)
                    ((double*)y)[i] = (long)((words[i] | (ulong)words[i + 32] << 32) >> 11) * (1.0 / (1L << 53));
            }
        }
    }
}

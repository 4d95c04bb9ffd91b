using Facula.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>What tells one kernel of random numbers from another.</summary>
internal readonly record struct RandomKey(DistributionKind Kind, DType Y);

/// <summary>
/// Random numbers by <see cref="RandomRule"/>: a thread makes the four words of a counter, and of them four elements, or two of two words each. Arguments: where
/// they go, side by side; how many; counters; key and first counter; then what the kind takes.
/// </summary>
internal static class RandomKernel
{
    public const int Threads = 256;

    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    public static CudaKernel Build(RandomKey key, int capability)
    {
        var k = new Assembler($"random_{key.Kind}_{key.Y.PyTorchName}", Threads);
        DType type = key.Y;
        Value y = k.Pointer(type.Size), count = k.Parameter(PtxType.U64), counters = k.Parameter(PtxType.U64);
        Value seed = k.Parameter(PtxType.U64), start = k.Parameter(PtxType.U64);
        bool inDouble = key.Kind == DistributionKind.Normal || type == DType.Float64;
        PtxType numbers = key.Kind is DistributionKind.Integer or DistributionKind.Bernoulli ? PtxType.S64 : inDouble ? PtxType.F64 : PtxType.F32;
        Value low = k.Parameter(numbers), high = k.Parameter(numbers), top = k.Parameter(numbers);

        Value thread = ElementKernel.ThreadIndex(k, PtxType.U64);
        k.If(thread < counters, () =>
        {
            Value[] words = Words(k, start + thread, seed);
            bool isWide = RandomRule.IsWide(key.Kind, type);
            // Word j of counter i of a group is number 16 j + i.
            Value group = thread / Philox.GroupBlocks, i = thread & Philox.GroupBlocks - 1, first = group * RandomRule.PerGroup(key.Kind, type) + i;
            Value[] longs = isWide ? [Long(words[0], words[2]), Long(words[1], words[3])] : [];
            switch (key.Kind)
            {
                case DistributionKind.Normal when isWide:
                    Normal(k.Convert(PtxType.F64, (longs[0] >> 11) + 1), k.Convert(PtxType.F64, longs[1] >> 11), Math.ScaleB(1, -53), 0, 1);
                    break;
                case DistributionKind.Normal:
                    for (int pair = 0; pair < 2; pair++)
                    {
                        Value radius = k.Convert(PtxType.F64, (words[pair] >> 8) + 1), turn = k.Convert(PtxType.F64, words[pair + 2] >> 8);
                        Normal(radius, turn, Math.ScaleB(1, -24), pair, pair + 2);
                    }
                    break;
                case DistributionKind.Uniform when isWide:
                    for (int n = 0; n < 2; n++) Store(n, Uniform(k.Convert(PtxType.F64, longs[n] >> 11) * Math.ScaleB(1, -53)));
                    break;
                case DistributionKind.Uniform:
                    int bits = RandomRule.Bits(type);
                    for (int n = 0; n < 4; n++) Store(n, Uniform(k.Convert(PtxType.F32, words[n] >> 32 - bits) * Math.ScaleB(1, -bits)));
                    break;
                case DistributionKind.Integer:
                    for (int n = 0; n < 2; n++) Store(n, low + k.MultiplyHigh(longs[n], high.As(PtxType.U64)).As(PtxType.S64));
                    break;
                default:
                    for (int n = 0; n < 4; n++) Store(n, k.Select(PtxType.S64, k.Convert(PtxType.S64, words[n]) < high, 1, 0));
                    break;
            }

            Value Uniform(Value unit) => k.Min(unit * high + low, top);

            // Box and Muller.
            void Normal(Value radius, Value turn, double scale, int cosine, int sine)
            {
                Value length = k.Sqrt(Functions.Log(k, radius * scale) * -2.0), angle = turn * (scale * 2 * Math.PI);
                Store(cosine, low + high * (length * Functions.Cos(k, angle)));
                Store(sine, low + high * (length * Functions.Sin(k, angle)));
            }

            void Store(int n, Value value)
            {
                Value at = first + n * Philox.GroupBlocks;
                k.If(at < count, () => k.StoreGlobal(Elements.Stored(type), k.MultiplyAdd(at, type.Size, y), [Elements.Store(k, value, type)]));
            }
        });
        return k.Build();

        Value Long(Value lower, Value upper) => k.Join(PtxType.U64, lower, upper);
    }

    /// <summary>The four words of a counter. See <see cref="Philox"/>.</summary>
    private static Value[] Words(Assembler k, Value counter, Value seed)
    {
        (Value c0, Value c1) = k.Split(PtxType.U32, counter);
        (Value k0, Value k1) = k.Split(PtxType.U32, seed);
        Value c2 = k.Variable(PtxType.U32, 0), c3 = k.Variable(PtxType.U32, 0);
        for (int round = 0; round < Rounds; round++)
        {
            (Value low0, Value high0) = k.Split(PtxType.U32, k.MultiplyWide(c0, Multiplier0));
            (Value low1, Value high1) = k.Split(PtxType.U32, k.MultiplyWide(c2, Multiplier1));
            (c0, c1, c2, c3) = (high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0);
            (k0, k1) = (k0 + Weyl0, k1 + Weyl1);
        }
        return [c0, c1, c2, c3];
    }
}

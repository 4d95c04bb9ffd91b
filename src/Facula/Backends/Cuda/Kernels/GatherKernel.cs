using System.Globalization;

namespace Facula.Backends.Cuda;

/// <summary>What tells one kernel that gathers from another: elements as they are reached: the result, what is gathered, the indices, their positions.</summary>
internal readonly record struct GatherKey(ElementKey Elements);

/// <summary>
/// y = x at indices along a dimension, whose stride in x comes apart from the others'. Arguments: y, x, the index; threads; what <see cref="ElementWalk"/> takes;
/// the size and the stride of the dimension in x; <see cref="IndexErrors"/>.
/// </summary>
internal static class GatherKernel
{
    public const int Threads = 256;

    public static CudaKernel Build(GatherKey gather, int capability)
    {
        ElementKey key = gather.Elements;
        int lanes = key.Lanes;
        DType type = key.Y.Type;
        var k = new Assembler(string.Create(CultureInfo.InvariantCulture,
            $"gather_{type.PyTorchName}_{key.A.Access}_{key.B.Access}_{key.C.Access}_r{key.Rank}x{lanes}{(key.IsWide ? "w" : "")}_{key.Y.Access}"), Threads);
        PtxType index = key.IsWide ? PtxType.U64 : PtxType.U32, stored = Elements.Stored(type);
        Value y = k.Pointer(type.Size * lanes), x = k.Pointer(type.Size * lanes), indices = k.Pointer(sizeof(long));
        Value work = k.Parameter(index);
        var walk = new ElementWalk(k, index, key);
        Value size = k.Parameter(PtxType.S64), stride = k.Parameter(PtxType.S64);
        var errors = new IndexErrors(k);
        Value thread = ElementKernel.ThreadIndex(k, index);
        k.If(thread < work, () =>
        {
            Value[] places = walk.Places(thread);
            Value at = k.LoadGlobal(PtxType.S64, walk.Address(2, places[2], indices))[0];
            Value[] results = [.. Enumerable.Range(0, lanes).Select(_ => k.Variable(stored, stored.IsFloat() ? (Value)0.0 : 0))];
            // As unsigned numbers, negative ones are beyond every size.
            k.If(at.As(PtxType.U64) < size.As(PtxType.U64), () =>
            {
                Value from = walk.Address(1, places[1], x).As(PtxType.S64) + at * stride * (type.Size * lanes);
                Value[] loaded = key.A.Access == Access.Splat && lanes > 1 ? [.. Enumerable.Repeat(k.LoadGlobal(stored, from)[0], lanes)]
                    : Elements.LoadMany(k, stored, from, lanes);
                for (int lane = 0; lane < lanes; lane++) k.Set(results[lane], loaded[lane]);
            }, () => errors.Leave(at, size, walk.PlaceValue(3, places[3], 0)));
            Elements.StoreMany(k, stored, walk.Address(0, places[0], y), results);
        });
        return k.Build();
    }
}

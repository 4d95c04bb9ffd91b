namespace Facula.Backends.Cuda;

/// <summary>Dimensions of space, the type of sums, and those of the gradients of a weight and, where there is one, of a bias.</summary>
internal readonly record struct ConvolutionSumKey(int Rank, DType Compute, DType Weight, DType? Bias)
{
    public string Name => $"convolution_parts{Rank}d_{Compute.PyTorchName}_{Weight.PyTorchName}_{Bias?.PyTorchName ?? "none"}";
}

/// <summary>
/// Adds the sums over parts of the depth in their order, and writes them as the gradients of a weight and a bias. Arguments: the sums, dense; how many parts, and the
/// elements of one; its columns, and those of them that are of the weight; the weight, the sizes of its kernel and the channels as a
/// <see cref="CoordinateWalk"/> takes them, its strides, those of kernel and channels last; the bias and its stride.
/// </summary>
internal static class ConvolutionSumKernel
{
    public const int Threads = 256;

    public static CudaKernel Build(ConvolutionSumKey key, int capability)
    {
        var k = new Assembler(key.Name, Threads);
        PtxType type = FormulaPrinter.TypeOf(key.Compute);
        Value sums = k.Pointer(type.Size()), parts = k.Parameter(PtxType.U32), count = k.Parameter(PtxType.U32);
        Value columns = k.Parameter(PtxType.U32), ofWeight = k.Parameter(PtxType.U32), weight = k.Pointer(key.Weight.Size);
        var walk = new CoordinateWalk(k, PtxType.U32, key.Rank + 1);
        Value rowStride = k.Parameter(PtxType.S64);
        Value[] strides = [.. Enumerable.Range(0, walk.Rank).Select(_ => k.Parameter(PtxType.S64))];
        Value bias = key.Bias is { } given ? k.Pointer(given.Size) : default, biasStride = key.Bias is null ? default : k.Parameter(PtxType.S64);
        Value element = ElementKernel.ThreadIndex(k, PtxType.U32);
        k.If(element < count, () =>
        {
            Value sum = PartSumKernel.Sum(k, type, sums, element, parts, count);
            Value row = element / columns, column = element - row * columns, wideRow = k.Convert(PtxType.S64, row);
            k.If(column < ofWeight, () =>
            {
                Value[] coordinates = walk.Coordinates(column);
                Value place = wideRow * rowStride;
                for (int d = 0; d < strides.Length; d++) place = k.MultiplyAdd(k.Convert(PtxType.S64, coordinates[d]), strides[d], place);
                Write(weight, place, key.Weight, sum);
            });
            if (key.Bias is { } ofBias) k.If(k.Equal(column, ofWeight), () => Write(bias, wideRow * biasStride, ofBias, sum));
        });
        return k.Build();

        void Write(Value pointer, Value place, DType to, Value sum) => k.StoreGlobal(Elements.Stored(to),
            k.MultiplyAdd(place, to.Size, pointer.As(PtxType.S64)).As(PtxType.U64), [Elements.Store(k, sum, to)]);
    }
}

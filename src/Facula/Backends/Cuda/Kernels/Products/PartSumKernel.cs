namespace Facula.Backends.Cuda;

/// <summary>The type of sums, and what becomes of them.</summary>
internal readonly record struct PartSumKey(DType Compute, ProductResult Result);

/// <summary>
/// Adds the sums over parts of the depth in their order, and writes the result. Arguments: the sums, dense; how many parts, and the elements of one; M, N; what
/// <see cref="ResultWriter"/> takes.
/// </summary>
internal static class PartSumKernel
{
    public const int Threads = 256;

    public static CudaKernel Build(PartSumKey key, int capability)
    {
        var k = new Assembler($"product_parts_{key.Compute.PyTorchName}_{key.Result.Name}".ToLowerInvariant(), Threads);
        PtxType type = FormulaPrinter.TypeOf(key.Compute);
        Value sums = k.Pointer(type.Size()), parts = k.Parameter(PtxType.U32), count = k.Parameter(PtxType.U32);
        Value sizeM = k.Parameter(PtxType.U32), sizeN = k.Parameter(PtxType.U32);
        var writer = new ResultWriter(k, key.Result, key.Compute);
        Value element = ElementKernel.ThreadIndex(k, PtxType.U32);
        k.If(element < count, () =>
        {
            Value sum = Sum(k, type, sums, element, parts, count);
            Value row = element / sizeN, batch = row / sizeM;
            writer.Write((batch, row - batch * sizeM, element - row * sizeN), null, [0], [0], (sizeM, sizeN), (_, _) => sum);
        });
        return k.Build();
    }

    /// <summary>The sum of an element of all parts, in their order.</summary>
    public static Value Sum(Assembler k, PtxType type, Value sums, Value element, Value parts, Value count)
    {
        Value address = k.Variable(PtxType.U64, k.MultiplyAddWide(element, type.Size(), sums));
        Value step = k.MultiplyWide(count, type.Size());
        Value sum = k.Variable(type, k.LoadGlobal(type, address)[0]);
        k.For(PtxType.U32, 1, parts, 1, _ =>
        {
            k.Set(address, address + step);
            k.Set(sum, sum + k.LoadGlobal(type, address)[0]);
        });
        return sum;
    }
}

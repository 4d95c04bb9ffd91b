namespace Facula.Backends.Cuda;

/// <summary>How a block computes its part of a product.</summary>
internal enum ProductMethod : byte
{
    /// <summary>Multiply-adds of single numbers, in float32, float64 or int64.</summary>
    Scalar,
    /// <summary>Tensor cores, of the 16-bit types with sums in float32.</summary>
    Half,
    /// <summary>Tensor cores, of float32 rounded to 10 bits of fraction with sums in float32.</summary>
    Tf32,
}

/// <summary>What tells one kernel of products from another.</summary>
/// <param name="Method">How it is computed.</param>
/// <param name="Compute">The type of the sums.</param>
/// <param name="Tile">The part of the result that a block computes.</param>
/// <param name="A">How the left operand lies.</param>
/// <param name="B">How the right operand lies.</param>
/// <param name="Result">What becomes of the sums.</param>
internal readonly record struct ProductKey(
    ProductMethod Method, DType Compute, ProductTile Tile, ProductSource A, ProductSource B, ProductResult Result)
{
    /// <summary>What is multiplied: the type in shared memory.</summary>
    public DType Element => Method == ProductMethod.Scalar ? Compute : A.Type;

    public string Name => $"product_{Method}_{Compute.PyTorchName}_{Tile.Name}_{A.Name}_{B.Name}_{Result.Name}".ToLowerInvariant();
}

/// <summary>How an operand lies in memory, M or N, the outer dimension, and K, the depth, being its dimensions.</summary>
/// <param name="Type">Of its elements.</param>
/// <param name="AlongDepth">Whether shared memory has them in rows of depth, as they should lie in memory; else in rows of the outer dimension.</param>
/// <param name="Chunk">Elements that are moved at once; more than one lie side by side.</param>
/// <param name="IsAsync">Whether they go to shared memory by themselves.</param>
internal readonly record struct ProductSource(DType Type, bool AlongDepth, int Chunk, bool IsAsync)
{
    public string Name => $"{Type.PyTorchName}{(AlongDepth ? "k" : "o")}{Chunk}{(IsAsync ? "a" : "")}";
}

/// <summary>Warps of a block down and across, rows and columns of a warp, depth of a slice, and slices that are under way at once.</summary>
internal readonly record struct ProductTile(int WarpsM, int WarpsN, int WarpM, int WarpN, int Depth, int Stages)
{
    public int M => WarpsM * WarpM;

    public int N => WarpsN * WarpN;

    public int Threads => WarpsM * WarpsN * 32;

    public string Name => $"{M}x{N}x{Depth}w{WarpsM}x{WarpsN}s{Stages}";
}

/// <summary>What becomes of the sums: activation(alpha sum + beta y + bias + residual).</summary>
/// <param name="Type">Of the result and the residual.</param>
/// <param name="Lanes">How many columns are written at once; 1 where rows have gaps.</param>
/// <param name="AddsOld">Whether beta is not 0.</param>
/// <param name="Bias">Its type, if there is one.</param>
/// <param name="AddsResidual">Whether there is one.</param>
/// <param name="IsRelu">Whether that is the activation.</param>
internal readonly record struct ProductResult(DType Type, int Lanes, bool AddsOld = false, DType? Bias = null, bool AddsResidual = false, bool IsRelu = false)
{
    public string Name =>
        $"{Type.PyTorchName}x{Lanes}{(AddsOld ? "_old" : "")}{(Bias is { } bias ? $"_bias{bias.PyTorchName}" : "")}{(AddsResidual
            ? "_res" : "")}{(IsRelu ? "_relu" : "")}";
}

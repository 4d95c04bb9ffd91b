namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    private readonly KernelCache<ProductKey> _products = new(ProductKernel.Build);
    private readonly KernelCache<VectorKey> _vectorProducts = new(VectorKernel.Build);
    private readonly KernelCache<PartSumKey> _partSums = new(PartSumKernel.Build);

    /// <summary>Whether products of float32 may round their operands to 10 bits of fraction, which tensor cores multiply several times as fast.</summary>
    public bool AllowTf32 { get => field || CudaDevice.AllowsTf32; set; }

    public override void MatMul(in Operand a, in Operand b, in Operand y, double alpha, double beta, in Epilogue epilogue)
    {
        if (y.Layout.Count == 0) return;
        var plan = new ProductPlan(a, b, y, Capability, AllowTf32);
        (ProductTile? tile, int parts) = plan.Choose(MultiprocessorCount);
        Multiply(plan, tile, parts, a, b, y, alpha, beta, epilogue);
    }

    /// <summary>A product by such a tile, or none for one with a vector, with the depth shared among so many blocks.</summary>
    public void Multiply(ProductPlan plan, ProductTile? tile, int parts, in Operand a, in Operand b, in Operand y, double alpha, double beta,
        in Epilogue epilogue)
    {
        if (epilogue.Residual is not null && !y.DType.IsFloatingPoint)
        {
            // A sum that wraps does so before anything is added.
            Multiply(plan, tile, parts, a, b, y, alpha, beta, new Epilogue(epilogue.Bias));
            Finish(y, epilogue);
            return;
        }
        Operand? bias = epilogue.Bias is { } given ? given.With(given.Layout.Expand([plan.N])!) : null;
        var output = new ProductOutput(y, plan.YStrides, alpha, beta)
        {
            Bias = bias,
            BiasStride = bias?.Layout.Strides[0] ?? 0,
            Residual = epilogue.Residual,
            ResidualStrides = epilogue.Residual is { } added ? ProductPlan.StridesOf(added.Layout) : default,
        };
        var result = new ProductResult(y.DType, 1, beta != 0, bias?.DType, epilogue.Residual is not null, epilogue.Activation == ActivationKind.Relu);
        if (parts == 1)
        {
            result = result with { Lanes = ProductPlan.LanesOf(y, plan.YStrides, plan.N, LanesOfResult(plan, tile, y.DType)) };
            Multiply(plan, tile, 1, a, b, result, output);
            return;
        }
        DType compute = plan.Compute;
        using Scratch sums = new(this, [parts, plan.Batch, plan.M, plan.N], compute, "matMul");
        var strides = new MatrixStrides((long)plan.M * plan.N, plan.N, 1);
        var partial = new ProductResult(compute, ProductPlan.LanesOf(sums.Operand, strides, plan.N, LanesOfResult(plan, tile, compute)));
        Multiply(plan, tile, parts, a, b, partial, new(sums.Operand, strides, 1, 0));

        AddParts(sums.Operand, parts, plan.Batch, plan.M, plan.N, compute, result, output, "matMul");
    }

    /// <summary>The sums over parts of the depth become the result.</summary>
    private void AddParts(in Operand sums, int parts, int batch, int m, int n, DType compute, in ProductResult result, in ProductOutput output,
        string operation)
    {
        int count = checked(batch * m * n);
        using CudaLaunch launch = Start(_partSums, new PartSumKey(compute, result), operation);
        launch.Add(sums);
        launch.Add((uint)parts);
        launch.Add((uint)count);
        launch.Add((uint)m);
        launch.Add((uint)n);
        ResultWriter.Add(launch, result, compute, output);
        launch.Run(BlocksOf(count, PartSumKernel.Threads));
    }

    private void Multiply(ProductPlan plan, ProductTile? tile, int parts, in Operand a, in Operand b, in ProductResult result, in ProductOutput output)
    {
        if (tile is { } given) MultiplyTiles(plan, given, parts, a, b, result, output);
        else if (plan.N == 1) MultiplyVector(plan, plan.MatrixTimesVector(a, b), parts, a, b, result, output);
        else MultiplyVector(plan, plan.VectorTimesMatrix(a, b), parts, b, a, result, output);
    }

    private void MultiplyTiles(ProductPlan plan, ProductTile tile, int parts, in Operand a, in Operand b, in ProductResult result, in ProductOutput output)
    {
        using CudaLaunch launch = Start(_products, plan.Key(tile, result), "matMul");
        launch.Add((uint)plan.M);
        launch.Add((uint)plan.N);
        launch.Add((uint)plan.K);
        launch.Add((uint)ProductPlan.DepthOfPart(plan.K, tile.Depth, parts));
        AddSource(launch, a, plan.A, plan.AStrides.Batch, plan.AStrides.Row, plan.AStrides.Column);
        AddSource(launch, b, plan.B, plan.BStrides.Batch, plan.BStrides.Column, plan.BStrides.Row);
        launch.Add(plan.Elements / result.Lanes);
        ResultWriter.Add(launch, result, plan.Compute, output);
        launch.Run(BlocksOf(ProductChoice.Blocks(tile, plan.Batch, plan.M, plan.N), 1), parts);
    }

    private void MultiplyVector(ProductPlan plan, in VectorProduct product, int parts, in Operand matrix, in Operand vector, in ProductResult result,
        in ProductOutput output)
    {
        var key = new VectorKey(plan.Compute, product.Matrix, vector.DType, product.VectorChunk, plan.N == 1, result);
        using CudaLaunch launch = Start(_vectorProducts, key, "matMul");
        launch.Add((uint)product.Rows);
        launch.Add((uint)plan.K);
        launch.Add((uint)ProductPlan.DepthOfPart(plan.K, VectorKernel.DepthOf(product.Matrix), parts));
        AddSource(launch, matrix, product.Matrix, product.MatrixBatch, product.MatrixOuter, product.MatrixDepth);
        launch.Add(vector);
        launch.Add(product.VectorBatch / product.VectorChunk);
        launch.Add(product.VectorChunk > 1 ? 1 : product.VectorDepth);
        launch.Add(plan.Elements);
        ResultWriter.Add(launch, result, plan.Compute, output);
        launch.Run(BlocksOf(ProductChoice.Blocks(product, plan.Batch), 1), parts);
    }

    private static void AddSource(in CudaLaunch launch, in Operand operand, ProductSource source, long batch, long outer, long depth)
    {
        launch.Add(operand);
        launch.Add(batch / source.Chunk);
        launch.Add(outer / source.Chunk);
        launch.Add(depth / source.Chunk);
    }

    // Tensor cores leave two neighbouring columns with a lane. A thread of the others has as many as it reads of B at once, where those are neighbours.
    private static int LanesOfResult(ProductPlan plan, ProductTile? tile, DType type) => tile is null ? 1 : plan.Method != ProductMethod.Scalar ? 2
        : plan.B.AlongDepth ? 1 : Math.Min(16 / plan.Compute.Size, 16 / type.Size);
}

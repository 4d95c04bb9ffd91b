using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    private readonly KernelCache<ConvolutionKey> _convolutions = new(ConvolutionKernel.Build);
    private readonly KernelCache<ConvolutionSumKey> _convolutionSums = new(ConvolutionSumKernel.Build);

    /// <summary>Convolutions read and write the channels of a place together.</summary>
    public override Layout ResultLayout(int[] shape, [CallerMemberName] string operation = "") =>
        shape.Length > 2 ? Layout.ChannelsLast(shape, operation) : base.ResultLayout(shape, operation);

    public override void Convolution(in Operand x, in Operand w, in Operand y, Window window, int groups, in Epilogue epilogue)
    {
        if (y.Layout.Count == 0) return;
        if (epilogue.Residual is { } residual && ConvolutionPlan.RowsOf(residual.Layout) is null)
        {
            using Scratch added = ChannelsLast(residual);
            Copy(residual, added.Operand);
            Convolve(ConvolutionPass.Forward, x, w, y, window, groups, epilogue with { Residual = added.Operand });
        }
        else Convolve(ConvolutionPass.Forward, x, w, y, window, groups, epilogue);
    }

    public override void ConvolutionInputGrad(in Operand g, in Operand w, in Operand x, Window window, int groups)
    {
        if (x.Layout.Count > 0) Convolve(ConvolutionPass.InputGrad, g, w, x, window, groups, default);
    }

    public override void ConvolutionWeightGrad(in Operand g, in Operand x, in Operand w, in Operand? bias, Window window, int groups)
    {
        if (w.Layout.Shape[0] == 0 || (w.Layout.Count == 0 && bias is null)) return;
        var plan = new ConvolutionPlan(ConvolutionPass.WeightGrad, x, g, x.Layout.Shape, w.Layout.Shape, g.Layout.Shape, window, groups, MethodOf(x.DType),
            HasCopies, bias is not null);
        (ProductTile tile, int parts) = plan.Choose(MultiprocessorCount);
        int rows = w.Layout.Shape[0], count = Check.Product("Convolution", "the number of elements of the weight", rows, plan.N);
        using var sums = new Scratch(this, [parts, rows, plan.N], plan.Compute);
        var strides = new MatrixStrides((long)plan.M * plan.N, plan.N, 1);
        var result = new ProductResult(plan.Compute, ProductPlan.LanesOf(sums.Operand, strides, plan.N, plan.MostLanes(plan.Compute)));
        Convolve(plan, tile, parts, result, new(sums.Operand, strides, 1, 0), count, bias is null ? default : Ones(x.DType));

        using CudaLaunch launch = Start(_convolutionSums, new ConvolutionSumKey(plan.Rank, plan.Compute, w.DType, bias?.DType), "convolutionWeightGrad");
        launch.Add(sums.Operand);
        launch.Add((uint)parts);
        launch.Add((uint)count);
        launch.Add((uint)plan.N);
        launch.Add((uint)(w.Layout.Count / rows));
        launch.Add(w);
        for (int d = 3; d < w.Layout.Rank; d++) CoordinateWalk.AddSize(in launch, w.Layout.Shape[d], false);
        CoordinateWalk.AddSize(in launch, w.Layout.Shape[1], false);
        launch.Add(w.Layout.Strides[0]);
        foreach (long stride in w.Layout.Strides.AsSpan(2)) launch.Add(stride);
        launch.Add(w.Layout.Strides[1]);
        if (bias is { } added)
        {
            launch.Add(added);
            launch.Add(added.Layout.Strides[0]);
        }
        launch.Run(BlocksOf(count, ConvolutionSumKernel.Threads));
    }

    private bool HasCopies => Capability >= 80;

    private ProductMethod MethodOf(DType type) => !HasCopies ? ProductMethod.Scalar
        : type == DType.Float16 || type == DType.BFloat16 ? ProductMethod.Half
        : type == DType.Float32 && AllowTf32 ? ProductMethod.Tf32 : ProductMethod.Scalar;

    /// <summary>The product of a convolution, or its input's gradient, whose rows are places of the result.</summary>
    private void Convolve(ConvolutionPass pass, in Operand moving, in Operand w, in Operand y, Window window, int groups, in Epilogue epilogue)
    {
        if (ConvolutionPlan.RowsOf(y.Layout) is not { } strides)
        {
            using Scratch made = ChannelsLast(y);
            Convolve(pass, moving, w, made.Operand, window, groups, epilogue);
            Copy(made.Operand, y);
            return;
        }
        ProductMethod method = MethodOf(y.DType);
        // Tensor cores are fed by copies of several channels at once, which have to lie together.
        bool isApart = method != ProductMethod.Scalar && w.Layout.Rank > 2 && w.Layout.Strides[1] != 1 && w.Layout.Shape[1] * w.DType.Size % 4 == 0;
        if (isApart && w.Layout.Shape[1] > 1)
        {
            using Scratch together = ChannelsLast(w);
            Copy(w, together.Operand);
            Convolve(pass, moving, together.Operand, y, strides, window, groups, method, epilogue);
        }
        else Convolve(pass, moving, w, y, strides, window, groups, method, epilogue);
    }

    private void Convolve(ConvolutionPass pass, in Operand moving, in Operand w, in Operand y, MatrixStrides strides, Window window, int groups,
        ProductMethod method, in Epilogue epilogue)
    {
        bool isForward = pass == ConvolutionPass.Forward;
        int[] input = isForward ? moving.Layout.Shape : y.Layout.Shape, output = isForward ? y.Layout.Shape : moving.Layout.Shape;
        var plan = new ConvolutionPlan(pass, moving, w, input, w.Layout.Shape, output, window, groups, method, HasCopies);
        (ProductTile tile, int parts) = plan.Choose(MultiprocessorCount);
        var target = new ProductOutput(y, strides, 1, 0)
        {
            Bias = epilogue.Bias,
            BiasStride = epilogue.Bias?.Layout.Strides[0] ?? 0,
            Residual = epilogue.Residual,
            ResidualStrides = epilogue.Residual is { } residual ? ConvolutionPlan.RowsOf(residual.Layout)!.Value : default,
        };
        var result = new ProductResult(y.DType, 1, false, epilogue.Bias?.DType, epilogue.Residual is not null, epilogue.Activation == ActivationKind.Relu);
        if (parts == 1)
        {
            result = result with { Lanes = ProductPlan.LanesOf(y, strides, plan.N, plan.MostLanes(y.DType)) };
            Convolve(plan, tile, 1, result, target, 0, default);
            return;
        }
        int columns = plan.N * groups, count = Check.Product("Convolution", "the number of elements of the result", plan.M, columns);
        using var sums = new Scratch(this, [parts, plan.M, columns], plan.Compute);
        var dense = new MatrixStrides(0, columns, 1);
        var partial = new ProductResult(plan.Compute, ProductPlan.LanesOf(sums.Operand, dense, plan.N, plan.MostLanes(plan.Compute)));
        Convolve(plan, tile, parts, partial, new(sums.Operand, dense, 1, 0), count, default);
        AddParts(sums.Operand, parts, 1, plan.M, columns, plan.Compute, result, target, Named(pass));
    }

    private void Convolve(ConvolutionPlan plan, ProductTile tile, int parts, in ProductResult result, in ProductOutput output, long partElements, Operand ones)
    {
        ConvolutionKey key = plan.Key(tile, result);
        using CudaLaunch launch = Start(_convolutions, key, Named(key.Pass));
        launch.Add((uint)plan.M);
        launch.Add((uint)plan.N);
        launch.Add((uint)plan.K);
        launch.Add((uint)ProductPlan.DepthOfPart(plan.K, tile.Depth, parts));
        plan.A.Add(launch, ones);
        plan.B.Add(launch, ones);
        launch.Add(partElements / result.Lanes);
        ResultWriter.Add(launch, result, plan.Compute, output);
        launch.Run(BlocksOf(ProductChoice.Blocks(tile, plan.Groups, plan.M, plan.N), 1), parts);
    }

    private static string Named(ConvolutionPass pass) => pass switch
    {
        ConvolutionPass.Forward => "convolution",
        ConvolutionPass.InputGrad => "convolutionInputGrad",
        _ => "convolutionWeightGrad",
    };

    private Scratch ChannelsLast(in Operand like) => new(this, Layout.ChannelsLast(like.Layout.Shape), like.DType);

    /// <summary>A one, and zeros behind it, as many as are read with it.</summary>
    private Operand Ones(DType type) => Table((type, "one"), static key =>
    {
        DType type = key.type;
        var bytes = new byte[16];
        if (type == DType.Float64) MemoryMarshal.Write(bytes, 1.0);
        else if (type == DType.Float32) MemoryMarshal.Write(bytes, 1f);
        else if (type == DType.Float16) MemoryMarshal.Write(bytes, (Half)1);
        else MemoryMarshal.Write(bytes, (ushort)(BitConverter.SingleToUInt32Bits(1) >> 16));
        return bytes;
    });
}

using System.Numerics;
using System.Runtime.Intrinsics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void Convolution(in Operand x, in Operand w, in Operand y, Window window, int groups, in Epilogue epilogue)
    {
        (Operand? bias, bool rectify) = (epilogue.Bias, epilogue.FirstActivation == ActivationKind.Relu);
        // The result is back in its place before the epilogue is finished.
        using (Working input = Working.ChannelsLast(this, x), weight = Working.Plain(this, w), result = Working.ChannelsLastResult(this, y))
        {
            using Working added = bias is { } b ? Working.Plain(this, b) : default;
            Run(new ForwardPass { Weight = weight.Operand, HasBias = bias is not null, Rectify = rectify }, result.Operand, input.Operand, weight.Operand,
                bias is null ? weight.Operand : added.Operand, new(x.Layout.Shape, y.Layout.Shape, window, groups));
        }
        Finish(y, epilogue);
    }

    public override unsafe void ConvolutionInputGrad(in Operand g, in Operand w, in Operand x, Window window, int groups)
    {
        using Working gradient = Working.ChannelsLast(this, g), weight = Working.Plain(this, w), result = Working.ChannelsLastResult(this, x);
        Run(new InputGradPass { Weight = weight.Operand, Window = window }, result.Operand, gradient.Operand, weight.Operand, weight.Operand, new(x.Layout.Shape, g.Layout.Shape, window, groups));
    }

    public override unsafe void ConvolutionWeightGrad(in Operand g, in Operand x, in Operand w, in Operand? bias, Window window, int groups)
    {
        using Working gradient = Working.ChannelsLast(this, g), input = Working.ChannelsLast(this, x), result = Working.PlainResult(this, w);
        using Working ofBias = bias is { } b ? Working.PlainResult(this, b) : default;
        Run(new WeightGradPass { HasBias = bias is not null }, result.Operand, gradient.Operand, input.Operand, bias is null ? input.Operand : ofBias.Operand, new(x.Layout.Shape, g.Layout.Shape, window, groups));
    }

    /// <summary>One of the three products of a convolution: y from a, b and perhaps c.</summary>
    private unsafe interface IConvolutionPass
    {
        void Run<L, V, T>(in ConvolutionShape shape, T* y, T* a, T* b, T* c) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>;
    }

    private static unsafe void Run<TPass>(TPass pass, in Operand y, in Operand a, in Operand b, in Operand c, in ConvolutionShape shape) where TPass : struct, IConvolutionPass
    {
        using Hold heldY = y.Hold(), heldA = a.Hold(), heldB = b.Hold(), heldC = c.Hold();
        fixed (byte* py = heldY, pa = heldA, pb = heldB, pc = heldC)
        {
            if (y.DType == DType.Float32)
                Run(pass, shape, (float*)py + y.Layout.Offset, (float*)pa + a.Layout.Offset, (float*)pb + b.Layout.Offset, (float*)pc + c.Layout.Offset);
            else Run(pass, shape, (double*)py + y.Layout.Offset, (double*)pa + a.Layout.Offset, (double*)pb + b.Layout.Offset, (double*)pc + c.Layout.Offset);
        }
    }

    private static unsafe void Run<TPass, T>(TPass pass, in ConvolutionShape shape, T* y, T* a, T* b, T* c) where TPass : struct, IConvolutionPass where T : unmanaged, INumber<T>
    {
        if (Vector512.IsHardwareAccelerated) pass.Run<Lanes512<T>, Vector512<T>, T>(shape, y, a, b, c);
        else if (Vector256.IsHardwareAccelerated) pass.Run<Lanes256<T>, Vector256<T>, T>(shape, y, a, b, c);
        else if (Vector128.IsHardwareAccelerated) pass.Run<Lanes128<T>, Vector128<T>, T>(shape, y, a, b, c);
        else pass.Run<Lane<T>, T, T>(shape, y, a, b, c);
    }

    private static unsafe void Forward<L, V, T>(in ConvolutionShape shape, in Kernels<T> kernels, T* x, T* bias, T* y, bool rectify)
        where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        switch (ConvolutionChoice.Of<T>(shape, L.Count))
        {
            case ConvolutionAlgorithm.Winograd4 when shape.KernelWidth == 5: WinogradConvolution<Tile2x5, L, V, T>.Forward(shape, kernels, x, bias, y, rectify); break;
            case ConvolutionAlgorithm.Winograd4: WinogradConvolution<Tile4x3, L, V, T>.Forward(shape, kernels, x, bias, y, rectify); break;
            case ConvolutionAlgorithm.Winograd2: WinogradConvolution<Tile2x3, L, V, T>.Forward(shape, kernels, x, bias, y, rectify); break;
            default: DirectConvolution<L, V, T>.Forward(shape, kernels, x, bias, y, rectify); break;
        }
    }

    private unsafe struct ForwardPass : IConvolutionPass
    {
        public Operand Weight;
        public bool HasBias, Rectify;

        public readonly void Run<L, V, T>(in ConvolutionShape shape, T* y, T* a, T* b, T* c) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
        {
            T* bias = HasBias ? c : null;
            if (DepthwiseConvolution<L, V, T>.Fits(shape)) DepthwiseConvolution<L, V, T>.Forward(shape, b, a, bias, y, Rectify);
            else Forward<L, V, T>(shape, Kernels<T>.Forward(b, (HostBuffer)Weight.Buffer, Weight.Layout.Offset, shape), a, bias, y, Rectify);
        }
    }

    private unsafe struct InputGradPass : IConvolutionPass
    {
        public Operand Weight;
        public Window Window;

        public readonly void Run<L, V, T>(in ConvolutionShape shape, T* y, T* a, T* b, T* c) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
        {
            bool isDepthwise = DepthwiseConvolution<L, V, T>.Fits(shape);
            if (shape.Transposed(Window) is { } transposed)
            {
                if (isDepthwise) DepthwiseConvolution<L, V, T>.Forward(transposed, b, a, null, y, false, isReversed: true);
                else Forward<L, V, T>(transposed, Kernels<T>.Backward(b, (HostBuffer)Weight.Buffer, Weight.Layout.Offset, shape), a, null, y, false);
            }
            else if (isDepthwise) DepthwiseConvolution<L, V, T>.InputGrad(shape, b, a, y);
            else DirectConvolution<L, V, T>.InputGrad(shape, b, a, y);
        }
    }

    private unsafe struct WeightGradPass : IConvolutionPass
    {
        public bool HasBias;

        public readonly void Run<L, V, T>(in ConvolutionShape shape, T* y, T* a, T* b, T* c) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
        {
            T* bias = HasBias ? c : null;
            if (DepthwiseConvolution<L, V, T>.Fits(shape))
            {
                DepthwiseConvolution<L, V, T>.WeightGrad(shape, a, b, y, bias);
                return;
            }
            switch (ConvolutionChoice.Of<T>(shape, L.Count))
            {
                case ConvolutionAlgorithm.Winograd4 when shape.KernelWidth == 5: WinogradConvolution<Tile2x5, L, V, T>.WeightGrad(shape, a, b, y, bias); break;
                case ConvolutionAlgorithm.Winograd4: WinogradConvolution<Tile4x3, L, V, T>.WeightGrad(shape, a, b, y, bias); break;
                case ConvolutionAlgorithm.Winograd2: WinogradConvolution<Tile2x3, L, V, T>.WeightGrad(shape, a, b, y, bias); break;
                default: DirectConvolution<L, V, T>.WeightGrad(shape, a, b, y, bias); break;
            }
        }
    }
}

using System.Numerics;
using System.Runtime.Intrinsics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void Convolution(in Operand x, in Operand w, in Operand y, Window window, int groups, in Epilogue epilogue)
    {
        (Operand? bias, bool relu) = (epilogue.Bias, epilogue.FirstActivation == ActivationKind.Relu);
        // The result is back in its place before the epilogue is finished.
        using (StagedOperand input = StagedOperand.ChannelsLast(this, x), result = StagedOperand.ChannelsLastResult(this, y),
            weight = StagedOperand.Contiguous(this, w))
        {
            using StagedOperand added = bias is { } b ? StagedOperand.Contiguous(this, b) : default;
            Run(new ForwardPass { Weight = weight.Operand, Relu = relu }, result.Operand, input.Operand, weight.Operand, added.Operand,
                new(x.Layout.Shape, y.Layout.Shape, window, groups));
        }
        Finish(y, epilogue);
    }

    public override unsafe void ConvolutionInputGrad(in Operand g, in Operand w, in Operand x, Window window, int groups)
    {
        using StagedOperand gradient = StagedOperand.ChannelsLast(this, g), result = StagedOperand.ChannelsLastResult(this, x);
        using StagedOperand weight = StagedOperand.Contiguous(this, w);
        Run(new InputGradPass { Weight = weight.Operand, Window = window }, result.Operand, gradient.Operand, weight.Operand, default,
            new(x.Layout.Shape, g.Layout.Shape, window, groups));
    }

    public override unsafe void ConvolutionWeightGrad(in Operand g, in Operand x, in Operand w, in Operand? bias, Window window, int groups)
    {
        using StagedOperand gradient = StagedOperand.ChannelsLast(this, g), input = StagedOperand.ChannelsLast(this, x);
        using StagedOperand result = StagedOperand.ContiguousResult(this, w), ofBias = bias is { } b ? StagedOperand.ContiguousResult(this, b) : default;
        Run(new WeightGradPass(), result.Operand, gradient.Operand, input.Operand, ofBias.Operand, new(x.Layout.Shape, g.Layout.Shape, window, groups));
    }

    /// <summary>One of the three products of a convolution: y from a, b and the bias, or its gradient too; null where there is none.</summary>
    private unsafe interface IConvolutionPass
    {
        void Run<S, V, T>(in ConvolutionShape shape, T* y, T* a, T* b, T* bias) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>;
    }

    private static unsafe void Run<TPass>(TPass pass, in Operand y, in Operand a, in Operand b, in Operand bias, in ConvolutionShape shape)
        where TPass : struct, IConvolutionPass
    {
        if (y.DType == DType.Float32) Run<TPass, float>(pass, y, a, b, bias, shape);
        else Run<TPass, double>(pass, y, a, b, bias, shape);
    }

    private static unsafe void Run<TPass, T>(TPass pass, in Operand y, in Operand a, in Operand b, in Operand bias, in ConvolutionShape shape)
        where TPass : struct, IConvolutionPass where T : unmanaged, INumber<T>
    {
        using Pinned<T> pinY = y.Pin<T>(), pinA = a.Pin<T>(), pinB = b.Pin<T>(), pinBias = bias.Pin<T>();
        fixed (T* py = pinY, pa = pinA, pb = pinB, pc = pinBias)
        {
            if (Vector512.IsHardwareAccelerated) pass.Run<SimdOps512<T>, Vector512<T>, T>(shape, py, pa, pb, pc);
            else if (Vector256.IsHardwareAccelerated) pass.Run<SimdOps256<T>, Vector256<T>, T>(shape, py, pa, pb, pc);
            else if (Vector128.IsHardwareAccelerated) pass.Run<SimdOps128<T>, Vector128<T>, T>(shape, py, pa, pb, pc);
            else pass.Run<ScalarOps<T>, T, T>(shape, py, pa, pb, pc);
        }
    }

    private static unsafe void Forward<S, V, T>(in ConvolutionShape shape, in ConvolutionWeight<T> kernels, T* x, T* bias, T* y, bool relu)
        where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        switch (ConvolutionChoice.Of<T>(shape, S.Count))
        {
            case ConvolutionAlgorithm.Winograd4 when shape.KernelWidth == 5:
                WinogradConvolution<Tile2x5, S, V, T>.Forward(shape, kernels, x, bias, y, relu);
                break;
            case ConvolutionAlgorithm.Winograd4: WinogradConvolution<Tile4x3, S, V, T>.Forward(shape, kernels, x, bias, y, relu); break;
            case ConvolutionAlgorithm.Winograd2: WinogradConvolution<Tile2x3, S, V, T>.Forward(shape, kernels, x, bias, y, relu); break;
            default: DirectConvolution<S, V, T>.Forward(shape, kernels, x, bias, y, relu); break;
        }
    }

    private unsafe struct ForwardPass : IConvolutionPass
    {
        public Operand Weight;
        public bool Relu;

        public readonly void Run<S, V, T>(in ConvolutionShape shape, T* y, T* a, T* b, T* bias)
            where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
        {
            if (DepthwiseConvolution<S, V, T>.Fits(shape)) DepthwiseConvolution<S, V, T>.Forward(shape, b, a, bias, y, Relu);
            else Forward<S, V, T>(shape, ConvolutionWeight<T>.Forward(b, (HostBuffer)Weight.Buffer, Weight.Layout.Offset, shape), a, bias, y, Relu);
        }
    }

    private unsafe struct InputGradPass : IConvolutionPass
    {
        public Operand Weight;
        public Window Window;

        public readonly void Run<S, V, T>(in ConvolutionShape shape, T* y, T* a, T* b, T* bias)
            where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
        {
            bool isDepthwise = DepthwiseConvolution<S, V, T>.Fits(shape);
            if (shape.Transposed(Window) is { } transposed)
            {
                if (isDepthwise) DepthwiseConvolution<S, V, T>.Forward(transposed, b, a, null, y, false, isReversed: true);
                else Forward<S, V, T>(transposed, ConvolutionWeight<T>.Backward(b, (HostBuffer)Weight.Buffer, Weight.Layout.Offset, shape), a, null, y, false);
            }
            else if (isDepthwise) DepthwiseConvolution<S, V, T>.InputGrad(shape, b, a, y);
            else DirectConvolution<S, V, T>.InputGrad(shape, b, a, y);
        }
    }

    private unsafe struct WeightGradPass : IConvolutionPass
    {
        public readonly void Run<S, V, T>(in ConvolutionShape shape, T* y, T* a, T* b, T* bias)
            where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
        {
            if (DepthwiseConvolution<S, V, T>.Fits(shape))
            {
                DepthwiseConvolution<S, V, T>.WeightGrad(shape, a, b, y, bias);
                return;
            }
            switch (ConvolutionChoice.Of<T>(shape, S.Count))
            {
                case ConvolutionAlgorithm.Winograd4 when shape.KernelWidth == 5: WinogradConvolution<Tile2x5, S, V, T>.WeightGrad(shape, a, b, y, bias); break;
                case ConvolutionAlgorithm.Winograd4: WinogradConvolution<Tile4x3, S, V, T>.WeightGrad(shape, a, b, y, bias); break;
                case ConvolutionAlgorithm.Winograd2: WinogradConvolution<Tile2x3, S, V, T>.WeightGrad(shape, a, b, y, bias); break;
                default: DirectConvolution<S, V, T>.WeightGrad(shape, a, b, y, bias); break;
            }
        }
    }
}

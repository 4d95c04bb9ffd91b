using Facula.Backends;

namespace Facula.Tests.Devices;

/// <summary>A backend of the primitive kernels alone, which are the processor's: every family is its default body.</summary>
internal sealed class PrimitiveBackend : HostBackend
{
    private static readonly Backend Inside = Facula.Device.Cpu.Backend;

    public static Device Device { get; } = new("primitive", new PrimitiveBackend());

    public override bool IsImmediate => true;

    public override void Fill(in Operand y, Scalar value) => Inside.Fill(y, value);

    public override void Iota(in Operand y, int dim) => Inside.Iota(y, dim);

    public override void Copy(in Operand x, in Operand y) => Inside.Copy(x, y);

    public override void Map<TMap>(TMap map, DType compute, in Operand y, in Operand a) => Inside.Map(map, compute, y, a);

    public override void Map2<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b) => Inside.Map2(map, compute, y, a, b);

    public override void Map3<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c) => Inside.Map3(map, compute, y, a, b, c);

    public override void Reduce<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x) => Inside.Reduce(reduce, compute, y, x);

    public override void MatMul(in Operand a, in Operand b, in Operand y, double alpha, double beta, in Epilogue epilogue) =>
        Inside.MatMul(a, b, y, alpha, beta, epilogue);

    public override void Gather(in Operand x, in Operand index, in Operand y, int dim) => Inside.Gather(x, index, y, dim);

    public override void Scatter(in Operand x, in Operand index, in Operand y, int dim, bool add) => Inside.Scatter(x, index, y, dim, add);

    public override void Sort(in Operand x, in Operand values, in Operand indices, int dim, bool descending) => Inside.Sort(x, values, indices, dim, descending);

    public override void Convolution(in Operand x, in Operand w, in Operand y, Window window, int groups, in Epilogue epilogue) =>
        Inside.Convolution(x, w, y, window, groups, epilogue);

    public override void ConvolutionInputGrad(in Operand g, in Operand w, in Operand x, Window window, int groups) => Inside.ConvolutionInputGrad(g, w, x, window, groups);

    public override void ConvolutionWeightGrad(in Operand g, in Operand x, in Operand w, in Operand? bias, Window window, int groups) =>
        Inside.ConvolutionWeightGrad(g, x, w, bias, window, groups);
}

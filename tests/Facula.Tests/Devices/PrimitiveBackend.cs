using Facula.Backends;

namespace Facula.Tests.Devices;

/// <summary>A backend of the primitive kernels alone, which are the processor's: every family is its default body.</summary>
internal sealed class PrimitiveBackend : Backend
{
    private static readonly Backend Inside = Facula.Device.Cpu.Backend;

    public static Device Device { get; } = new("primitive", new PrimitiveBackend());

    public override bool IsImmediate => true;

    public override Buffer Allocate(long bytes) => Inside.Allocate(bytes);

    public override void Upload(ReadOnlySpan<byte> from, Buffer to, long at) => Inside.Upload(from, to, at);

    public override void Download(Buffer from, long at, Span<byte> to) => Inside.Download(from, at, to);

    public override void Fill(in Operand y, Scalar value) => Inside.Fill(y, value);

    public override void Iota(in Operand y, int dim) => Inside.Iota(y, dim);

    public override void Copy(in Operand x, in Operand y) => Inside.Copy(x, y);

    public override void Map<TMap>(TMap map, DType compute, in Operand y, in Operand a) => Inside.Map(map, compute, y, a);

    public override void Map2<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b) => Inside.Map2(map, compute, y, a, b);

    public override void Map3<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c) => Inside.Map3(map, compute, y, a, b, c);

    public override void Map4<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c, in Operand d) =>
        Inside.Map4(map, compute, y, a, b, c, d);

    public override void Reduce<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x) => Inside.Reduce(reduce, compute, y, x);

    public override void MatMul(in Operand a, in Operand b, in Operand y, double alpha, double beta, in Operand? bias, bool rectify = false) =>
        Inside.MatMul(a, b, y, alpha, beta, bias, rectify);

    public override void Gather(in Operand x, in Operand index, in Operand y, int dim) => Inside.Gather(x, index, y, dim);

    public override void Scatter(in Operand x, in Operand index, in Operand y, int dim, bool add) => Inside.Scatter(x, index, y, dim, add);

    public override void IndexSelect(in Operand x, in Operand index, in Operand y, int dim) => Inside.IndexSelect(x, index, y, dim);

    public override void IndexPut(in Operand x, in Operand index, in Operand y, int dim, bool add) => Inside.IndexPut(x, index, y, dim, add);

    public override void LinearIndex(ReadOnlySpan<Operand> indices, ReadOnlySpan<int> sizes, ReadOnlySpan<long> strides, ReadOnlySpan<int> dims, in Operand y) => Inside.LinearIndex(indices, sizes, strides, dims, y);
    public override long CountNonZero(in Operand x) => Inside.CountNonZero(x);
    public override void NonZero(in Operand x, in Operand y) => Inside.NonZero(x, y);
    public override void Random(in Operand y, Distribution distribution, ulong key, ulong counter) => Inside.Random(y, distribution, key, counter);
    public override void Update<TUpdate>(TUpdate update, ReadOnlySpan<UpdateTarget> targets) => Inside.Update(update, targets);
    public override void MaxPool(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, bool rectify) => Inside.MaxPool(x, y, taps, plan, rectify);
    public override void MaxPoolGrad(in Operand g, in Operand taps, in Operand x, PoolPlan plan) => Inside.MaxPoolGrad(g, taps, x, plan);
    public override void AveragePool(in Operand x, in Operand y, PoolPlan plan) => Inside.AveragePool(x, y, plan);
    public override void AveragePoolGrad(in Operand g, in Operand x, PoolPlan plan) => Inside.AveragePoolGrad(g, x, plan);

    public override void Sort(in Operand x, in Operand values, in Operand indices, int dim, bool descending) => Inside.Sort(x, values, indices, dim, descending);

    public override void Convolution(in Operand x, in Operand w, in Operand? bias, in Operand y, Window window, int groups, bool rectify) =>
        Inside.Convolution(x, w, bias, y, window, groups, rectify);

    public override void ConvolutionInputGrad(in Operand g, in Operand w, in Operand x, Window window, int groups) => Inside.ConvolutionInputGrad(g, w, x, window, groups);

    public override void ConvolutionWeightGrad(in Operand g, in Operand x, in Operand w, in Operand? bias, Window window, int groups) =>
        Inside.ConvolutionWeightGrad(g, x, w, bias, window, groups);
}

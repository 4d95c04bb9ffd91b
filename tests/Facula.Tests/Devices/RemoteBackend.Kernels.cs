using Facula.Backends;

namespace Facula.Tests.Devices;

internal sealed partial class RemoteBackend
{
    public override void Fill(in Operand y, Scalar value) => Inside.Fill(In(y), value);

    public override void Iota(in Operand y, int dim) => Inside.Iota(In(y), dim);

    public override void Copy(in Operand x, in Operand y) => Inside.Copy(Argument(x), In(y));

    public override void Map<TMap>(TMap map, DType compute, in Operand y, in Operand a) => Inside.Map(map, compute, In(y), Argument(a));

    public override void Map2<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b) =>
        Inside.Map2(map, compute, In(y), Argument(a), Argument(b));

    public override void Map3<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c) =>
        Inside.Map3(map, compute, In(y), Argument(a), Argument(b), Argument(c));

    public override void Reduce<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x) => Inside.Reduce(reduce, compute, In(y), In(x));

    public override void MatMul(in Operand a, in Operand b, in Operand y, double alpha, double beta, in Epilogue epilogue) =>
        Inside.MatMul(In(a), In(b), In(y), alpha, beta, In(epilogue));

    public override void Gather(in Operand x, in Operand index, in Operand y, int dim, string operation = "")
    {
        try
        {
            Inside.Gather(In(x), In(index), In(y), dim, operation);
        }
        catch (ArgumentOutOfRangeException error) when (DefersErrors)
        {
            Defer(error);
        }
    }

    public override void Scatter(in Operand x, in Operand index, in Operand y, int dim, bool add, string operation = "")
    {
        try
        {
            Inside.Scatter(In(x), In(index), In(y), dim, add, operation);
        }
        catch (ArgumentOutOfRangeException error) when (DefersErrors)
        {
            Defer(error);
        }
    }

    public override void Sort(in Operand x, in Operand values, in Operand indices, int dim, bool descending) =>
        Inside.Sort(In(x), In(values), In(indices), dim, descending);

    public override void Convolution(in Operand x, in Operand w, in Operand y, Window window, int groups, in Epilogue epilogue) =>
        Inside.Convolution(In(x), In(w), In(y), window, groups, In(epilogue));

    public override void ConvolutionInputGrad(in Operand g, in Operand w, in Operand x, Window window, int groups) =>
        Inside.ConvolutionInputGrad(In(g), In(w), In(x), window, groups);

    public override void ConvolutionWeightGrad(in Operand g, in Operand x, in Operand w, in Operand? bias, Window window, int groups) =>
        Inside.ConvolutionWeightGrad(In(g), In(x), In(w), In(bias), window, groups);

    private Epilogue In(in Epilogue epilogue) => epilogue with { Bias = In(epilogue.Bias), Residual = In(epilogue.Residual) };
}

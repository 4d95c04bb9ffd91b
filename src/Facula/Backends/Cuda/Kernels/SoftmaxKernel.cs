namespace Facula.Backends.Cuda;

/// <summary>What tells one softmax from another: whether it is the logarithm, or the gradient; the types of result and operands; how lines lie.</summary>
internal readonly record struct SoftmaxKey(bool IsLog, bool IsGradient, DType Y, DType A, DType B, LineShape Lines);

/// <summary>Softmax of lines, its logarithm, and the gradients of both. What fits into registers is read once.</summary>
internal static class SoftmaxKernel
{
    public static CudaKernel Build(SoftmaxKey key, int capability)
    {
        string types = $"{key.Y.PyTorchName}_{key.A.PyTorchName}{(key.IsGradient ? "_" + key.B.PyTorchName : "")}";
        var k = new Assembler($"{(key.IsLog ? "log_" : "")}softmax{(key.IsGradient ? "_grad" : "")}_{types}_{key.Lines}", LineWalk.Threads);
        DType compute = key.Y.Compute;
        if (key.IsGradient) Gradient(k, new(k, key.Lines, compute, key.Y, key.A, key.B), key.IsLog, FormulaPrinter.TypeOf(compute));
        else Forward(k, new(k, key.Lines, compute, key.Y, key.A), key.IsLog, FormulaPrinter.TypeOf(compute));
        return k.Build();
    }

    private static void Forward(Assembler k, LineWalk lines, bool isLog, PtxType type)
    {
        (Value max, Value sum) = ExponentialSum(k, lines, type, 1, keeps: !isLog);
        if (isLog)
        {
            Value log = k.Convert(type, Functions.Log(k, sum));
            lines.Pass([1], (x, _) => x[0] - max - log, stores: true);
            return;
        }
        Value share = k.Convert(type, k.Divide(k.Variable(PtxType.F64, 1.0), sum));
        lines.Pass([1], (x, _) => (lines.Holds ? x[0] : Functions.Exp(k, x[0] - max)) * share, stores: true);
    }

    /// <summary>
    /// The largest element of a line, but for NaN, and the sum of e^(x - that), which is NaN where an element is, in double; the elements become these exponentials
    /// where they are kept.
    /// </summary>
    public static (Value Max, Value Sum) ExponentialSum(Assembler k, LineWalk lines, PtxType type, int operand, bool keeps)
    {
        Value max = k.Variable(type, double.NegativeInfinity), sum = k.Variable(PtxType.F64, 0.0);
        lines.Pass([operand], (x, _) =>
        {
            k.Set(max, k.Max(max, x[0]));
            return null;
        });
        Value most = lines.Combine(max, k.Max);
        lines.Pass([operand], (x, _) =>
        {
            Value exponential = Functions.Exp(k, x[0] - most);
            if (keeps && lines.Holds)
            {
                k.Set(x[0], exponential);
                exponential = x[0];
            }
            k.Set(sum, sum + k.Convert(PtxType.F64, exponential));
            return null;
        });
        return (most, lines.Sum(sum));
    }

    private static void Gradient(Assembler k, LineWalk lines, bool isLog, PtxType type)
    {
        Value sum = k.Variable(PtxType.F64, 0.0);
        lines.Pass(isLog ? [1] : [1, 2], (values, _) =>
        {
            Value g = k.Convert(PtxType.F64, values[0]);
            k.Set(sum, isLog ? sum + g : k.MultiplyAdd(g, k.Convert(PtxType.F64, values[1]), sum));
            return null;
        });
        Value total = k.Convert(type, lines.Sum(sum));
        lines.Pass([1, 2], (values, _) => isLog ? values[0] - Functions.Exp(k, values[1]) * total : values[1] * (values[0] - total), stores: true);
    }
}

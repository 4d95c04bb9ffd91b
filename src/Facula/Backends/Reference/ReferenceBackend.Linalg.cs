namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    public override void MatMul(in Operand a, in Operand b, in Operand y, double alpha, double beta, in Epilogue epilogue)
    {
        (Operand? bias, bool relu) = (epilogue.Bias, epilogue.FirstActivation == ActivationKind.Relu);
        int m = y.Layout.Shape[^2], n = y.Layout.Shape[^1], k = a.Layout.Shape[^1];
        Elements p = new(a), q = new(b), result = new(y), v = new(bias ?? y, y.Layout);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            long stack = i / n / m, row = i / n % m, column = i % n;
            double sum = 0;
            long whole = 0;
            for (int j = 0; j < k; j++)
            {
                long left = (stack * m + row) * k + j, right = (stack * k + j) * n + column;
                if (y.DType.IsFloatingPoint) sum += p.Float(left) * q.Float(right);
                else whole += p.Integer(left) * q.Integer(right);
            }
            sum = alpha * sum + (beta == 0 ? 0 : beta * result.Float(i)) + (bias is null ? 0 : v.Float(i));
            whole = (long)alpha * whole + (beta == 0 ? 0 : (long)beta * result.Integer(i)) + (bias is null ? 0 : v.Integer(i));
            if (y.DType.IsFloatingPoint) result.Set(i, relu && sum < 0 ? 0 : sum);
            else result.Set(i, relu && whole < 0 ? 0 : whole);
        }
        Finish(y, epilogue);
    }
}

using System.Numerics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void MatMul(in Operand a, in Operand b, in Operand y, double alpha, double beta, in Epilogue epilogue)
    {
        (Operand? bias, bool relu) = (epilogue.Bias, epilogue.FirstActivation == ActivationKind.Relu);
        switch (y.DType.Kind)
        {
            case ElementType.Float32: Multiply<float>(a, b, y, (float)alpha, (float)beta, bias, relu); break;
            case ElementType.Float64: Multiply<double>(a, b, y, alpha, beta, bias, relu); break;
            default:
                // The 16-bit floats compute in float, integers in long: converted once, as a product reads each element many times.
                DType compute = y.DType.Compute;
                Operand wide = Converted(y, compute, copy: beta != 0);
                Operand? wideBias = bias is { } given ? Converted(given, compute, copy: true) : null;
                Operand wideA = Converted(a, compute, copy: true), wideB = Converted(b, compute, copy: true);
                if (compute == DType.Float32) Multiply<float>(wideA, wideB, wide, (float)alpha, (float)beta, wideBias, relu);
                else Multiply<long>(wideA, wideB, wide, (long)alpha, (long)beta, wideBias, relu);
                Copy(wide, y);
                break;
        }
        Finish(y, epilogue);
    }

    private Operand Converted(in Operand x, DType type, bool copy)
    {
        if (x.DType == type && x.Layout.IsContiguous) return x;
        Operand result = Temporary(x.Layout, type);
        if (copy) Copy(x, result);
        return result;
    }

    private static unsafe void Multiply<T>(in Operand a, in Operand b, in Operand y, T alpha, T beta, in Operand? bias, bool relu)
        where T : unmanaged, INumber<T>
    {
        var (p, q, r) = (new Matrices(a.Layout), new Matrices(b.Layout), new Matrices(y.Layout));
        Operand? vector = bias is { } given ? given.With(given.Layout.Expand([r.Columns])!) : null;
        // Where a number stands for all columns, or there are gaps, the columns are copied side by side.
        T[]? copy = vector is { Layout.IsContiguous: false } scattered ? Convert.ToArray<T>(scattered) : null;
        using Pinned<T> pinA = a.Pin<T>(), pinB = b.Pin<T>(), pinY = y.Pin<T>(), pinBias = copy is null ? vector.Pin<T>() : default;
        fixed (T* pa = pinA, pb = pinB, py = pinY, inPlace = pinBias, copied = copy) Run(copy is null ? inPlace : copied, pa, pb, py);

        void Run(T* v, T* x, T* w, T* z)
        {
            if (typeof(T) == typeof(long))
            {
                for (int i = 0; i < r.Count; i++)
                {
                    Gemm.NaiveMultiply(r.Rows, r.Columns, p.Columns, x + i * p.Stack, p.Row, p.Column, w + i * q.Stack, q.Row, q.Column, z + i * r.Stack, r.Row,
                        alpha, beta, v, relu);
                }
            }
            else if (relu)
            {
                for (int i = 0; i < r.Count; i++)
                {
                    Gemm.Multiply(r.Rows, r.Columns, p.Columns, x + i * p.Stack, p.Row, p.Column, w + i * q.Stack, q.Row, q.Column, z + i * r.Stack, r.Row,
                        alpha, beta, v, default(ReluEpilogue<T>));
                }
            }
            else if (r.Count == 1) Gemm.Multiply(r.Rows, r.Columns, p.Columns, x, p.Row, p.Column, w, q.Row, q.Column, z, r.Row, alpha, beta, v);
            else
            {
                Gemm.MultiplyBatched(r.Count, p.Stack, q.Stack, r.Stack, r.Rows, r.Columns, p.Columns, x, p.Row, p.Column, w, q.Row, q.Column,
                    z, r.Row, alpha, beta, v);
            }
        }
    }

    /// <summary>A layout of rank 2 or 3 as a stack of matrices.</summary>
    private readonly struct Matrices(Layout layout)
    {
        private readonly int _first = layout.Rank - 2;
        public int Count => _first == 0 ? 1 : layout.Shape[0];
        public nint Stack => _first == 0 ? 0 : (nint)layout.Strides[0];
        public int Rows => layout.Shape[_first];
        public int Columns => layout.Shape[_first + 1];
        public nint Row => (nint)layout.Strides[_first];
        public nint Column => (nint)layout.Strides[_first + 1];
    }
}

using Facula.Backends;
using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>How a product is done.</summary>
internal delegate void Multiplication(Backend backend, Operand a, Operand b, Operand y, double alpha, double beta, Epilogue epilogue);

/// <summary>
/// One product with operands that lie in some way in memory full of NaN (of integers, 77), on a device and on the reference backend; nothing but the result's
/// elements may change.
/// </summary>
internal sealed class ProductCase
{
    private const double Untouched = 77;

    private readonly DType _type, _result;
    private readonly int _batch, _m, _n, _k;
    private readonly double _alpha, _beta;
    private readonly ActivationKind _activation;
    private readonly (double[] Data, Layout Layout) _a, _b, _y;
    private readonly (double[] Data, Layout Layout)? _bias, _residual;

    /// <param name="random">Where numbers and layouts come from.</param>
    /// <param name="type">Of all operands.</param>
    /// <param name="batch">Matrices of a stack; 0 for one matrix.</param>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="k">Depth.</param>
    /// <param name="layouts">How A and B lie: r rows, t transposed, R and T with rows at multiples of 16 bytes, g gaps everywhere, f rows backwards, b the same
    /// matrix for the whole stack.</param>
    /// <param name="plain">Whether the product is all.</param>
    /// <param name="result">The type of the result, the bias and the residual, if it is another.</param>
    public ProductCase(Random random, DType type, int batch, int m, int n, int k, string layouts, bool plain = false,
        DType? result = null)
    {
        (_type, _result, _batch, _m, _n, _k) = (type, result ?? type, batch, m, n, k);
        _a = Matrix(random, layouts[0], m, k, any: true);
        _b = Matrix(random, layouts[1], k, n, any: true);
        bool isWhole = !type.IsFloatingPoint;
        (_alpha, _beta) = plain ? (1, 0) : (random.Next(2) == 0 ? 1 : isWhole ? 2 : 0.75, random.Next(3) switch { 0 => 1, 1 => isWhole ? -2 : -0.5, _ => 0 });
        _y = Matrix(random, plain ? 'r' : "rRgt"[random.Next(4)], m, n, any: _beta != 0);
        if (plain) return;
        if (random.Next(2) == 0) _bias = Matrix(random, "rg"[random.Next(2)], 1, n, any: true);
        if (random.Next(3) == 0) _residual = Matrix(random, "rtb"[random.Next(3)], m, n, any: true);
        if (random.Next(2) == 0) _activation = ActivationKind.Relu;
    }

    private (double[] Data, Layout Layout) Matrix(Random random, char kind, int rows, int columns, bool any)
    {
        int aligned = 16 / _type.Size, odd = aligned > 1 ? 3 : 2;
        ((long row, long column), long offset) = kind switch
        {
            'r' => (((long)columns, 1L), (long)odd),
            't' => ((1, rows), odd),
            'R' or 'b' => ((Up(columns), 1), aligned),
            'T' => ((1, Up(rows)), aligned),
            'g' => ((2 * columns + 1, 2), odd),
            'f' => ((-columns, 1), odd + Math.Max(0, rows - 1) * (long)columns),
            _ => throw new ArgumentException($"{kind} is no layout."),
        };
        int stacked = Math.Max(1, _batch);
        long reach = Up((int)(Math.Max(0, rows - 1) * Math.Abs(row) + Math.Max(0, columns - 1) * column + 1));
        long stack = kind == 'b' ? 0 : reach;
        var data = new double[reach * stacked + offset + 40];
        Array.Fill(data, _type.IsFloatingPoint ? double.NaN : Untouched);
        int[] shape = _batch == 0 ? [rows, columns] : [_batch, rows, columns];
        long[] strides = _batch == 0 ? [row, column] : [stack, row, column];
        var layout = new Layout(shape, strides, offset);
        for (long i = 0; any && i < layout.Count; i++)
            data[layout.OffsetOf(i)] = _type.IsFloatingPoint ? random.NextDouble() * 2 - 1 : random.Next(-9, 10);
        return (data, layout);

        long Up(int size) => (size + aligned - 1) / aligned * aligned;
    }

    /// <summary>The memory of the result after the product, as doubles.</summary>
    public double[] Multiply(Device device, Multiplication? multiply = null)
    {
        using Tensor y = Tensor(_y.Data, _result, device);
        Operand a = Operand(_a, _type, device), b = Operand(_b, _type, device), result = y.Operand.With(_y.Layout);
        Operand? bias = _bias is { } given ? Operand(given, _result, device).With(new Layout([_n], [given.Layout.Strides[^1]], given.Layout.Offset)) : null;
        Operand? residual = _residual is { } added ? Operand(added, _result, device) : null;
        multiply ??= (backend, left, right, to, alpha, beta, epilogue) => backend.MatMul(left, right, to, alpha, beta, epilogue);
        multiply(device.Backend, a, b, result, _alpha, _beta, new(bias, _activation, residual));
        return y.To(Device.Cpu).To(DType.Float64).ToArray<double>();
    }

    private static Operand Operand((double[] Data, Layout Layout) matrix, DType type, Device device) =>
        Tensor(matrix.Data, type, device).Operand.With(matrix.Layout);

    private static Tensor Tensor(double[] data, DType type, Device device) => Facula.Tensor.From(data).To(type).To(device);

    public void Check(Device device, double tolerance, Multiplication? multiply = null)
    {
        double[] expected = Multiply(Device.Reference), got = Multiply(device, multiply);
        Assert.Equal(expected.Length, got.Length);
        for (int i = 0; i < got.Length; i++)
        {
            if (double.IsNaN(expected[i]) ? double.IsNaN(got[i]) : Math.Abs(got[i] - expected[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i]))) continue;
            Assert.Fail($"{this}: at {i - _y.Layout.Offset} of {_y.Layout}, strides [{string.Join(", ", _y.Layout.Strides)}], " +
                $"{got[i]} in place of {expected[i]}.");
        }
    }

    public override string ToString() => $"{_type} {_batch} x [{_m}, {_k}] ({string.Join(", ", _a.Layout.Strides)}) @ [{_k}, {_n}] " +
        $"({string.Join(", ", _b.Layout.Strides)}), alpha {_alpha}, beta {_beta}, bias {_bias is not null}, {_activation}, residual {_residual is not null}";
}

using System.Numerics;
using Facula.Backends.Cpu;
using Xunit;
using Product = Facula.Backends.Cpu.Gemm;

namespace Facula.Tests.Gemm;

/// <summary>One product with its operands, to be compared with a plain loop in double precision.</summary>
internal sealed unsafe class GemmCase<T> where T : unmanaged, INumber<T>
{
    private const double Untouched = 12345;

    private readonly int _m, _n, _k;
    private readonly T[] _a, _b, _c;
    private readonly nint _aRow, _aColumn, _bRow, _bColumn, _cRow;
    private readonly T _alpha, _beta;
    private readonly T[]? _bias;

    private GemmCase(Random random, int m, int n, int k)
    {
        (_m, _n, _k) = (m, n, k);
        (_a, _aRow, _aColumn) = Matrix(random, m, k);
        (_b, _bRow, _bColumn) = Matrix(random, k, n);
        _cRow = n + (random.Next(2) == 0 ? 0 : random.Next(1, 20));
        _alpha = T.CreateTruncating(random.Next(3) == 0 ? 0.75 : 1.0);
        _beta = T.CreateTruncating(random.Next(4) switch { 0 => 1.0, 1 => -0.5, _ => 0.0 });
        _c = new T[Math.Max(0, (m - 1) * _cRow + n) + 17];
        for (int i = 0; i < _c.Length; i++) _c[i] = T.CreateTruncating(Untouched);
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) _c[i * _cRow + j] = _beta == T.Zero ? T.CreateTruncating(double.NaN) : Value(random);
        if (random.Next(2) == 0) _bias = Enumerable.Range(0, n + 1).Select(_ => Value(random)).ToArray();
    }

    public static GemmCase<T> Random(Random random, int m, int n, int k) => new(random, m, n, k);

    private static T Value(Random random) => T.CreateTruncating(random.NextDouble() * 2 - 1);

    private static (T[] Data, nint Row, nint Column) Matrix(Random random, int rows, int columns)
    {
        int gap = random.Next(2) == 0 ? 0 : random.Next(1, 9);
        (int row, int column) = random.Next(6) switch
        {
            0 or 1 or 2 => (columns + gap, 1),
            3 or 4 => (1, rows + gap),
            _ => (2, 2 * rows + gap),
        };
        var data = new T[rows * row + columns * column + 1];
        for (int i = 0; i < data.Length; i++) data[i] = T.CreateTruncating(double.NaN);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) data[i * row + j * column] = Value(random);
        return (data, row, column);
    }

    public T[] Multiply()
    {
        var c = (T[])_c.Clone();
        fixed (T* pa = _a, pb = _b, pc = c, bias = _bias)
            Product.Multiply(_m, _n, _k, pa, _aRow, _aColumn, pb, _bRow, _bColumn, pc, _cRow, _alpha, _beta, bias);
        return c;
    }

    public void Check()
    {
        T[] c = Multiply();
        double tolerance = (typeof(T) == typeof(float) ? 6e-8 : 1.1e-16) * (32 + 1.5 * _k);
        Assert.Equal(Untouched, double.CreateTruncating(c[^1]));
        for (int i = 0; i < _m; i++)
        {
            for (int j = 0; j < _cRow && i * _cRow + j < c.Length; j++)
            {
                double actual = double.CreateTruncating(c[i * _cRow + j]);
                if (j >= _n)
                {
                    Assert.Equal(Untouched, actual);
                    continue;
                }
                double expected = 0;
                for (int p = 0; p < _k; p++)
                    expected += double.CreateTruncating(_a[i * _aRow + p * _aColumn]) * double.CreateTruncating(_b[p * _bRow + j * _bColumn]);
                expected *= double.CreateTruncating(_alpha);
                if (_beta != T.Zero) expected += double.CreateTruncating(_beta * _c[i * _cRow + j]);
                if (_bias != null) expected += double.CreateTruncating(_bias[j]);
                if (!(Math.Abs(actual - expected) <= tolerance)) Assert.Fail($"{this} at ({i}, {j}): {actual}, expected {expected}");
            }
        }
    }

    public void CheckThreads()
    {
        int before = CpuSettings.ThreadCount;
        try
        {
            CpuSettings.ThreadCount = 1;
            T[] expected = Multiply();
            foreach (int count in (int[])[2, 3])
            {
                CpuSettings.ThreadCount = count;
                for (int repeat = 0; repeat < 3; repeat++) Assert.True(expected.AsSpan().SequenceEqual(Multiply()), ToString());
            }
        }
        finally
        {
            CpuSettings.ThreadCount = before;
        }
    }

    /// <summary>A batch is a row of these cases with different numbers, some operands shared.</summary>
    public void CheckBatched(Random random, int batch)
    {
        bool shareA = random.Next(3) == 0, shareB = random.Next(3) == 0;
        nint aBatch = shareA ? 0 : _a.Length, bBatch = shareB ? 0 : _b.Length, cBatch = _m * _cRow + random.Next(3);
        T[] a = Enumerable.Range(0, batch).SelectMany(_ => _a.Select(x => x + Value(random))).ToArray();
        T[] b = Enumerable.Range(0, batch).SelectMany(_ => _b.Select(x => x + Value(random))).ToArray();
        T[] c = Enumerable.Range(0, batch * (int)cBatch + _c.Length).Select(_ => Value(random)).ToArray();
        T[] one = (T[])c.Clone();
        fixed (T* pa = a, pb = b, pc = c, po = one, bias = _bias)
        {
            Product.MultiplyBatched(batch, aBatch, bBatch, cBatch, _m, _n, _k, pa, _aRow, _aColumn, pb, _bRow, _bColumn, pc, _cRow, _alpha, _beta, bias);
            for (int i = 0; i < batch; i++)
                Product.Multiply(_m, _n, _k, pa + i * aBatch, _aRow, _aColumn, pb + i * bBatch, _bRow, _bColumn, po + i * cBatch, _cRow, _alpha, _beta, bias);
        }
        for (int i = 0; i < c.Length; i++) Assert.Equal(double.CreateTruncating(one[i]), double.CreateTruncating(c[i]), 1e-4);
    }

    public override string ToString() =>
        $"[{_m}, {_k}] ({_aRow}, {_aColumn}) @ [{_k}, {_n}] ({_bRow}, {_bColumn}) -> ({_cRow}), alpha {_alpha}, beta {_beta}, bias {_bias != null}";
}

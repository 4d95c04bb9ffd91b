using Facula.Backends.Cpu;
using Xunit;
using Product = Facula.Backends.Cpu.Gemm;

namespace Facula.Tests.Gemm;

[Collection("Threads")]
public unsafe class GemmSpecialTests
{
    private static float[] Multiply(int m, int n, int k, float[] a, float[] b, float[]? c = null, float beta = 0)
    {
        c ??= new float[m * n];
        fixed (float* pa = a, pb = b, pc = c) Product.Multiply(m, n, k, pa, k, 1, pb, n, 1, pc, n, 1, beta, null);
        return c;
    }

    [Theory]
    [InlineData(2, 3, 4)]
    [InlineData(20, 30, 40)]
    [InlineData(1, 50, 60)]
    [InlineData(50, 1, 60)]
    [InlineData(130, 130, 130)]
    public void ZeroTimesInfinityIsNaN(int m, int n, int k)
    {
        var a = new float[m * k];
        var b = new float[k * n];
        b.AsSpan().Fill(1);
        b[(k - 1) * n + n - 1] = float.PositiveInfinity;
        float[] c = Multiply(m, n, k, a, b);
        for (int i = 0; i < c.Length; i++) Assert.Equal(i % n == n - 1, float.IsNaN(c[i]));
        a[(m - 1) * k] = float.NaN;
        c = Multiply(m, n, k, a, b);
        for (int i = 0; i < c.Length; i++) Assert.Equal(i % n == n - 1 || i / n == m - 1, float.IsNaN(c[i]));
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(20, 30)]
    [InlineData(0, 30)]
    [InlineData(20, 0)]
    public void NothingToSumLeavesBetaTimesC(int m, int n)
    {
        var c = new float[m * n + 1];
        c.AsSpan().Fill(float.NaN);
        Assert.All(Multiply(m, n, 0, [1], [1], c).AsSpan(0, m * n).ToArray(), x => Assert.Equal(0, x));
        Assert.True(float.IsNaN(c[^1]));
        c.AsSpan().Fill(3);
        Assert.All(Multiply(m, n, 0, [1], [1], c, 2).AsSpan(0, m * n).ToArray(), x => Assert.Equal(6, x));
        Assert.Equal(3, c[^1]);
    }

    private readonly struct Relu : IGemmEpilogue<float>
    {
        public void Apply(float* c, nint cRow, int rows, int columns, int row, int column)
        {
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++) c[i * cRow + j] = MathF.Max(c[i * cRow + j], 0) + 100 * (row + i) + column + j;
        }
    }

    [Theory]
    [InlineData(3, 2, 4)]
    [InlineData(37, 45, 50)]
    [InlineData(1, 45, 50)]
    [InlineData(45, 1, 50)]
    [InlineData(200, 190, 700)]
    public void TheEpilogueSeesEveryElementOnce(int m, int n, int k)
    {
        var random = new Random(1);
        float[] a = Enumerable.Range(0, m * k).Select(_ => random.NextSingle() - 0.5f).ToArray();
        float[] b = Enumerable.Range(0, k * n).Select(_ => random.NextSingle() - 0.5f).ToArray();
        float[] plain = Multiply(m, n, k, a, b), fused = new float[m * n];
        fixed (float* pa = a, pb = b, pc = fused) Product.Multiply(m, n, k, pa, k, 1, pb, n, 1, pc, n, 1f, 0f, null, new Relu());
        for (int i = 0; i < plain.Length; i++) Assert.Equal(MathF.Max(plain[i], 0) + 100 * (i / n) + i % n, fused[i]);
    }

    [Fact]
    public void IntegersWrapAround()
    {
        long[] a = [long.MaxValue, 2, 3, 4], b = [2, 1, 1, 1], c = new long[4], bias = [1, -1];
        fixed (long* pa = a, pb = b, pc = c, pd = bias) Product.NaiveMultiply(2, 2, 2, pa, 2, 1, pb, 2, 1, pc, 2, 1L, 0L, pd);
        Assert.Equal([unchecked(long.MaxValue * 2) + 2 + 1, unchecked(long.MaxValue + 2) - 1, 11, 6], c);
        byte[] x = [200, 100], y = [3, 2], z = [9];
        fixed (byte* px = x, py = y, pz = z) Product.NaiveMultiply(1, 1, 2, px, 2, 1, py, 1, 1, pz, 1, (byte)1, (byte)0, null);
        Assert.Equal(unchecked((byte)800), z[0]);
    }
}

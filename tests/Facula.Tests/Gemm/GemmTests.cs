using System.Numerics;
using Xunit;

namespace Facula.Tests.Gemm;

[Collection("Threads")]
public class GemmTests
{
    private static readonly int[] s_dimensions = [1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 40, 47, 48, 49, 63, 64, 65, 70];

    [Fact]
    public void RandomShapesFloat() => RandomShapes<float>(4000);

    [Fact]
    public void RandomShapesDouble() => RandomShapes<double>(2000);

    private static void RandomShapes<T>(int count) where T : unmanaged, INumber<T>
    {
        var random = new Random(1);
        for (int i = 0; i < count; i++)
        {
            int Dimension() => random.Next(8) == 0 ? random.Next(0, 71) : s_dimensions[random.Next(s_dimensions.Length)];
            GemmCase<T>.Random(random, Dimension(), Dimension(), Dimension()).Check();
        }
    }

    public static TheoryData<int, int, int> LargeShapes => new()
    {
        { 128, 128, 128 }, { 200, 190, 210 }, { 257, 255, 129 }, { 128, 256, 784 }, { 128, 10, 784 }, { 10, 784, 128 }, { 784, 10, 128 },
        { 1, 1000, 700 }, { 1000, 1, 700 }, { 1, 1, 5000 }, { 2, 3, 4100 }, { 300, 300, 1 }, { 1, 4100, 3 }, { 4100, 1, 3 }, { 5000, 40, 20 },
        { 40, 5000, 20 }, { 3, 2000, 600 }, { 2000, 3, 600 }, { 64, 64, 1030 }, { 1025, 97, 300 },
    };

    [Theory]
    [MemberData(nameof(LargeShapes))]
    public void LargeShapesFloat(int m, int n, int k)
    {
        var random = new Random(2);
        for (int i = 0; i < 8; i++) GemmCase<float>.Random(random, m, n, k).Check();
    }

    [Theory]
    [MemberData(nameof(LargeShapes))]
    public void LargeShapesDouble(int m, int n, int k)
    {
        var random = new Random(3);
        for (int i = 0; i < 4; i++) GemmCase<double>.Random(random, m, n, k).Check();
    }

    [Fact]
    public void MoreThanOneBlockOfPackedOperands()
    {
        var random = new Random(4);
        GemmCase<float>.Random(random, 4200, 150, 140).Check();
        GemmCase<float>.Random(random, 140, 4200, 150).Check();
        GemmCase<float>.Random(random, 150, 4200, 1100).Check();
    }

    [Fact]
    public void SameBitsForAnyNumberOfThreads()
    {
        var random = new Random(5);
        int[][] shapes = [[256, 256, 256], [128, 256, 784], [128, 10, 784], [784, 10, 512], [1, 3000, 800], [3000, 1, 800], [700, 500, 600], [97, 1027, 333]];
        foreach (int[] shape in shapes)
            for (int i = 0; i < 8; i++) GemmCase<float>.Random(random, shape[0], shape[1], shape[2]).CheckThreads();
        GemmCase<double>.Random(random, 256, 256, 256).CheckThreads();
    }

    [Fact]
    public void Batched()
    {
        var random = new Random(6);
        for (int i = 0; i < 300; i++)
        {
            int batch = random.Next(0, 9), size = i < 250 ? 20 : 150;
            GemmCase<float>.Random(random, random.Next(1, size), random.Next(1, size), random.Next(0, size)).CheckBatched(random, batch);
        }
    }
}

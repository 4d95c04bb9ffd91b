using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>Products of matrices on an emulated device, against the reference backend.</summary>
public sealed class ProductTests
{
    private static readonly string[] Layouts = ["rr", "rt", "tr", "tt", "RR", "RT", "TR", "TT", "gr", "rg", "ft", "tf", "gg", "RT"];
    private static readonly Device s_ampere = Create(80), s_volta = Create(70);

    private static Device Create(int capability) =>
        Cuda.DeviceOf(new EmulatedDriver(new() { Capability = capability, Throws = true, Immediate = true, FindsUninitialized = false }));

    public static TheoryData<string> Types() => ["float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8"];

    // What is summed in float32 and what the result is rounded to; the reference sums in float64.
    private static double ToleranceOf(DType type) => type.Kind switch
    {
        ElementType.Float32 => 1e-5,
        ElementType.Float16 => 2e-3,
        ElementType.BFloat16 => 1.6e-2,
        ElementType.Float64 => 1e-13,
        _ => 0,
    };

    [Theory, MemberData(nameof(Types))]
    public void Products_of_any_size_and_layout_are_right(string name)
    {
        DType type = DType.Parse(name);
        var random = new Random(1);
        int[] sizes = [1, 2, 7, 8, 16, 31, 33];
        for (int i = 0; i < 3 * Layouts.Length; i++)
        {
            int Size() => sizes[random.Next(sizes.Length)];
            new ProductCase(random, type, random.Next(3) == 0 ? 3 : 0, Size(), Size(), Size(), Layouts[i % Layouts.Length]).Check(s_ampere, ToleranceOf(type));
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void Older_devices_have_kernels_of_their_own(string name)
    {
        DType type = DType.Parse(name);
        var random = new Random(2);
        foreach (string layouts in Layouts) new ProductCase(random, type, 0, 33, 40, 24, layouts).Check(s_volta, ToleranceOf(type));
    }

    [Theory, MemberData(nameof(Types))]
    public void Sizes_next_to_those_of_a_tile_are_right(string name)
    {
        DType type = DType.Parse(name);
        var random = new Random(3);
        ProductMethod method = type.Size == 2 ? ProductMethod.Half : ProductMethod.Scalar;
        foreach (ProductTile tile in ProductChoice.Tiles(method, type.Compute))
        {
            foreach (int difference in (int[])[-1, 0, 1])
            {
                new ProductCase(random, type, 0, tile.M + difference, tile.N + difference, tile.Depth + difference, Layouts[random.Next(Layouts.Length)])
                    .Check(s_ampere, ToleranceOf(type), With(tile, 1));
            }
        }
    }

    [Theory, InlineData("float32"), InlineData("float64"), InlineData("float16"), InlineData("bfloat16"), InlineData("int32")]
    public void The_depth_is_shared_among_blocks(string name)
    {
        DType type = DType.Parse(name);
        var random = new Random(4);
        foreach (int parts in (int[])[2, 5])
        {
            foreach (string layouts in (string[])["rt", "RT", "tr", "gg"])
            {
                new ProductCase(random, type, random.Next(2) * 2, 5, 9, 150, layouts)
                    .Check(s_ampere, 2 * ToleranceOf(type), (backend, a, b, y, alpha, beta, epilogue) =>
                    {
                        var plan = new ProductPlan(a, b, y, 80, false);
                        ((CudaBackend)backend).Multiply(plan, ProductChoice.Tiles(plan.Method, plan.Compute)[^1], parts, a, b, y, alpha, beta, epilogue);
                    });
            }
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void Vectors_are_multiplied(string name)
    {
        DType type = DType.Parse(name);
        var random = new Random(8);
        foreach (Device device in (Device[])[s_ampere, s_volta])
        {
            foreach (string layouts in Layouts)
            {
                int other = random.Next(2) == 0 ? 41 : 160, depth = random.Next(2) == 0 ? 37 : 1024;
                (int m, int n) = random.Next(2) == 0 ? (other, 1) : (1, other);
                new ProductCase(random, type, random.Next(3) == 0 ? 2 : 0, m, n, depth, layouts).Check(device, 4 * ToleranceOf(type));
            }
            new ProductCase(random, type, 0, 1, 1, 5000, "rt").Check(device, 20 * ToleranceOf(type));
        }
    }

    [Fact]
    public void Sums_of_16_bit_numbers_may_stay_float32()
    {
        var random = new Random(9);
        foreach (DType type in (DType[])[DType.Float16, DType.BFloat16])
        {
            foreach (string layouts in (string[])["rt", "RR", "gg"])
                new ProductCase(random, type, 0, 33, 34, 35, layouts, result: DType.Float32).Check(s_ampere, 1e-5);
        }
    }

    /// <summary>How a launch-bound network's products, large ones and thin ones are cut, on a device with 132 processors.</summary>
    [Fact]
    public void Tiles_are_chosen_by_size()
    {
        Assert.Equal((64, 128, 1), Chosen(ProductMethod.Scalar, DType.Float32, 4096, 4096, 4096));
        Assert.Equal((64, 128, 1), Chosen(ProductMethod.Scalar, DType.Float32, 1024, 1024, 1024));
        Assert.Equal((32, 64, 1), Chosen(ProductMethod.Scalar, DType.Float32, 512, 512, 512));
        Assert.Equal((32, 64, 1), Chosen(ProductMethod.Scalar, DType.Float32, 128, 10, 784));
        Assert.Equal((32, 64, 33), Chosen(ProductMethod.Scalar, DType.Float32, 128, 10, 1 << 20));
        Assert.Equal((128, 128, 1), Chosen(ProductMethod.Half, DType.Float32, 4096, 4096, 4096));
        Assert.Equal((64, 64, 1), Chosen(ProductMethod.Half, DType.Float32, 512, 512, 512));
        Assert.Equal((64, 64, 1), Chosen(ProductMethod.Tf32, DType.Float32, 100, 100, 100));

        static (int M, int N, int Parts) Chosen(ProductMethod method, DType compute, int m, int n, int k)
        {
            (ProductTile tile, int parts) = ProductChoice.Choose(method, compute, 1, m, n, k, 132);
            return (tile.M, tile.N, parts);
        }
    }

    [Fact]
    public void Float32_is_rounded_to_tf32_where_that_is_allowed()
    {
        Device device = Create(80);
        ((CudaBackend)device.Backend).AllowTf32 = true;
        var random = new Random(5);
        bool rounds = false;
        foreach (string layouts in Layouts)
        {
            foreach (int size in (int[])[17, 64, 65])
            {
                var product = new ProductCase(random, DType.Float32, 0, size, size, size, layouts);
                product.Check(device, 5e-3);
                rounds |= !product.Multiply(device).SequenceEqual(product.Multiply(s_ampere));
            }
        }
        Assert.True(rounds);
    }

    [Theory, InlineData("float32"), InlineData("bfloat16"), InlineData("int64")]
    public void Nothing_times_nothing(string name)
    {
        DType type = DType.Parse(name);
        var random = new Random(6);
        foreach ((int batch, int m, int n, int k) in ((int, int, int, int)[])[(0, 0, 3, 4), (0, 3, 0, 4), (0, 3, 4, 0), (2, 3, 4, 0), (0, 0, 0, 0),
            (1, 1, 1, 1)])
            new ProductCase(random, type, batch, m, n, k, "rr").Check(s_ampere, ToleranceOf(type));
    }

    [Fact]
    public void A_stack_may_have_one_matrix_many_times()
    {
        var random = new Random(7);
        foreach (DType type in (DType[])[DType.Float32, DType.Float16])
        {
            foreach (string layouts in (string[])["br", "tb", "bb"]) new ProductCase(random, type, 4, 9, 17, 33, layouts).Check(s_ampere, ToleranceOf(type));
        }
    }

    [Fact]
    public void A_product_is_one_launch_and_two_where_its_depth_is_shared()
    {
        using var driver = new EmulatedDriver(new() { FindsUninitialized = false });
        Device device = Cuda.DeviceOf(driver);
        using Tensor a = Tensor.Ones([40, 50]).To(device), b = Tensor.Ones([50, 60]).To(device), bias = Tensor.Ones(60).To(device);
        Assert.Equal(1, Launches(() => Facula.NN.Functional.Linear(a, b.T, bias)));
        using Tensor longer = Tensor.Ones([2, 4096]).To(device);
        Assert.Equal(2, Launches(() => longer.MatMul(longer.T)));

        long Launches(Func<Tensor> product)
        {
            device.Synchronize();
            long before = driver.Counters.Launches;
            using Tensor y = product();
            device.Synchronize();
            return driver.Counters.Launches - before;
        }
    }

    private static Multiplication With(ProductTile tile, int parts) =>
        (backend, a, b, y, alpha, beta, epilogue) =>
            ((CudaBackend)backend).Multiply(new(a, b, y, 80, false), tile, parts, a, b, y, alpha, beta, epilogue);
}

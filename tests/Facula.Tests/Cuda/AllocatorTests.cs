using CsCheck;
using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>What the allocator of a device's memory keeps to, whatever is asked of it.</summary>
public sealed class AllocatorTests
{
    private const long MB = 1 << 20;

    private static CudaDevice Open(FakeDriver driver) => new(new CudaPlatform(driver).Devices[0], "cuda:0");

    // Little, middling and large ones, at and beside the limits of segments.
    private static readonly Gen<long> Sizes = Gen.OneOf(Gen.Long[1, 4096], Gen.Long[1, MB], Gen.Long[MB - 2, MB + 2], Gen.Long[1, 12 * MB],
        Gen.Long[10 * MB - 2, 10 * MB + 2]);

    [Fact]
    public void Blocks_never_overlap_and_all_merge_back() => Gen.Select(Sizes, Gen.Int[0, 99]).Array[1, 60].Sample(steps =>
    {
        var driver = new FakeDriver { TotalBytes = 4UL << 30 };
        CudaDevice device = Open(driver);
        CachingAllocator memory = device.Memory;
        var alive = new List<CudaBuffer>();
        long sum = 0, peak = 0;
        foreach ((long bytes, int choice) in steps)
        {
            // One in three is followed by the end of another.
            CudaBuffer buffer = device.Allocate(bytes);
            CudaBlock block = buffer.Block!;
            Assert.True(block.Bytes >= bytes && block.Address % 512 == 0);
            foreach (CudaBuffer other in alive)
                Assert.True(block.Address + (ulong)block.Bytes <= other.Address || other.Address + (ulong)other.Block!.Bytes <= block.Address);
            alive.Add(buffer);
            sum += block.Bytes;
            peak = Math.Max(peak, sum);
            if (choice < 60) End(choice % alive.Count);
            Assert.Equal((sum, peak), (memory.Allocated, memory.PeakAllocated));
            Assert.Equal((long)driver.UsedBytes, memory.Reserved);
        }
        while (alive.Count > 0) End(alive.Count - 1);
        Assert.Equal(0, memory.Allocated);
        memory.Trim("test");
        Assert.Equal((0L, 0UL), (memory.Reserved, driver.UsedBytes));
        memory.ResetPeak();
        Assert.Equal(0, memory.PeakAllocated);

        void End(int i)
        {
            sum -= alive[i].Block!.Bytes;
            alive[i].Release();
            alive.RemoveAt(i);
        }
    }, iter: 150);

    [Fact]
    public void What_is_given_back_serves_the_next_of_its_size_without_the_driver()
    {
        var driver = new FakeDriver();
        CudaDevice device = Open(driver);
        foreach (long bytes in (long[])[1, 5000, MB, MB + 1, 9 * MB, 64 * MB])
        {
            CudaBuffer first = device.Allocate(bytes);
            ulong address = first.Address;
            first.Release();
            long before = driver.Allocations;
            CudaBuffer second = device.Allocate(bytes);
            Assert.Equal((address, before), (second.Address, driver.Allocations));
            second.Release();
        }
    }

    [Fact]
    public void Little_blocks_share_a_segment_and_the_best_fit_is_taken()
    {
        var driver = new FakeDriver();
        CudaDevice device = Open(driver);
        CudaBuffer[] buffers = [.. Enumerable.Range(1, 20).Select(i => device.Allocate(i * 4096))];
        Assert.Equal((1, 2 * MB), (driver.Allocations, device.Memory.Reserved));
        ulong seven = buffers[6].Address;
        buffers[6].Release();
        buffers[14].Release();
        Assert.Equal(seven, device.Allocate(7 * 4096 - 100).Address);
    }

    [Fact]
    public void Nothing_takes_no_memory()
    {
        CudaDevice device = Open(new());
        CudaBuffer nothing = device.Allocate(0);
        device.Upload([], nothing, 0);
        device.Download(nothing, 0, []);
        Assert.Equal((0UL, 0), (nothing.Address, device.Memory.Allocated));
        nothing.Release();
    }

    [Fact]
    public void Two_that_let_go_at_once_and_one_that_uses_it_meanwhile_are_told_apart()
    {
        CudaDevice device = Open(new());
        for (int round = 0; round < 200; round++)
        {
            CudaBuffer buffer = device.Allocate(4096);
            buffer.AddReference();
            int seen = 0;
            Parallel.Invoke(() => buffer.Release(), () => buffer.Release(), () =>
            {
                try
                {
                    using var hold = new CudaHold(buffer, "test");
                    // Held: it is nobody else's.
                    CudaBuffer other = device.Allocate(4096);
                    Assert.NotEqual(buffer.Address, other.Address);
                    other.Release();
                    seen = 1;
                }
                catch (ObjectDisposedException)
                {
                    seen = 2;
                }
            });
            Assert.NotEqual(0, seen);
            Assert.Equal(0, device.Memory.Allocated);
        }
    }

    [Fact]
    public void Tensors_dropped_without_Dispose_do_not_pile_up()
    {
        // 100 GB in all, on a device of 1 GB.
        var driver = new FakeDriver();
        Device device = Cuda.DeviceOf(driver);
        for (int i = 0; i < 3000; i++) _ = Tensor.Empty([8 << 20], device: device);
        Assert.InRange(device.Memory.PeakAllocated, 32 * MB, 300 * MB);
    }

    [Fact]
    public void What_backward_has_saved_lets_a_dropped_tensor_go()
    {
        Device device = Cuda.DeviceOf(new FakeDriver());
        Tensor x = Tensor.Ones([1 << 20], device: device, requiresGrad: true);
        for (int i = 0; i < 30; i++) x.Exp().Sum().Backward();
        Assert.InRange(device.Memory.PeakAllocated, 8 * MB, 200 * MB);
        // On this driver kernels do nothing.
        Assert.NotNull(x.Grad);
    }
}

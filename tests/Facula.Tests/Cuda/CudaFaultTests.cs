using Facula.Backends;
using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>What is said where there is no GPU, or it fails.</summary>
public sealed class CudaFaultTests
{
    private static CudaDevice Open(FakeDriver driver) => new(new CudaPlatform(driver).Devices[0], "cuda:0");

    private static CudaBuffer Launch(CudaDevice device, string operation)
    {
        CudaBuffer buffer = device.Allocate(64);
        using var launch = new CudaLaunch(device, device.Load(new("k", "good", 32)), operation);
        launch.Add(new Operand(buffer, Layout.Contiguous([4, 2]), DType.Float32));
        launch.Run(1);
        return buffer;
    }

    [Fact]
    public void Why_there_is_no_device_is_a_value()
    {
        Assert.Null(new CudaPlatform(new FakeDriver()).Reason);
        Says(new FakeDriver { Failing = { [nameof(ICudaDriver.Initialize)] = CudaResult.NoDevice } }, "does not start", "there is no NVIDIA GPU");
        Says(new FakeDriver { Failing = { [nameof(ICudaDriver.GetVersion)] = CudaResult.InvalidValue } }, "does not say its version");
        Says(new FakeDriver { Version = 11070 }, "too old", "CUDA 11.7", "11.8");
        Says(new FakeDriver { Devices = 0 }, "there is no NVIDIA GPU");
        Says(new FakeDriver { Failing = { [nameof(ICudaDriver.GetDeviceCount)] = CudaResult.SystemNotReady } }, "not running yet");
        Says(new FakeDriver { Capability = 61 }, "Fake 0 has compute capability 6.1", "7.0");
        Says(new FakeDriver { Failing = { [nameof(ICudaDriver.GetAttribute)] = CudaResult.InvalidValue } }, "device 0 says nothing");
        Assert.Contains("too old", Assert.Throws<NotSupportedException>(() => Cuda.DeviceOf(new FakeDriver { Version = 11000 })).Message,
            StringComparison.Ordinal);

        static void Says(FakeDriver driver, params string[] parts)
        {
            var platform = new CudaPlatform(driver);
            Assert.Empty(platform.Devices);
            Assert.All(parts, part => Assert.Contains(part, platform.Reason, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void What_this_machine_has_can_be_asked_for_without_an_exception()
    {
        Assert.Equal(Cuda.IsAvailable, Cuda.UnavailableReason is null);
        Assert.Equal(Cuda.IsAvailable, Cuda.DeviceCount > 0);
        Assert.Equal(Cuda.IsAvailable, new Device(DeviceKind.Cuda).IsAvailable);
        Assert.False(new Device(DeviceKind.Cuda, Cuda.DeviceCount).IsAvailable);
        Assert.Contains("no GPU", Assert.Throws<NotSupportedException>(() => Cuda.GetMemoryInfo(Device.Cpu)).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => Cuda.GetProperties(Device.Cpu));
    }

    [Fact]
    public void A_kernel_that_does_not_compile_says_its_name_and_what_the_compiler_says()
    {
        CudaDevice device = Open(new());
        var cache = new KernelCache<int>((_, _) => new("gelu_f32", "bad", 32));
        for (int i = 0; i < 2; i++)
        {
            CudaException error = Assert.Throws<CudaException>(() => cache.Get(device, 1));
            Assert.Equal((int)CudaResult.InvalidPtx, error.Code);
            Assert.Contains("gelu_f32", error.Message, StringComparison.Ordinal);
            Assert.Contains("line 3; error   : Unknown symbol 'bad'", error.Message, StringComparison.Ordinal);
        }
        // The device lives on.
        Launch(device, "add").Release();
    }

    [Fact]
    public void Room_for_a_kernel_is_made_of_what_is_kept_for_tensors()
    {
        var driver = new FakeDriver { NeedsForModule = 900 << 20 };
        CudaDevice device = Open(driver);
        device.Allocate(300 << 20).Release();
        Launch(device, "add").Release();
        CudaBuffer kept = device.Allocate(300 << 20);
        Assert.Contains("no room", Assert.Throws<CudaException>(() => Launch(device, "add")).Message, StringComparison.Ordinal);
        kept.Release();
        Launch(device, "add").Release();
    }

    [Fact]
    public void A_lost_device_keeps_saying_what_happened_first()
    {
        var driver = new FakeDriver { LostAtLaunch = 3 };
        CudaDevice device = Open(driver);
        CudaBuffer buffer = Launch(device, "softmax");
        Launch(device, "gather");
        CudaException first = Assert.Throws<CudaException>(() => Launch(device, "matmul"));
        Assert.Equal((700, "matmul"), (first.Code, first.Operation));
        Assert.Contains("matmul of float32 [4, 2]", first.Message, StringComparison.Ordinal);
        Assert.Contains("the last were matmul, gather, softmax", first.Message, StringComparison.Ordinal);
        Assert.Contains("cuda:0 (Fake 0)", first.Message, StringComparison.Ordinal);
        driver.Failing[nameof(ICudaDriver.CopyToHost)] = CudaResult.LaunchFailed;
        foreach (Action use in (Action[])[device.Synchronize, () => Launch(device, "add"), () => device.Download(buffer, 0, new byte[64]),
            () => device.Upload(new byte[64], buffer, 0), () => device.Allocate(4 << 20), () => device.ReadMemory()])
        {
            CudaException again = Assert.Throws<CudaException>(use);
            Assert.Equal((first.Message, first.Code, first.Operation), (again.Message, again.Code, again.Operation));
            Assert.NotNull(again.InnerException);
        }
        // Letting go is no use of it.
        buffer.Release();
    }

    [Fact]
    public void Waiting_after_each_launch_names_the_operation_that_has_failed()
    {
        var driver = new FakeDriver();
        CudaDevice device = Open(driver);
        bool waited = Cuda.WaitAfterLaunch;
        Cuda.WaitAfterLaunch = true;
        try
        {
            driver.Failing[nameof(ICudaDriver.SynchronizeStream)] = CudaResult.MisalignedAddress;
            CudaException error = Assert.Throws<CudaException>(() => Launch(device, "conv2d"));
            Assert.StartsWith("conv2d of float32 [4, 2]: a kernel has touched an address that is not aligned (CUDA error 716)", error.Message,
                StringComparison.Ordinal);
            Assert.DoesNotContain("earlier", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Cuda.WaitAfterLaunch = waited;
        }
    }

    [Fact]
    public void A_call_that_fails_says_which_and_the_device_lives_on()
    {
        var driver = new FakeDriver();
        CudaDevice device = Open(driver);
        driver.Failing[nameof(ICudaDriver.Launch)] = CudaResult.LaunchOutOfResources;
        CudaException error = Assert.Throws<CudaException>(() => Launch(device, "sort"));
        Assert.Equal((701, "sort"), (error.Code, error.Operation));
        Assert.DoesNotContain("lost", error.Message, StringComparison.Ordinal);
        driver.Failing.Clear();
        Launch(device, "sort").Release();
    }

    [Fact]
    public void The_memory_that_is_missing_is_looked_for_before_anything_is_said()
    {
        const long MB = 1 << 20;
        var driver = new FakeDriver { TotalBytes = 100 << 20 };
        CudaDevice device = Open(driver);
        // What is kept for another size is given up.
        device.Allocate(60 * MB).Release();
        CudaBuffer first = device.Allocate(80 * MB);
        Assert.Equal((80 * MB, 80 * MB), (device.Memory.Allocated, device.Memory.Reserved));
        first.Release();
        // What has been dropped is found.
        for (int i = 0; i < 10; i++) Drop(device, (60 + i) * MB);
        // A segment is no larger than it must be where there is little left.
        CudaBuffer most = device.Allocate(90 * MB);
        device.Allocate(5 * MB).Release();
        string message = Assert.Throws<OutOfMemoryException>(() => device.Allocate(20 * MB)).Message;
        Assert.Contains($"{20 * MB} bytes were asked for on cuda:0 (Fake 0)", message, StringComparison.Ordinal);
        Assert.Contains($"of its {100 * MB} bytes, {90 * MB} are in use by tensors", message, StringComparison.Ordinal);
        Assert.Throws<OutOfMemoryException>(() => device.Allocate(long.MaxValue));
        Assert.Throws<OutOfMemoryException>(() => device.Allocate(long.MaxValue / 2));
        most.Release();
        device.Memory.Empty();
        Assert.Equal((0, 0), (device.Memory.Reserved, (long)driver.UsedBytes));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Drop(CudaDevice device, long bytes) => device.Allocate(bytes);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void An_allocation_that_fails_is_tried_again_after_giving_up_what_is_kept(int nth)
    {
        var driver = new FakeDriver();
        CudaDevice device = Open(driver);
        driver.FailingAllocations.Add(nth);
        CudaBuffer[] buffers = [.. Enumerable.Range(1, 6).Select(i => device.Allocate(i * 12L << 20))];
        Assert.Equal(buffers.Length + 1, driver.Allocations);
        Assert.Equal(buffers.Sum(buffer => buffer.Bytes), device.Memory.Allocated);
    }

    [Fact]
    public void A_tensor_that_does_not_fit_says_so_with_shape_and_device()
    {
        Device device = Cuda.DeviceOf(new FakeDriver { TotalBytes = 10 << 20 });
        string message = Assert.Throws<OutOfMemoryException>(() => Tensor.Empty([3 << 20, 4], device: device)).Message;
        Assert.Contains("Empty: a float32 tensor of shape [3145728, 4] needs 50331648 bytes", message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("50331648 bytes were asked for on cuda-emulated (Fake 0)", message, StringComparison.Ordinal);
    }
}

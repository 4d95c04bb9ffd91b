using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Facula.Backends;
using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>Memory, copies and launches on a driver that does everything as late as may be.</summary>
public sealed class CudaDeviceTests
{
    private static CudaDevice Open(FakeDriver driver, int index = 0) => new(new CudaPlatform(driver).Devices[index], $"cuda:{index}");

    // One that adds a number to each of so many ints.
    private static readonly CudaKernel AddKernel = new("add", "good", 128);

    private static CudaDevice OpenWithAdd(FakeDriver driver, out CudaFunction add)
    {
        driver.Kernels["add"] = packed =>
        {
            ulong address = MemoryMarshal.Read<ulong>(packed);
            int count = MemoryMarshal.Read<int>(packed.AsSpan(8)), value = MemoryMarshal.Read<int>(packed.AsSpan(12));
            unsafe
            {
                foreach (ref int element in new Span<int>((void*)address, count)) element += value;
            }
        };
        CudaDevice device = Open(driver);
        add = device.Load(AddKernel);
        return device;
    }

    private static void Add(CudaDevice device, CudaFunction add, CudaBuffer buffer, int value)
    {
        using var launch = new CudaLaunch(device, add, "add");
        launch.Add(buffer);
        launch.Add((int)(buffer.Bytes / sizeof(int)));
        launch.Add(value);
        launch.Run(1);
    }

    private static int[] Read(CudaDevice device, CudaBuffer buffer)
    {
        int[] values = new int[buffer.Bytes / sizeof(int)];
        device.Download(buffer, 0, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    [Theory, InlineData(1), InlineData(1000), InlineData(20_000), InlineData(3_000_000), InlineData(8_000_001)]
    public void What_is_uploaded_is_downloaded_though_the_source_is_changed_at_once(int count)
    {
        CudaDevice device = OpenWithAdd(new(), out CudaFunction add);
        int[] source = [.. Enumerable.Range(0, count)];
        CudaBuffer buffer = device.Allocate(4L * count);
        for (int round = 0; round < 3; round++)
        {
            device.Upload(MemoryMarshal.AsBytes(source.AsSpan()), buffer, 0);
            Array.Fill(source, -1);
            Add(device, add, buffer, 5);
            source = Read(device, buffer);
        }
        Assert.True(source.AsSpan().SequenceEqual([.. Enumerable.Range(15, count)]));
    }

    [Fact]
    public void Memory_that_is_handed_on_at_once_is_not_written_before_its_last_owners_kernels_have_run()
    {
        CudaDevice device = OpenWithAdd(new(), out CudaFunction add);
        var random = new Random(1);
        var alive = new Dictionary<CudaBuffer, int>();
        byte[] source = new byte[4 << 20];
        for (int i = 0; i < 200; i++)
        {
            // Both ways of copying, and sizes that are used again.
            CudaBuffer buffer = device.Allocate(random.Next(4) switch { 0 => 4096, 1 => 64 << 10, 2 => 1 << 20, _ => 3 << 20 });
            int value = random.Next();
            MemoryMarshal.Cast<byte, int>(source.AsSpan()).Fill(value);
            device.Upload(source.AsSpan(0, (int)buffer.Bytes), buffer, 0);
            // Some are never used, and go back while their bytes are on the way.
            if (random.Next(3) > 0) Add(device, add, buffer, 1);
            else value--;
            alive.Add(buffer, value + 1);
            if (alive.Count < 6) continue;
            CudaBuffer old = alive.Keys.ElementAt(random.Next(alive.Count));
            if (random.Next(2) == 0) Assert.Equal(-1, Read(device, old).AsSpan().IndexOfAnyExcept(alive[old]));
            alive.Remove(old);
            old.Release();
        }
        foreach ((CudaBuffer buffer, int value) in alive) Assert.Equal(-1, Read(device, buffer).AsSpan().IndexOfAnyExcept(value));
    }

    [Fact]
    public void Memory_that_is_given_back_while_bytes_are_on_their_way_is_not_written_by_them_later()
    {
        CudaDevice device = Open(new());
        byte[] source = new byte[1 << 20], read = new byte[64];
        for (int i = 0; i < 20; i++)
        {
            CudaBuffer first = device.Allocate(source.Length);
            device.Upload(source, first, 0);
            ulong address = first.Address;
            first.Release();
            CudaBuffer second = device.Allocate(source.Length);
            Assert.Equal(address, second.Address);
            device.Set(second, 0, 7, source.Length, "test");
            device.Download(second, 0, read);
            Assert.Equal(-1, read.AsSpan().IndexOfAnyExcept((byte)7));
            device.Synchronize();
            device.Download(second, source.Length - 64, read);
            Assert.Equal(-1, read.AsSpan().IndexOfAnyExcept((byte)7));
            second.Release();
        }
    }

    [Fact]
    public void A_launch_waits_for_nothing_and_allocates_nothing()
    {
        var driver = new FakeDriver();
        CudaDevice device = Open(driver);
        CudaFunction nothing = device.Load(new("nothing", "good", 32));
        CudaBuffer buffer = device.Allocate(1024);
        var operand = new Operand(buffer, Layout.Contiguous([256]), DType.Float32);
        for (int i = 0; i < 100; i++) Launch();
        driver.Calls = new(1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Launch();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.All(driver.Calls, call => Assert.Equal(nameof(ICudaDriver.Launch), call));
        Assert.Equal(200, device.Launches);

        void Launch()
        {
            using var launch = new CudaLaunch(device, nothing, "nothing");
            launch.Add(operand);
            launch.Add(3L);
            launch.AddIndexError("gather", 1);
            launch.Run(7);
        }
    }

    [Fact]
    public void Arguments_lie_as_PTX_lays_parameters_out()
    {
        byte[]? seen = null;
        var driver = new FakeDriver { Kernels = { ["k"] = packed => seen = packed } };
        CudaDevice device = Open(driver);
        CudaBuffer buffer = device.Allocate(4096);
        using (var launch = new CudaLaunch(device, device.Load(new("k", "good", 32)), "k"))
        {
            launch.Add(7);
            launch.Add(new Operand(buffer, Layout.Contiguous([8]).Slice(0, 3, 8), DType.Float64));
            launch.Add(1.5f);
            launch.Add(2.5);
            launch.Add([1, 2, 3], 64);
            launch.Run(1);
        }
        device.Synchronize();
        Assert.Equal(67, seen!.Length);
        Assert.Equal((7, buffer.Address + 24, 1.5f, 2.5), (MemoryMarshal.Read<int>(seen), MemoryMarshal.Read<ulong>(seen.AsSpan(8)),
            MemoryMarshal.Read<float>(seen.AsSpan(16)), MemoryMarshal.Read<double>(seen.AsSpan(24))));
        Assert.Equal([1, 2, 3], seen[64..]);
    }

    [Fact]
    public void What_a_launch_is_given_is_checked()
    {
        var driver = new FakeDriver { Devices = 2 };
        CudaDevice device = Open(driver), other = Open(driver, 1);
        CudaFunction function = device.Load(new("k", "good", 32));
        CudaBuffer mine = device.Allocate(64), theirs = other.Allocate(64), gone = device.Allocate(64);
        gone.Release();
        Assert.Contains("cuda:1", Assert.Throws<InvalidOperationException>(() => With(theirs, 16)).Message, StringComparison.Ordinal);
        Assert.Contains("host", Assert.Throws<InvalidOperationException>(() => With(HostBuffer.Allocate(64), 16)).Message, StringComparison.Ordinal);
        Assert.Contains("reaches beyond", Assert.Throws<InvalidOperationException>(() => With(mine, 17)).Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => With(gone, 16));
        Assert.Equal(0, driver.Launches);
        With(mine, 16);
        Assert.Equal(1, driver.Launches);

        void With(Buffer buffer, int count)
        {
            using var launch = new CudaLaunch(device, function, "k");
            launch.Add(new Operand(buffer, Layout.Contiguous([count]), DType.Float32));
            launch.Run(1);
        }
    }

    [Fact]
    public void A_kernel_is_compiled_once_for_a_key_whoever_asks()
    {
        var driver = new FakeDriver();
        CudaDevice device = Open(driver);
        int written = 0;
        var cache = new KernelCache<int>((key, capability) =>
        {
            Interlocked.Increment(ref written);
            Assert.Equal(90, capability);
            return new($"k{key}", "good", 32);
        });
        Parallel.For(0, 64, i => Assert.Equal($"k{i % 4}", cache.Get(device, i % 4).Name));
        Assert.Equal((4, 4), (written, driver.Modules));
    }

    [Fact]
    public void An_index_that_a_kernel_finds_is_raised_once_by_the_next_read()
    {
        var driver = new FakeDriver();
        driver.Kernels["find"] = static packed =>
        {
            unsafe
            {
                long* record = (long*)MemoryMarshal.Read<ulong>(packed);
                if (record[0] != 0) return;
                (*(int*)record, record[1], record[2], record[3]) = (MemoryMarshal.Read<int>(packed.AsSpan(8)), 9, 5, 3);
            }
        };
        CudaDevice device = Open(driver);
        CudaFunction find = device.Load(new("find", "good", 32));
        CudaBuffer buffer = device.Allocate(64);
        foreach (Action read in (Action[])[device.Synchronize, () => device.Download(buffer, 0, new byte[64]), () => device.Download(buffer, 0, [])])
        {
            Find("gather", 2);
            Find("scatter", 0);
            string message = Assert.Throws<ArgumentOutOfRangeException>(read).Message;
            Assert.Contains("gather: index 9 (element 3 of the index) is out of range for dimension 2, which has size 5", message, StringComparison.Ordinal);
            read();
        }
        using (var launch = new CudaLaunch(device, find, "crossEntropy"))
        {
            launch.AddIndexError(IndexError.CrossEntropy, 0);
            launch.Run(1);
        }
        Assert.Contains("the label of row 3 is 9, but there are 5 classes", Assert.Throws<ArgumentOutOfRangeException>(device.Synchronize).Message,
            StringComparison.Ordinal);
        device.Synchronize();

        void Find(string operation, int dim)
        {
            using var launch = new CudaLaunch(device, find, operation);
            launch.AddIndexError(operation, dim);
            launch.Run(1);
        }
    }

    [Fact]
    public void Dropped_buffers_come_back_without_a_call_of_the_driver()
    {
        var driver = new FakeDriver();
        CudaDevice device = Open(driver);
        Drop(device);
        long before = device.Memory.Allocated;
        driver.Calls = [];
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.Empty(driver.Calls);
        Assert.Equal(before, device.Memory.Allocated);
        // The next that there is no free block for.
        CudaBuffer found = device.Allocate(1 << 20);
        Assert.Equal((10 << 20, 1 << 20), (before, device.Memory.Allocated));
        Assert.Empty(driver.Calls);
        found.Release();
        Assert.Equal(0, device.Memory.Allocated);

        // All at once, and not in a local of the method that looks for them.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop(CudaDevice device)
        {
            CudaBuffer[] all = [.. Enumerable.Range(0, 10).Select(_ => device.Allocate(1 << 20))];
            GC.KeepAlive(all);
        }
    }

    [Fact]
    public void Kernels_do_not_wait_for_a_batch_that_they_do_not_read()
    {
        var driver = new FakeDriver();
        CudaDevice device = OpenWithAdd(driver, out CudaFunction add);
        CudaBuffer used = device.Allocate(1024), batch = device.Allocate(1 << 20);
        device.Set(used, 0, 0, 1024, "test");
        device.Upload(new byte[1 << 20], batch, 0);
        driver.Calls = [];
        Add(device, add, used, 3);
        Assert.Equal([nameof(ICudaDriver.Launch)], driver.Calls);
        // Once, and then it is there.
        Add(device, add, batch, 4);
        Add(device, add, batch, 4);
        Assert.Equal([nameof(ICudaDriver.Launch), nameof(ICudaDriver.WaitFor), nameof(ICudaDriver.Launch), nameof(ICudaDriver.Launch)], driver.Calls);
        Assert.Equal(-1, Read(device, batch).AsSpan().IndexOfAnyExcept(8));
        Assert.Equal(-1, Read(device, used).AsSpan().IndexOfAnyExcept(3));
    }

    [Fact]
    public void A_profile_adds_up_what_the_device_does()
    {
        var driver = new FakeDriver();
        CudaDevice device = OpenWithAdd(driver, out CudaFunction add);
        CudaBuffer buffer = device.Allocate(4096);
        device.Set(buffer, 0, 0, 4096, "test");
        device.Allocate(40 << 20).Release();
        var profile = new CudaProfile(device.Record());
        using (profile)
        {
            for (int i = 0; i < 3; i++) Add(device, add, buffer, 1);
            using (var launch = new CudaLaunch(device, add, "other"))
            {
                launch.Add(new Operand(buffer, Layout.Contiguous([8, 8]), DType.Int32));
                launch.Add(64);
                launch.Add(2);
                launch.Run(1);
            }
            device.Allocate(2 << 20).Release();
            Assert.Empty(profile.Entries);
            Assert.Contains("already", Assert.Throws<InvalidOperationException>(device.Record).Message, StringComparison.Ordinal);
        }
        profile.Dispose();
        // A quarter of a millisecond each, says the driver.
        Assert.Equal([new() { Operation = "add", Launches = 3, Milliseconds = 0.75, Bytes = 0 },
            new() { Operation = "other", Launches = 1, Milliseconds = 0.25, Bytes = 256 }], profile.Entries);
        Assert.Equal((4, 1.0, (2 << 20) + 4096), (profile.Launches, profile.Milliseconds, profile.PeakAllocated));
        Assert.Equal((40 << 20) + 4096, device.Memory.PeakAllocated);
        string[] lines = $"{profile}".Split('\n');
        Assert.Equal(["add", "3", "0.750", "250.0", "0"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["all", "4", "1.000", "peak", "2.1", "MB"], lines[3].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        driver.Calls = [];
        Add(device, add, buffer, 1);
        Assert.Equal([nameof(ICudaDriver.Launch)], driver.Calls);
        int[] values = Read(device, buffer);
        Assert.Equal((6, 4), (values[63], values[64]));
    }

    [Theory, InlineData(0), InlineData(3), InlineData(100_000), InlineData(3_000_000)]
    public void Tensors_go_from_one_device_to_another(int count)
    {
        var driver = new FakeDriver { Devices = 2 };
        Device first = Cuda.DeviceOf(driver, "first"), second = Cuda.DeviceOf(driver, "second", 1);
        Tensor x = Tensor.Arange(count), y = x.To(first).To(second), z = y.To(first);
        Assert.Equal((second, first), (y.Device, z.Device));
        Assert.True(z.To(Device.Cpu).AsSpan<long>().SequenceEqual(x.AsSpan<long>()));
    }

    [Fact]
    public void Threads_work_on_one_device_at_a_time()
    {
        var driver = new FakeDriver { Devices = 2 };
        CudaDevice[] devices = [OpenWithAdd(driver, out CudaFunction add), Open(driver, 1)];
        CudaFunction[] functions = [add, devices[1].Load(AddKernel)];
        Parallel.For(0, 32, i =>
        {
            CudaDevice device = devices[i % 2];
            CudaBuffer buffer = device.Allocate(4 * (1000 + i));
            int[] source = new int[1000 + i];
            device.Upload(MemoryMarshal.AsBytes(source.AsSpan()), buffer, 0);
            for (int k = 0; k < 10; k++) Add(device, functions[i % 2], buffer, i);
            Assert.Equal(-1, Read(device, buffer).AsSpan().IndexOfAnyExcept(10 * i));
            buffer.Release();
        });
    }
}

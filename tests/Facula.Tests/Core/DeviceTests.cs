using System.Reflection;
using Facula.NN;
using Facula.Tests.Devices;

namespace Facula.Tests;

public sealed class DeviceTests
{
    [Fact]
    public void Devices_have_a_kind_a_number_and_a_name()
    {
        Assert.Equal((DeviceKind.Cpu, 0, "cpu"), (Device.Cpu.Kind, Device.Cpu.Index, Device.Cpu.Name));
        Assert.Equal((DeviceKind.Reference, 0, "reference"), (Device.Reference.Kind, Device.Reference.Index, Device.Reference.Name));
        var cuda = new Device(DeviceKind.Cuda, 1);
        Assert.Equal((DeviceKind.Cuda, 1, "cuda:1"), (cuda.Kind, cuda.Index, $"{cuda}"));
        Assert.Equal([Device.Cpu, Device.Reference, .. Enumerable.Range(0, Cuda.DeviceCount).Select(i => new Device(DeviceKind.Cuda, i))], Device.Available);
        Assert.Equal(Cuda.IsAvailable ? new(DeviceKind.Cuda) : Device.Cpu, Device.Best);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Device(DeviceKind.Cuda, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Device(DeviceKind.Custom));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Device((DeviceKind)77));
    }

    [Fact]
    public void Two_of_one_name_are_one_device()
    {
        Device again = new(DeviceKind.Cpu), one = new(DeviceKind.Cuda, 1), two = Device.Parse("cuda:1");
        Assert.True(again == Device.Cpu && again.Equals(Device.Cpu) && again.GetHashCode() == Device.Cpu.GetHashCode() && !(again != Device.Cpu));
        Assert.True(one == two && one != Device.Parse("cuda") && one != Device.Cpu && one != null && !one.Equals(null));
        Assert.Equal(4, (Tensor.Ones([2], device: again) + Tensor.Ones([2])).Sum().Item());
        Tensor x = Tensor.Ones([2]);
        Assert.Same(x, x.To(again));
    }

    [Fact]
    public void Custom_devices_of_one_name_are_each_their_own()
    {
        var backend = new RemoteBackend();
        Device one = new("own", backend), again = new("own", backend), two = new("own", new RemoteBackend());
        Assert.True(one == again && one != two && !one.Equals(two));
        Tensor x = Tensor.Ones([2], device: one), y = Tensor.Ones([2], device: two);
        Assert.Throws<ArgumentException>(() => x + y);
        Assert.Equal([2, 2], (x + y.To(one)).ToArray<float>());
    }

    [Fact]
    public void Memory_is_counted_where_a_device_does_so()
    {
        using Tensor x = Tensor.Zeros(1 << 22);
        Assert.InRange(Device.Cpu.Memory.Allocated, 4L << 22, long.MaxValue);
        Assert.InRange(Device.Reference.Memory.Reserved, 4L << 22, long.MaxValue);
        Assert.Equal((0, 0), (Remote.Device.Memory.Allocated, Remote.Device.Memory.Reserved));
        Remote.Device.Memory.Trim();
        Assert.Throws<NotSupportedException>(() => Device.Parse("cuda:99").Memory);
    }

    [Theory]
    [InlineData("cpu", DeviceKind.Cpu, 0)]
    [InlineData("CPU:0", DeviceKind.Cpu, 0)]
    [InlineData("reference", DeviceKind.Reference, 0)]
    [InlineData("cuda", DeviceKind.Cuda, 0)]
    [InlineData("cuda:0", DeviceKind.Cuda, 0)]
    [InlineData("cuda:1", DeviceKind.Cuda, 1)]
    public void Names_are_parsed(string name, DeviceKind kind, int index)
    {
        Device device = Device.Parse(name);
        Assert.Equal((kind, index), (device.Kind, device.Index));
        Assert.Equal(device, Device.Parse(device.Name));
        Assert.True(Device.TryParse(name, out Device? same) && same == device && Generic<Device>(name) == device);

        static T Generic<T>(string text) where T : IParsable<T> => T.Parse(text, null);
    }

    [Theory, InlineData(""), InlineData("gpu"), InlineData("cuda:"), InlineData("cuda:-1"), InlineData("cuda:x"), InlineData("cuda: 1"), InlineData(":0"),
        InlineData("cuda:99999999999")]
    public void What_is_no_name_is_an_error_that_says_what_is_one(string name)
    {
        Assert.False(Device.TryParse(name, out _));
        Assert.Contains("cuda:1", Assert.Throws<FormatException>(() => Device.Parse(name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_not_there_can_be_asked_for_and_not_used()
    {
        Device cuda = new(DeviceKind.Cuda, Cuda.DeviceCount);
        Assert.False(cuda.IsAvailable);
        Assert.True(Device.Cpu.IsAvailable && Device.Reference.IsAvailable);
        foreach (Action use in (Action[])[() => Tensor.Zeros([2], device: cuda), () => Tensor.From(1f, device: cuda), () => Tensor.Ones(2).To(cuda),
        () => Tensor.Zeros([0]).To(cuda),
            () => new Linear(2, 2, device: cuda), () => new Linear(2, 2).To(cuda), () => Device.UseDefault(cuda), () => Tensor.RandPerm(3, device: cuda),
            () => Tensor.Arange(3, device: cuda)])
        {
            string message = Assert.Throws<NotSupportedException>(use).Message;
            Assert.Contains(Cuda.UnavailableReason?.TrimEnd('.') ?? "there is no device cuda", message, StringComparison.Ordinal);
            Assert.Contains("cpu and reference", message, StringComparison.Ordinal);
        }
        Assert.Contains("no device cpu:1", Assert.Throws<NotSupportedException>(() => Tensor.Zeros([2], device: Device.Parse("cpu:1"))).Message,
            StringComparison.Ordinal);
        Assert.Equal(Device.Cpu, Device.Default);
    }

    /// <summary>Every way to make a tensor of nothing but numbers.</summary>
    private static readonly (string Name, Func<Tensor> Make)[] Creations =
    [
        ("Zeros", () => Tensor.Zeros(2, 3)), ("Zeros of a type", () => Tensor.Zeros([2], DType.Int64)), ("Ones", () => Tensor.Ones(2)),
        ("Ones of a type", () => Tensor.Ones(2, dtype: DType.Bool)),
        ("Empty", () => Tensor.Empty(2)), ("Full", () => Tensor.Full([2], 7)), ("Arange", () => Tensor.Arange(5)),
        ("Arange from", () => Tensor.Arange(0, 1, 0.25)),
        ("Linspace", () => Tensor.Linspace(0, 1, 3)), ("Logspace", () => Tensor.Logspace(0, 1, 3)), ("Eye", () => Tensor.Eye(3)),
        ("Rand", () => Tensor.Rand(2)), ("Randn", () => Tensor.Randn(2, 2)), ("RandInt", () => Tensor.RandInt(9, [2])),
        ("RandInt from", () => Tensor.RandInt(1, 9, [2])), ("RandPerm", () => Tensor.RandPerm(4)),
        ("From a number", () => Tensor.From(1f)), ("From a span", () => Tensor.From([1f, 2f])), ("From an array", () => Tensor.From(new[] { 1L })),
        ("From rows", () => Tensor.From([[1f], [2f]])),
        ("From a stack", () => Tensor.From([[[1f]]])), ("From a shape", () => Tensor.From([1f, 2f], [2, 1])),
        ("From a rectangle", () => Tensor.From(new double[2, 2])),
    ];

    [Fact]
    public void What_is_made_in_a_scope_is_on_its_device()
    {
        foreach ((string name, Func<Tensor> make) in Creations) Assert.True(make().Device == Device.Cpu, name);
        using (Device.UseDefault(Device.Reference))
        {
            Assert.Equal(Device.Reference, Device.Default);
            foreach ((string name, Func<Tensor> make) in Creations) Assert.True(make().Device == Device.Reference, name);
            using (Device.UseDefault(Device.Cpu)) Assert.Equal(Device.Cpu, Tensor.Zeros(2).Device);
            Assert.Equal(Device.Reference, Tensor.Zeros(2).Device);
            // What is made like another is where that is, and a device that is given counts.
            Tensor there = Tensor.Zeros([2], device: Device.Cpu);
            Assert.All((Tensor[])[there, there.ZerosLike(), there.RandnLike(), there.RandIntLike(5), there.Bernoulli(0.5), there + 1, there.Clone()],
                x => Assert.Equal(Device.Cpu, x.Device));
        }
        Assert.Equal(Device.Cpu, Tensor.Zeros(2).Device);
    }

    [Fact]
    public void The_same_numbers_are_made_everywhere()
    {
        Generator.Seed(3);
        Tensor[] here = [.. Creations.Where(c => !c.Name.StartsWith("Empty", StringComparison.Ordinal) && !c.Name.StartsWith("Randn",
            StringComparison.Ordinal)).Select(c => c.Make())];
        Generator.Seed(3);
        using (Device.UseDefault(Device.Reference))
        {
            Tensor[] there = [.. Creations.Where(c => !c.Name.StartsWith("Empty", StringComparison.Ordinal) && !c.Name.StartsWith("Randn",
                StringComparison.Ordinal)).Select(c => c.Make())];
            for (int i = 0; i < here.Length; i++)
            {
                Assert.Equal((here[i].DType, here[i].Shape), (there[i].DType, there[i].Shape));
                Assert.Equal(here[i].ToArray<double>(), there[i].To(Device.Cpu).ToArray<double>());
            }
        }
    }

    [Fact]
    public void Modules_made_in_a_scope_are_on_its_device()
    {
        Sequential model;
        using (Device.UseDefault(Device.Reference)) model = [new Conv2d(1, 2, 3), new BatchNorm2d(2), new Relu(), new Flatten(), new Linear(2, 3),
            new LayerNorm(3)];
        Assert.All(model.Parameters(), parameter => Assert.Equal(Device.Reference, parameter.Device));
        Assert.All(model.Buffers(), buffer => Assert.Equal(Device.Reference, buffer.Device));
        Tensor y = model.Call(Tensor.Ones([2, 1, 3, 3], device: Device.Reference));
        Assert.Equal(Device.Reference, y.Device);
        y.Sum().Backward();
        Assert.All(model.Parameters(), parameter => Assert.Equal(Device.Reference, parameter.Grad!.Device));
        model.To(Device.Cpu, nonBlocking: true);
        Assert.All(model.Parameters(), parameter => Assert.Equal((Device.Cpu, Device.Cpu), (parameter.Device, parameter.Grad!.Device)));
        model.To(DType.Float64, Device.Reference);
        Assert.All(model.Parameters(), parameter => Assert.Equal((Device.Reference, DType.Float64), (parameter.Device, parameter.Grad!.DType)));
    }

    [Fact]
    public async Task Scopes_flow_with_what_is_awaited_and_into_new_threads()
    {
        using (Device.UseDefault(Device.Reference))
        {
            await Task.Yield();
            Assert.Equal(Device.Reference, Device.Default);
            Assert.Equal(Device.Reference, await Task.Run(() => Tensor.Ones(2).Device, TestContext.Current.CancellationToken));
            Device? seen = null;
            var thread = new Thread(() => seen = Device.Default);
            thread.Start();
            thread.Join();
            Assert.Equal(Device.Reference, seen);
            await Inner();
            Assert.Equal(Device.Reference, Device.Default);
        }
        Assert.Equal(Device.Cpu, Device.Default);

        static async Task Inner()
        {
            using DefaultDeviceScope scope = Device.UseDefault(Device.Cpu);
            await Task.Yield();
            Assert.Equal(Device.Cpu, Device.Default);
        }
    }

    [Fact]
    public void Gradients_flow_between_devices()
    {
        Tensor x = Tensor.Ones(2, 3, requiresGrad: true);
        (x.To(DType.Float64, Device.Reference, nonBlocking: true) * 3).Sum().Backward();
        Assert.Equal((Device.Cpu, DType.Float32), (x.Grad!.Device, x.Grad!.DType));
        Assert.Equal(3, x.Grad!.Mean().Item());
    }

    // One order everywhere: what it is, where it is, the rest.
    [Fact]
    public void A_device_follows_the_type_wherever_both_are_given()
    {
        int found = 0;
        foreach (Type type in typeof(Tensor).Assembly.GetExportedTypes())
        {
            foreach (MethodBase member in type.GetMembers().OfType<MethodBase>())
            {
                ParameterInfo[] parameters = member.GetParameters();
                int dtype = Array.FindIndex(parameters, p => p.ParameterType == typeof(DType) || p.ParameterType == typeof(DType?));
                int device = Array.FindIndex(parameters, p => p.ParameterType == typeof(Device));
                if (dtype < 0 || device < 0) continue;
                Assert.True(device == dtype + 1 && parameters[dtype].Name == "dtype" && parameters[device].Name == "device", $"{type}.{member}");
                found++;
            }
        }
        Assert.InRange(found, 40, 400);
    }
}

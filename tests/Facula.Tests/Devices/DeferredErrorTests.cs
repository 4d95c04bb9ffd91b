using F = Facula.NN.Functional;

namespace Facula.Tests.Devices;

/// <summary>A device that finds bad indices and labels while nobody waits says so to the next one who does, once; the processor says so at once.</summary>
public sealed class DeferredErrorTests
{
    private static readonly Dictionary<string, (Func<Device, Tensor> Run, string Message)> Cases = new()
    {
        ["Gather"] = (d => X(d).Gather(1, I(d, [[0, 5], [1, 2]])),
            "Gather: index 5 (element 1 of the index) is out of range for dimension 1, which has size 3"),
        ["Scatter"] = (d => X(d).Scatter(1, I(d, [[0, -1]]), 2),
            "Scatter: index -1 (element 1 of the index) is out of range for dimension 1, which has size 3"),
        ["ScatterAdd"] = (d => X(d).ScatterAdd(0, I(d, [[0, 2, 0]]), X(d)[..1]),
            "ScatterAdd: index 2 (element 1 of the index) is out of range for dimension 0, which has size 2"),
        ["IndexSelect"] = (d => X(d).IndexSelect(0, I(d, [1, 4])),
            "IndexSelect: index 4 (element 1 of the index) is out of range for dimension 0, which has size 2"),
        ["IndexAdd"] = (d => X(d).IndexAdd(0, I(d, [0, 3]), X(d)),
            "IndexAdd: index 3 (element 1 of the index) is out of range for dimension 0, which has size 2"),
        ["Index"] = (d => X(d)[.., I(d, [0, -4])], "Index: index -4 (element 1 of the index) is out of range for dimension 1, which has size 3"),
        ["Index twice"] = (d => X(d)[I(d, [0, 1]), I(d, [0, 3])], "Index: index 3 (element 1 of the index) is out of range for dimension 1, which has size 3"),
        ["CrossEntropy"] = (d => F.CrossEntropy(X(d), I(d, [2, 7])), "crossEntropy: the label of row 1 is 7, but there are 3 classes, numbered 0 to 2;"),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static Tensor X(Device device) => Tensor.From([[1f, 2, 3], [4, 5, 6]]).To(device);

    private static Tensor I(Device device, long[] values) => Tensor.From(values).To(device);

    private static Tensor I(Device device, long[][] rows) => Tensor.Stack([.. rows.Select(row => Tensor.From(row))]).To(device);

    [Theory, MemberData(nameof(Names))]
    public void Next_read_raises_what_was_deferred_once(string name)
    {
        (Func<Device, Tensor> run, string message) = Cases[name];
        Device device = Remote.Create(new RemoteBackend { DefersErrors = true });
        Action<Tensor>[] reads = [y => y.ToArray<float>(), y => y.Sum().Item(), y => y.ToString(), y => y.To(Device.Cpu), _ => device.Synchronize()];
        foreach (Action<Tensor> read in reads)
        {
            Tensor y = run(device);
            ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => read(y));
            Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
            // The device goes on.
            read(y);
            Assert.Equal(21, X(device).Sum().Item());
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void An_immediate_device_raises_at_once(string name)
    {
        (Func<Device, Tensor> run, string message) = Cases[name];
        foreach (Device device in (Device[])[Device.Cpu, Device.Reference])
            Assert.StartsWith(message, Assert.Throws<ArgumentOutOfRangeException>(() => run(device)).Message, StringComparison.Ordinal);
        Device.Cpu.Synchronize();
    }

    [Fact]
    public void The_first_of_several_errors_is_raised()
    {
        Device device = Remote.Create(new RemoteBackend { DefersErrors = true });
        Tensor x = X(device);
        _ = x.IndexSelect(0, I(device, [8]));
        _ = x.IndexSelect(0, I(device, [9]));
        Assert.Contains("index 8", Assert.Throws<ArgumentOutOfRangeException>(device.Synchronize).Message, StringComparison.Ordinal);
        device.Synchronize();
    }
}

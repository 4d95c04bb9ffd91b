using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.Devices;

/// <summary>In which order a result's elements lie inside is the backend's choice, and nothing else hangs on it.</summary>
public sealed class ResultLayoutTests
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Operations = new()
    {
        ["conv2d"] = x => F.Conv2d(x, Tensor.Arange(5 * 3 * 9, dtype: DType.Float32).Sin().Reshape(5, 3, 3, 3).To(x.Device), padding: 1),
        ["conv2d transposed"] = x => F.ConvTranspose2d(x, Tensor.Arange(5 * 3 * 9, dtype: DType.Float32).Sin().Reshape(3, 5, 3, 3).To(x.Device)),
        ["maxPool2d"] = x => F.MaxPool2d(x, 2),
        ["maxPool2d with indices"] = x => F.MaxPool2dWithIndices(x, 3, 2, 1).Output,
        ["avgPool2d"] = x => F.AvgPool2d(x, 3, 2, 1),
        ["batchNorm"] = x => F.BatchNorm(x, null, null, training: true),
        ["groupNorm"] = x => F.GroupNorm(x, 1),
        ["a block"] = x => F.MaxPool2d(F.BatchNorm(F.Conv2d(x, Tensor.Ones(4, 3, 3, 3).To(x.Device)), null, null, training: true).Relu() * 2, 2).Flatten(1),
    };

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Values_and_gradients_are_those_of_the_other_order(string name)
    {
        Func<Tensor, Tensor> operation = Operations[name];
        var results = new List<(float[] Y, float[] Grad)>();
        foreach (Device device in (Device[])[Device.Cpu, Remote.Create(new RemoteBackend()), Remote.Create(new RemoteBackend { IsChannelsLast = true })])
        {
            Tensor x = Tensor.Randn([2, 3, 6, 8], generator: new Generator(1)).To(device);
            x.RequiresGrad = true;
            Tensor y = operation(x);
            if (y.Rank == 4) Assert.Equal(device == Device.Cpu || ((RemoteBackend)device.Backend).IsChannelsLast, y.Layout.IsChannelsLast);
            y.Backward(Tensor.Randn(y.Shape, generator: new Generator(2)).To(device));
            results.Add((y.ToArray<float>(), x.Grad!.ToArray<float>()));
        }
        foreach ((float[] y, float[] grad) in results[1..])
        {
            Assert.Equal(results[0].Y.Length, y.Length);
            for (int i = 0; i < y.Length; i++) Assert.Equal(results[0].Y[i], y[i], 1e-4f);
            for (int i = 0; i < grad.Length; i++) Assert.Equal(results[0].Grad[i], grad[i], 1e-4f);
        }
    }
}

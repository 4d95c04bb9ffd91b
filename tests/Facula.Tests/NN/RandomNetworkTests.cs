using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>Small convolutional networks of random layers and shapes, against the same on the reference device.</summary>
public sealed class RandomNetworkTests
{
    // With narrower vectors a quarter: that is three times more, and the loops are the same.
    private static readonly int s_networks = InstructionSetTests.IsNarrower ? 50 : 200;

    [Fact]
    public void Losses_and_gradients_are_those_of_the_reference()
    {
        for (int seed = 0; seed < s_networks; seed++)
        {
            var random = new Random(seed);
            int channels = random.Next(1, 5) * (random.Next(2) == 0 ? 1 : 16), size = random.Next(8, 15), batch = random.Next(1, 4);
            Tensor x = Tensor.Randn([batch, channels, size, size], generator: new Generator(seed)),
                labels = Tensor.RandInt(0, 5, [batch], generator: new Generator(seed));
            Sequential model = Network(random, channels, new Generator(seed + 1000));
            (float loss, Tensor[] gradients) = Run(model, x, labels);
            model.To(Device.Reference);
            (float expected, Tensor[] references) = Run(model, x.To(Device.Reference), labels.To(Device.Reference));
            Assert.True(Math.Abs(loss - expected) <= 1e-4 * (1 + Math.Abs(expected)), $"network {seed}: loss {loss}, by the reference {expected}\n{model}");
            for (int i = 0; i < gradients.Length; i++)
            {
                Tensor difference = gradients[i].To(Device.Cpu) - references[i].To(Device.Cpu);
                double scale = references[i].Norm().Item() + 1e-3, error = difference.Norm().Item() / scale;
                Assert.True(error < 2e-3, $"network {seed}: gradient {i} is off by {error} of its norm\n{model}");
            }
        }
    }

    private static (float Loss, Tensor[] Gradients) Run(Sequential model, Tensor x, Tensor labels)
    {
        model.ZeroGrad();
        Tensor loss = F.CrossEntropy(model.Call(x), labels);
        loss.Backward();
        return (loss.Item(), [.. model.Parameters().Select(parameter => parameter.Grad!.Clone())]);
    }

    private static Sequential Network(Random random, int channels, Generator generator)
    {
        var model = new Sequential();
        int layers = random.Next(1, 4);
        for (int i = 0; i < layers; i++)
        {
            int outputs = random.Next(1, 5) * (random.Next(2) == 0 ? 1 : 16), kernel = random.Next(1, 4),
                groups = random.Next(4) == 0 && outputs % channels == 0 ? channels : 1;
            model.Add(new Conv2d(channels, outputs, kernel, stride: random.Next(1, 3), padding: kernel / 2, groups: groups, bias: random.Next(2) == 0,
                generator: generator));
            if (random.Next(3) == 0) model.Add(new GroupNorm(1, outputs));
            // Kinks make two right answers: smooth activations, and averages where the largest might be one of two.
            model.Add(random.Next(2) == 0 ? new Silu() : new Tanh());
            if (random.Next(3) == 0) model.Add(new AvgPool2d(2, padding: 1));
            channels = outputs;
        }
        model.Add(new AdaptiveAvgPool2d(2));
        model.Add(new Flatten());
        model.Add(new Linear(channels * 4, 5, generator: generator));
        return model;
    }
}

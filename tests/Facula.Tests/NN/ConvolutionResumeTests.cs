using Facula.IO;
using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>A convolutional network's training goes on after a checkpoint as if it had never stopped.</summary>
public sealed class ConvolutionResumeTests
{
    private const int Epochs = 20, Stop = 7;

    [Fact]
    public void Training_ends_at_the_same_bits_with_and_without_a_break()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("checkpoint.safetensors");
        float whole = Train(null, path, Epochs);
        Train(null, path, Stop);
        Assert.Equal(BitConverter.SingleToUInt32Bits(whole), BitConverter.SingleToUInt32Bits(Train(path, path, Epochs)));
    }

    /// <summary>From an epoch on, of a checkpoint if one is given, to the end; leaves a checkpoint.</summary>
    private static float Train(string? from, string to, int end)
    {
        var generator = new Generator(1);
        Tensor x = Tensor.Randn([32, 3, 16, 16], generator: generator), labels = Tensor.RandInt(0, 10, [32], generator: generator);
        var model = new Sequential(new Conv2d(3, 16, 3, padding: 1, generator: generator), new BatchNorm2d(16), new Relu(), new MaxPool2d(2),
            new Conv2d(16, 32, 3, padding: 1, generator: generator), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(512, 10, generator: generator));
        var optimizer = new Adam(model.Parameters(), 1e-3);
        int first = from is null ? 0 : Checkpoint.Load(from, model, optimizer);
        float last = 0;
        for (int epoch = first; epoch < end; epoch++)
        {
            Tensor loss = F.CrossEntropy(model.Call(x), labels);
            loss.Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
            last = loss.Item();
            Checkpoint.Save(to, model, optimizer, epoch + 1);
        }
        return last;
    }
}

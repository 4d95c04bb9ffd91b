using Facula.NN;
using Facula.Optim;
using Facula.Tests.Devices;
using F = Facula.NN.Functional;

namespace Facula.Tests.Gpu;

/// <summary>A launch costs a GPU's program about 4 microseconds, whatever it does: so small networks are as fast as their launches are few.</summary>
public sealed class LaunchCountTests
{
    [Theory, InlineData("mlp", 15), InlineData("cnn", 60)]
    public void A_training_step_has_few_launches(string name, int most)
    {
        Device device = Emulated.Create();
        Network network = Network.UpTo(8, side: 16).Single(network => network.Name == name);
        Module<Tensor, Tensor> model = network.New();
        model.To(device);
        Optimizer optimizer = network.Optimizer(model.Parameters());
        Tensor images = Tensor.Rand([4, .. network.Input], generator: new Generator(1)).To(device);
        Tensor labels = Tensor.RandInt(0, 10, [4], generator: new Generator(2)).To(device);
        Step();
        using CudaProfile profile = Cuda.Profile(device);
        Step();
        profile.Dispose();
        TestContext.Current.TestOutputHelper!.WriteLine($"{profile}");
        Assert.True(profile.Launches <= most, $"{profile.Launches} launches, of which\n{profile}");
        Assert.True(profile.Launches > 4, $"{profile}");

        void Step()
        {
            Tensor loss = F.CrossEntropy(model.Call(images), labels);
            loss.Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
        }
    }
}

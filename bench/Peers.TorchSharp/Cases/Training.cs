using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Bench;

/// <summary>Whole training steps of the tutorial's models: forward, loss, backward, optimizer, zero_grad.</summary>
static class TrainingCases
{
    public static void Register()
    {
        Cases.Add("linreg-step", LinearRegression);

        foreach (int batch in (int[])[1, 4, 16, 64, 128, 256, 1024, 4096])
            Cases.Add($"logistic-step-{batch}", () => Classification(Linear(784, 10), batch, adam: false));

        foreach (int batch in (int[])[1, 4, 16, 64, 128, 256, 1024, 4096])
            Cases.Add($"mlp32-step-{batch}", () => Classification(Mlp(32), batch, adam: false));

        // Width 32 at this batch is part of the sweep above.
        foreach (int width in (int[])[8, 128, 256, 512, 1024, 2048])
            Cases.Add($"mlp{width}-step-128", () => Classification(Mlp(width), batch: 128, adam: false));

        Cases.Add("mlp256-adam-step-128", static () => Classification(Mlp(256), batch: 128, adam: true));
    }

    static Sequential Mlp(int width) => Sequential(Linear(784, width), ReLU(), Linear(width, 10));

    static Action LinearRegression()
    {
        Tensor x = randn(5, 3), y = randn(5, 2);
        Linear model = Linear(3, 2);
        optim.Optimizer optimizer = optim.SGD(model.parameters(), 1e-5);
        return () =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor loss = functional.mse_loss(model.call(x), y);
            loss.backward();
            optimizer.step();
            optimizer.zero_grad();
        };
    }

    /// <summary>The images arrive as the data set has them, [batch, 1, 28, 28], and the step flattens them, as the tutorial does.</summary>
    static Action Classification(Module<Tensor, Tensor> model, int batch, bool adam)
    {
        Tensor images = randn(batch, 1, 28, 28), labels = randint(0, 10, batch);
        optim.Optimizer optimizer = adam ? optim.Adam(model.parameters(), 1e-3) : optim.SGD(model.parameters(), 1e-3);
        return () =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor loss = functional.cross_entropy(model.call(images.reshape(-1, 784)), labels);
            loss.backward();
            optimizer.step();
            optimizer.zero_grad();
        };
    }
}

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

        Cases.Add("mlp32-step-128-byhand", static () => Classification(new MlpByHand(), batch: 128, adam: false));

        // Width 32 at this batch is part of the sweep above.
        foreach (int width in (int[])[8, 128, 256, 512, 1024, 2048])
            Cases.Add($"mlp{width}-step-128", () => Classification(Mlp(width), batch: 128, adam: false));

        Cases.Add("mlp256-infer-32-by8", ParallelInference);
        Cases.Add("mlp256-adam-step-128", static () => Classification(Mlp(256), batch: 128, adam: true));
    }

    static Sequential Mlp(int width) => Sequential(Linear(784, width), ReLU(), Linear(width, 10));

    /// <summary>The same with a forward written by hand, as most people write it.</summary>
    sealed class MlpByHand : Module<Tensor, Tensor>
    {
        private readonly Linear fc1 = Linear(784, 32), fc2 = Linear(32, 10);

        public MlpByHand() : base(nameof(MlpByHand)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            x = functional.relu(fc1.call(x));
            return fc2.call(x);
        }
    }

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

    /// <summary>A server's work: eight threads, each with forty batches one after the other, all through one model; each kernel stays on its thread.</summary>
    static Action ParallelInference()
    {
        set_num_threads(1);
        Sequential model = Mlp(256);
        model.eval();
        Tensor images = randn(32, 784);
        return () => Parallel(() =>
        {
            using var scope = no_grad();
            for (int i = 0; i < 40; i++) model.call(images).Dispose();
        });
    }

    static void Parallel(Action action)
    {
        var threads = new Thread[8];
        for (int i = 0; i < threads.Length; i++) (threads[i] = new(() => action())).Start();
        foreach (Thread thread in threads) thread.Join();
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

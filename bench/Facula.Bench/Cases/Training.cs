using Facula;
using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Bench;

/// <summary>Whole training steps of the tutorial's models: forward, loss, backward, optimizer, zero_grad.</summary>
static partial class TrainingCases
{
    public static void Register()
    {
        Cases.Add("linreg-step", LinearRegression);

        foreach (int batch in (int[])[1, 4, 16, 64, 128, 256, 1024, 4096])
            Cases.Add($"logistic-step-{batch}", () => Classification(new Linear(784, 10), batch, adam: false));

        foreach (int batch in (int[])[1, 4, 16, 64, 128, 256, 1024, 4096])
            Cases.Add($"mlp32-step-{batch}", () => Classification(Mlp(32), batch, adam: false));

        Cases.Add("mlp32-step-128-byhand", static () => Classification(new MlpByHand(), batch: 128, adam: false));

        // Width 32 at this batch is part of the sweep above.
        foreach (int width in (int[])[8, 128, 256, 512, 1024, 2048])
            Cases.Add($"mlp{width}-step-128", () => Classification(Mlp(width), batch: 128, adam: false));

        Cases.Add("mlp256-infer-32-by8", ParallelInference);
        Cases.Add("mlp256-adam-step-128", static () => Classification(Mlp(256), batch: 128, adam: true));
    }

    static Sequential Mlp(int width) => new(new Linear(784, width), new Relu(), new Linear(width, 10));

    /// <summary>The same with a Forward written by hand, as most people write it.</summary>
    sealed partial class MlpByHand : Module<Tensor, Tensor>
    {
        private readonly Linear fc1 = new(784, 32), fc2 = new(32, 10);

        public override Tensor Forward(Tensor x)
        {
            x = F.Relu(fc1.Call(x));
            return fc2.Call(x);
        }
    }

    static Action LinearRegression()
    {
        Tensor x = Tensor.Randn(5, 3), y = Tensor.Randn(5, 2);
        var model = new Linear(3, 2);
        var optimizer = new Sgd(model.Parameters(), 1e-5);
        return () =>
        {
            Tensor loss = F.MseLoss(model.Call(x), y);
            loss.Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
        };
    }

    /// <summary>A server's work: eight threads, each with forty batches one after the other, all through one model; each kernel stays on its thread.</summary>
    static Action ParallelInference()
    {
        CpuSettings.ThreadCount = 1;
        Sequential model = Mlp(256);
        model.Eval();
        Tensor images = Tensor.Randn(32, 784);
        return () => Parallel(() =>
        {
            using GradModeScope scope = Autograd.NoGrad();
            for (int i = 0; i < 40; i++) model.Call(images).Dispose();
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
        Tensor images = Tensor.Randn(batch, 1, 28, 28), labels = Tensor.RandInt(0, 10, [batch]);
        Optimizer optimizer = adam ? new Adam(model.Parameters(), 1e-3) : new Sgd(model.Parameters(), 1e-3);
        return () =>
        {
            Tensor loss = F.CrossEntropy(model.Call(images.Reshape(-1, 784)), labels);
            loss.Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
        };
    }
}

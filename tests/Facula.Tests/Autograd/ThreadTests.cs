namespace Facula.Tests.Gradients;

public class ThreadTests
{
    [Fact]
    public void Two_threads_build_graphs_over_shared_leaves()
    {
        Tensor w = Tensor.From([1.0, 2.0, 3.0], requiresGrad: true);
        TestThreads.Run(4, thread =>
        {
            for (int i = 0; i < 500; i++) (w * w * (thread + 1)).Sum().Backward();
        });
        // 500 times 2 w (1 + 2 + 3 + 4).
        Assert.Equal([10_000, 20_000, 30_000], w.Grad!.ToArray<double>());
    }

    [Fact]
    public void Parallel_inference_gives_what_one_thread_gives()
    {
        var random = new Random(1);
        Tensor w = Tensor.From([.. Enumerable.Range(0, 200 * 300).Select(_ => random.NextSingle() - 0.5f)]).Reshape(200, 300), bias = Tensor.Ones(300);
        Tensor[] inputs = [.. Enumerable.Range(0, 8).Select(i => Tensor.Linspace(-i - 1, i + 1, 50 * 200).Reshape(50, 200))];
        float[][] expected = [.. inputs.Select(x => Infer(x).ToArray<float>())];
        TestThreads.Run(8, i =>
        {
            for (int turn = 0; turn < 20; turn++) Assert.Equal(expected[i], Infer(inputs[i]).ToArray<float>());
        });

        Tensor Infer(Tensor x)
        {
            using GradModeScope scope = Autograd.NoGrad();
            return (x.MatMul(w) + bias).Relu().Sum(1);
        }
    }
}

using Bench;
using TorchSharp;

return new Runner
{
    SetThreads = torch.set_num_threads,
    Register = static () =>
    {
        TinyCases.Register();
        TrainingCases.Register();
        MatmulCases.Register();
        ElementwiseCases.Register();
        OptimizerCases.Register();
        ConvolutionalCases.Register();
    },
    First = static () =>
    {
        using torch.Tensor a = torch.randn(8), b = torch.randn(8), c = a + b, sum = c.sum();
        return sum.item<float>();
    },
}.Run(args);

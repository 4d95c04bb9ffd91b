using Bench;
using Facula;

if (args is ["--converge", ..])
    return Convergence.Run(args);

return new Runner
{
    SetThreads = static count => CpuSettings.ThreadCount = count,
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
        Tensor a = Tensor.Randn(8), b = Tensor.Randn(8);
        return (a + b).Sum().Item();
    },
}.Run(args);

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Bench;

/// <summary>Optimizer steps alone, on gradients that stay.</summary>
static class OptimizerCases
{
    public static void Register() => Cases.Add("adam-step-1.2M", static () =>
    {
        long[][] shapes = [[1024, 784], [1024], [384, 1024], [384], [10, 384], [10]];
        Parameter[] parameters = [.. shapes.Select(shape => new Parameter(randn(shape)))];
        foreach (Parameter parameter in parameters)
            parameter.grad = randn_like(parameter, requires_grad: false);
        optim.Optimizer optimizer = optim.Adam(parameters, 1e-3);
        return () =>
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.step();
        };
    });
}

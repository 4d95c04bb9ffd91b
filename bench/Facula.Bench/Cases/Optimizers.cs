using Facula;
using Facula.NN;
using Facula.Optim;

namespace Bench;

/// <summary>Optimizer steps alone, on gradients that stay.</summary>
static class OptimizerCases
{
    public static void Register() => Cases.Add("adam-step-1.2M", static () =>
    {
        Shape[] shapes = [[1024, 784], [1024], [384, 1024], [384], [10, 384], [10]];
        Parameter[] parameters = [.. shapes.Select(shape => new Parameter(Tensor.Randn(shape)))];
        foreach (Parameter parameter in parameters) parameter.Grad = parameter.RandnLike();
        var optimizer = new Adam(parameters, 1e-3);
        return () => optimizer.Step();
    });
}

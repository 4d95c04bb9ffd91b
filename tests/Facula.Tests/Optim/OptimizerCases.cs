using Facula.Optim;

namespace Facula.Tests.Optim;

/// <summary>Every optimizer with options that matter, and something to run it on. Knows no test framework, as tools/gpucheck is built with it.</summary>
internal static class OptimizerCases
{
    public static readonly Dictionary<string, Func<IEnumerable<Tensor>, Optimizer>> All = new()
    {
        ["sgd"] = p => new Sgd(p, 0.1),
        ["sgd momentum"] = p => new Sgd(p, 0.1, momentum: 0.9, dampening: 0.1, weightDecay: 0.01),
        ["sgd nesterov"] = p => new Sgd(p, 0.1, momentum: 0.9, nesterov: true, maximize: true),
        ["adam"] = p => new Adam(p, 0.1),
        ["adam amsgrad"] = p => new Adam(p, 0.1, weightDecay: 0.1, amsGrad: true, maximize: true),
        ["adamw"] = p => new AdamW(p, 0.1, weightDecay: 0.1),
        ["rmsprop"] = p => new RmsProp(p, 0.1),
        ["rmsprop all"] = p => new RmsProp(p, 0.1, momentum: 0.9, centered: true, weightDecay: 0.1),
        ["rmsprop momentum"] = p => new RmsProp(p, 0.1, momentum: 0.9),
        ["adagrad"] = p => new Adagrad(p, 0.1, learningRateDecay: 0.1, initialAccumulator: 0.5, weightDecay: 0.1),
    };

    public static Tensor[] Parameters(DType type, Device device)
    {
        var generator = new Generator(42);
        Tensor[] parameters = [Tensor.Randn([300, 70], generator: generator).To(type, device), Tensor.Randn([7], generator: generator).To(type, device)];
        foreach (Tensor parameter in parameters) parameter.RequiresGrad = true;
        return parameters;
    }

    public static void Run(Optimizer optimizer, Tensor[] parameters, int from, int steps)
    {
        for (int step = from; step < from + steps; step++)
        {
            var generator = new Generator(step);
            foreach (Tensor parameter in parameters)
                parameter.Grad = Tensor.Randn(parameter.Shape, generator: generator).To(parameter.DType, parameter.Device);
            optimizer.Step();
        }
    }
}

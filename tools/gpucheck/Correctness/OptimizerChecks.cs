using Facula.NN;
using Facula.Optim;
using Facula.Tests.Ops;
using Facula.Tests.Optim;

namespace Facula.GpuCheck;

/// <summary>Optimizers, and what is done to gradients before a step.</summary>
internal static class OptimizerChecks
{
    private const double Ulps = 128;

    public static void Run(Options options, Device device, Report report)
    {
        var cases = new List<(string, Func<IEnumerable<string>>)>();
        DType[] types = options.IsBrief ? [DType.Float32] : [DType.Float32, DType.Float64, DType.BFloat16];
        foreach ((string name, Func<IEnumerable<Tensor>, Optimizer> make) in OptimizerCases.All)
        {
            foreach (DType type in types)
                cases.Add(($"{name}, {type.PyTorchName}", () => Compare(device, type, name, p => OptimizerCases.Run(make(p), p, 0, options.IsBrief ? 2 : 5))));
        }
        cases.Add(("clip by value", () => Compare(device, DType.Float32, "clip by value", p => Clip(p, parameters => parameters.ClipGradValue(0.3)))));
        cases.Add(("clip by norm", () => Compare(device, DType.Float32, "clip by norm", p => Clip(p, parameters => parameters.ClipGradNorm(1)))));
        CorrectnessPart.Part("optimizers", cases, options, device, report);
    }

    /// <summary>The parameters after it.</summary>
    private static IEnumerable<string> Compare(Device device, DType type, string name, Action<Tensor[]> change)
    {
        Tensor[] expected = OptimizerCases.Parameters(type, Device.Cpu), actual = OptimizerCases.Parameters(type, device);
        change(expected);
        change(actual);
        for (int i = 0; i < expected.Length; i++)
        {
            if (Difference.InUlps(actual[i].Detach(), expected[i].Detach().To(DType.Float64), Ulps, true, $"{name}, parameter {i}") is { } difference)
                yield return difference;
        }
    }

    private static void Clip(Tensor[] parameters, Action<Tensor[]> clip)
    {
        foreach (Tensor parameter in parameters) parameter.Grad = parameter.Detach() * 1.5;
        clip(parameters);
        new Sgd(parameters, 0.1).Step();
    }
}

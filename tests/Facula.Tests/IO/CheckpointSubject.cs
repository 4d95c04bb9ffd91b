using System.Text;
using Facula.IO;
using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests.IO;

/// <summary>Everything a checkpoint can hold, small, and all of its bits as bytes: what must be the same after a load that failed.</summary>
internal sealed class CheckpointSubject
{
    public readonly Sequential Model = new(new Linear(3, 4), new BatchNorm1d(4), new Relu(), new Linear(4, 2));
    public readonly Adam Optimizer;
    public readonly ILrScheduler[] Schedulers;
    public readonly Dictionary<string, Generator> Generators = new() { ["shuffling"] = new(99) };

    public CheckpointSubject()
    {
        Optimizer = new Adam(Model[0].Parameters(), 0.01, amsGrad: true);
        Optimizer.AddParameterGroup([.. Model[1].Parameters(), .. Model[3].Parameters()], options => options with { WeightDecay = 0.1 });
        Schedulers = [new OneCycleLr(Optimizer, 0.1, 20), new StepLr(Optimizer, 2, 0.5), new ReduceLrOnPlateau(Optimizer, patience: 0)];
    }

    public CheckpointSubject Trained(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            F.CrossEntropy(Model.Call(Tensor.Rand([5, 3], generator: Generators["shuffling"])), Tensor.From([0, 1, 0, 1, 1])).Backward();
            Optimizer.Step();
            Optimizer.ZeroGrad();
            ((LrScheduler)Schedulers[0]).Step();
            ((LrScheduler)Schedulers[1]).Step();
            ((ReduceLrOnPlateau)Schedulers[2]).Step(1);
        }
        return this;
    }

    public void Save(string path) => Checkpoint.Save(path, Model, Optimizer, 3, Generators, Schedulers);

    public int Load(string path) => Checkpoint.Load(path, Model, Optimizer, Generators, Schedulers);

    public byte[] Bits()
    {
        using var bits = new MemoryStream();
        void Text(object? value) => bits.Write(Encoding.UTF8.GetBytes($"{value}\n"));
        void Values(IReadOnlyDictionary<string, object?> values)
        {
            foreach ((string name, object? value) in values) Text($"{name} {(value is double[] numbers ? string.Join(' ', numbers) : value)}");
        }
        foreach ((string name, Tensor tensor) in Model.StateDict())
        {
            Text(name);
            SafeTensors.Write(bits, tensor, 1 << 20);
        }
        OptimizerState state = Optimizer.StateDict();
        foreach ((int number, IReadOnlyDictionary<string, Tensor> entries) in state.State)
        {
            foreach ((string name, Tensor tensor) in entries)
            {
                Text((number, name, tensor.Shape));
                SafeTensors.Write(bits, tensor, 1 << 20);
            }
        }
        foreach (OptimizerGroupState group in state.ParamGroups) Values(group.Options);
        foreach (ParameterGroup group in Optimizer.ParameterGroups) Text(group.InitialLearningRate);
        foreach (ILrScheduler scheduler in Schedulers) Values(scheduler.StateDict());
        Text((Generators["shuffling"].State, Generator.Default.State));
        return bits.ToArray();
    }
}

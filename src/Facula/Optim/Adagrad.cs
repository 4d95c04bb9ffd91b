using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula.Optim;

/// <summary>Settings of <see cref="Adagrad"/>.</summary>
/// <param name="LearningRate">How far the first step goes in each element.</param>
/// <param name="LearningRateDecay">How fast the learning rate falls: it is divided by 1 + steps before this one * decay.</param>
/// <param name="WeightDecay">Added to the gradient, times the parameter.</param>
/// <param name="InitialAccumulator">What the sums of squared gradients start at.</param>
/// <param name="Epsilon">Added to the divisor, for numerical stability.</param>
/// <param name="Maximize">Go up the gradient instead of down.</param>
public sealed record AdagradOptions(double LearningRate = 1e-2, double LearningRateDecay = 0, double WeightDecay = 0, double InitialAccumulator = 0, double Epsilon = 1e-10,
    bool Maximize = false) : OptimizerOptions(LearningRate, WeightDecay, Maximize)
{
    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        NotNegative(LearningRateDecay, nameof(LearningRateDecay));
        NotNegative(InitialAccumulator, nameof(InitialAccumulator));
        NotNegative(Epsilon, nameof(Epsilon));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> ToState() => new OrderedDictionary<string, object?>(base.ToState())
    {
        ["lr_decay"] = LearningRateDecay,
        ["eps"] = Epsilon,
        ["initial_accumulator_value"] = InitialAccumulator,
    };

    /// <inheritdoc/>
    public override OptimizerOptions FromState(IReadOnlyDictionary<string, object?> state) => (AdagradOptions)base.FromState(state) with
    {
        LearningRateDecay = Read(state, "lr_decay", LearningRateDecay),
        Epsilon = Read(state, "eps", Epsilon),
        InitialAccumulator = Read(state, "initial_accumulator_value", InitialAccumulator),
    };
}

/// <summary>Adagrad: Duchi, Hazan and Singer 2011, JMLR 12:2121. torch.optim.Adagrad.</summary>
public sealed class Adagrad : FusedOptimizer<AdagradOptions>
{
    private static readonly string[] Sum = ["sum"];

    /// <summary>An optimizer with the given settings.</summary>
    public Adagrad(IEnumerable<Tensor> parameters, AdagradOptions options) : base(parameters, options) { }

    /// <summary>An optimizer with the given settings; see <see cref="AdagradOptions"/>.</summary>
    public Adagrad(IEnumerable<Tensor> parameters, double learningRate = 1e-2, double learningRateDecay = 0, double weightDecay = 0, double initialAccumulator = 0,
        double epsilon = 1e-10, bool maximize = false)
        : this(parameters, new AdagradOptions(learningRate, learningRateDecay, weightDecay, initialAccumulator, epsilon, maximize)) { }

    private protected override string[] StateNames(AdagradOptions options) => Sum;

    private protected override double InitialState(AdagradOptions options) => options.InitialAccumulator;

    private protected override void Run(Backend backend, AdagradOptions options, long step, ReadOnlySpan<UpdateTarget> targets) =>
        backend.Update(new AdagradUpdate(options, step), targets);

    private readonly struct AdagradUpdate(AdagradOptions options, long step) : IUpdate
    {
        private readonly Descent _descent = new(options.WeightDecay, options.Maximize);
        private readonly double _epsilon = options.Epsilon;
        private readonly double _rate = -options.LearningRate / (1 + (step - 1) * options.LearningRateDecay);

        public int States => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke<T>(ref T parameter, T gradient, ref T sum, ref T unused2, ref T unused3) where T : INum<T>
        {
            gradient = _descent.Of(gradient, parameter);
            sum += gradient * gradient;
            parameter += T.Const(_rate) * gradient / (T.Sqrt(sum) + T.Const(_epsilon));
        }
    }
}

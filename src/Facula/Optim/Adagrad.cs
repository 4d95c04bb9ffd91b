using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula.Optim;

/// <summary>Settings of <see cref="Adagrad"/>.</summary>
public sealed record AdagradOptions : OptimizerOptions
{
    /// <summary>Settings with a learning rate of 1e-2.</summary>
    public AdagradOptions() => LearningRate = 1e-2;

    /// <summary>How fast the learning rate falls: it is divided by 1 + steps before this one * decay. PyTorch's lr_decay.</summary>
    public double LearningRateDecay { get; init; }

    /// <summary>What the sums of squared gradients start at. PyTorch's initial_accumulator_value.</summary>
    public double InitialAccumulator { get; init; }

    /// <summary>Added to the divisor, for numerical stability. PyTorch's eps.</summary>
    public double Eps { get; init; } = 1e-10;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        NotNegative(LearningRateDecay, nameof(LearningRateDecay));
        NotNegative(InitialAccumulator, nameof(InitialAccumulator));
        NotNegative(Eps, nameof(Eps));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> ToState() => new OrderedDictionary<string, object?>(base.ToState())
    {
        ["lr_decay"] = LearningRateDecay,
        ["eps"] = Eps,
        ["initial_accumulator_value"] = InitialAccumulator,
    };

    /// <inheritdoc/>
    public override OptimizerOptions FromState(IReadOnlyDictionary<string, object?> state) => (AdagradOptions)base.FromState(state) with
    {
        LearningRateDecay = Read(state, "lr_decay", LearningRateDecay),
        Eps = Read(state, "eps", Eps),
        InitialAccumulator = Read(state, "initial_accumulator_value", InitialAccumulator),
    };
}

/// <summary>Adagrad: Duchi, Hazan and Singer 2011, JMLR 12:2121. torch.optim.Adagrad.</summary>
public class Adagrad : FusedOptimizer<AdagradOptions>
{
    private static readonly string[] Sum = ["sum"];

    /// <summary>An optimizer with the given settings.</summary>
    public Adagrad(IEnumerable<Tensor> parameters, AdagradOptions options) : base(parameters, options) { }

    /// <summary>An optimizer with the given settings, under PyTorch's names but for lr and betas; see <see cref="AdagradOptions"/>.</summary>
    public Adagrad(IEnumerable<Tensor> parameters, double learningRate = 1e-2, double learningRateDecay = 0, double weightDecay = 0,
        double initialAccumulator = 0, double eps = 1e-10, bool maximize = false)
        : this(parameters, new AdagradOptions
        {
            LearningRate = learningRate,
            LearningRateDecay = learningRateDecay,
            WeightDecay = weightDecay,
            InitialAccumulator = initialAccumulator,
            Eps = eps,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer with a learning rate: where a function that makes one is wanted, <c>Fit(epochs, 0.01, model, Adagrad.Create)</c>.</summary>
    public static Adagrad Create(IEnumerable<Tensor> parameters, double learningRate) => new(parameters, learningRate);

    private protected override string[] StateNames(AdagradOptions options) => Sum;

    private protected override double InitialState(AdagradOptions options) => options.InitialAccumulator;

    private protected override void Run(Backend backend, AdagradOptions options, long step, ReadOnlySpan<UpdateTarget> targets) =>
        backend.Update(new AdagradUpdate(options, step), targets);

    private readonly struct AdagradUpdate(AdagradOptions options, long step) : IUpdate
    {
        private readonly Descent _descent = new(options.WeightDecay, options.Maximize);
        private readonly double _epsilon = options.Eps;
        private readonly double _rate = -options.LearningRate / (1 + (step - 1) * options.LearningRateDecay);

        public int States => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke<T>(ref T parameter, T gradient, ref T sum, ref T unused2, ref T unused3) where T : IArithmetic<T>
        {
            gradient = _descent.Of(gradient, parameter);
            sum += gradient * gradient;
            parameter += T.Parameter(_rate) * gradient / (T.Sqrt(sum) + T.Parameter(_epsilon));
        }
    }
}

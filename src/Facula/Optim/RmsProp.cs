using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula.Optim;

/// <summary>Settings of <see cref="RmsProp"/>.</summary>
public sealed record RmsPropOptions : OptimizerOptions
{
    /// <summary>Settings with a learning rate of 1e-2.</summary>
    public RmsPropOptions() => LearningRate = 1e-2;

    /// <summary>How much of the running average of squared gradients is kept at a step. PyTorch's alpha.</summary>
    public double Alpha { get; init; } = 0.99;

    /// <summary>Added to the divisor, for numerical stability. PyTorch's eps.</summary>
    public double Eps { get; init; } = 1e-8;

    /// <summary>How much of the previous step's direction is kept. PyTorch's momentum.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether to divide by the deviation of the gradients instead of the root of their mean square. PyTorch's centered.</summary>
    public bool Centered { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Fraction("Optimizer", Alpha);
        NotNegative(Eps, nameof(Eps));
        NotNegative(Momentum, nameof(Momentum));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> ToState() => new OrderedDictionary<string, object?>(base.ToState())
    {
        ["alpha"] = Alpha,
        ["eps"] = Eps,
        ["momentum"] = Momentum,
        ["centered"] = Centered,
    };

    /// <inheritdoc/>
    public override OptimizerOptions FromState(IReadOnlyDictionary<string, object?> state) => (RmsPropOptions)base.FromState(state) with
    {
        Alpha = Read(state, "alpha", Alpha),
        Eps = Read(state, "eps", Eps),
        Momentum = Read(state, "momentum", Momentum),
        Centered = Read(state, "centered", Centered),
    };
}

/// <summary>RMSprop: Hinton's lecture 6e of "Neural Networks for Machine Learning"; centred as in Graves 2013, arXiv:1308.0850. torch.optim.RMSprop.</summary>
public class RmsProp : FusedOptimizer<RmsPropOptions>
{
    private static readonly string[] Plain = ["square_avg"];
    private static readonly string[] WithMean = [.. Plain, "grad_avg"];
    private static readonly string[] WithMomentum = [.. Plain, "momentum_buffer"];
    private static readonly string[] WithBoth = [.. WithMean, "momentum_buffer"];

    /// <summary>An optimizer with the given settings.</summary>
    public RmsProp(IEnumerable<Tensor> parameters, RmsPropOptions options) : base(parameters, options) { }

    /// <summary>An optimizer with the given settings, under PyTorch's names but for lr and betas; see <see cref="RmsPropOptions"/>.</summary>
    public RmsProp(IEnumerable<Tensor> parameters, double learningRate = 1e-2, double alpha = 0.99, double eps = 1e-8, double weightDecay = 0,
        double momentum = 0, bool centered = false, bool maximize = false)
        : this(parameters, new RmsPropOptions
        {
            LearningRate = learningRate,
            Alpha = alpha,
            Eps = eps,
            WeightDecay = weightDecay,
            Momentum = momentum,
            Centered = centered,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer with a learning rate: where a function that makes one is wanted, <c>Fit(epochs, 0.01, model, RmsProp.Create)</c>.</summary>
    public static RmsProp Create(IEnumerable<Tensor> parameters, double learningRate) => new(parameters, learningRate);

    private protected override string[] StateNames(RmsPropOptions options) => (options.Centered, options.Momentum != 0) switch
    {
        (false, false) => Plain,
        (true, false) => WithMean,
        (false, true) => WithMomentum,
        (true, true) => WithBoth,
    };

    private protected override void Run(Backend backend, RmsPropOptions options, long step, ReadOnlySpan<UpdateTarget> targets) =>
        backend.Update(new RmsPropUpdate(options), targets);

    private readonly struct RmsPropUpdate(RmsPropOptions options) : IUpdate
    {
        private readonly Descent _descent = new(options.WeightDecay, options.Maximize);
        private readonly double _keep = options.Alpha, _take = 1 - options.Alpha;
        private readonly double _epsilon = options.Eps;
        private readonly double _rate = -options.LearningRate;
        private readonly double _momentum = options.Momentum;
        private readonly bool _hasMomentum = options.Momentum != 0;
        private readonly bool _centered = options.Centered;

        public int States => 1 + (_centered ? 1 : 0) + (_hasMomentum ? 1 : 0);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke<T>(ref T parameter, T gradient, ref T squares, ref T second, ref T third) where T : IArithmetic<T>
        {
            gradient = _descent.Of(gradient, parameter);
            squares = T.Parameter(_keep) * squares + T.Parameter(_take) * (gradient * gradient);
            T variance = squares;
            if (_centered)
            {
                second = T.Parameter(_keep) * second + T.Parameter(_take) * gradient;
                // Of gradients that are all the same rounding may leave less than nothing.
                variance = T.Max(variance - second * second, T.Zero);
            }
            T direction = gradient / (T.Sqrt(variance) + T.Parameter(_epsilon));
            // The buffer comes after the mean, if there is one.
            if (_hasMomentum && _centered) direction = third = T.Parameter(_momentum) * third + direction;
            else if (_hasMomentum) direction = second = T.Parameter(_momentum) * second + direction;
            parameter += T.Parameter(_rate) * direction;
        }
    }
}

using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula.Optim;

/// <summary>Settings of <see cref="Sgd"/>.</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>How much of the previous step's direction is kept. PyTorch's momentum.</summary>
    public double Momentum { get; init; }

    /// <summary>How much of a new gradient does not enter the direction. PyTorch's dampening.</summary>
    public double Dampening { get; init; }

    /// <summary>Whether to look ahead along the direction; needs momentum and no dampening. PyTorch's nesterov.</summary>
    public bool Nesterov { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        NotNegative(Momentum, nameof(Momentum));
        Check.Finite("Optimizer", Dampening);
        if (Nesterov && (Momentum <= 0 || Dampening != 0))
            throw new ArgumentOutOfRangeException(nameof(Nesterov), "Nesterov momentum needs momentum and no dampening.");
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> ToState() => new OrderedDictionary<string, object?>(base.ToState())
    {
        ["momentum"] = Momentum,
        ["dampening"] = Dampening,
        ["nesterov"] = Nesterov,
    };

    /// <inheritdoc/>
    public override OptimizerOptions FromState(IReadOnlyDictionary<string, object?> state) => (SgdOptions)base.FromState(state) with
    {
        Momentum = Read(state, "momentum", Momentum),
        Dampening = Read(state, "dampening", Dampening),
        Nesterov = Read(state, "nesterov", Nesterov),
    };
}

/// <summary>Stochastic gradient descent, with momentum where wanted. torch.optim.SGD.</summary>
public class Sgd : FusedOptimizer<SgdOptions>
{
    private static readonly string[] Buffer = ["momentum_buffer"];

    /// <summary>An optimizer with the given settings.</summary>
    public Sgd(IEnumerable<Tensor> parameters, SgdOptions options) : base(parameters, options) { }

    /// <summary>An optimizer with the given settings, under PyTorch's names but for lr and betas; see <see cref="SgdOptions"/>.</summary>
    public Sgd(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double momentum = 0, double dampening = 0, double weightDecay = 0,
        bool nesterov = false, bool maximize = false)
        : this(parameters, new SgdOptions
        {
            LearningRate = learningRate,
            Momentum = momentum,
            Dampening = dampening,
            WeightDecay = weightDecay,
            Nesterov = nesterov,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer with a learning rate: where a function that makes one is wanted, <c>Fit(epochs, 0.01, model, Sgd.Create)</c>.</summary>
    public static Sgd Create(IEnumerable<Tensor> parameters, double learningRate) => new(parameters, learningRate);

    /// <inheritdoc/>
    protected override bool RemembersStep => false;

    private protected override string[] StateNames(SgdOptions options) => options.Momentum != 0 ? Buffer : [];

    private protected override void Run(Backend backend, SgdOptions options, long step, ReadOnlySpan<UpdateTarget> targets) =>
        backend.Update(new SgdUpdate(options, step), targets);

    private readonly struct SgdUpdate(SgdOptions options, long step) : IUpdate
    {
        private readonly Descent _descent = new(options.WeightDecay, options.Maximize);
        private readonly double _rate = -options.LearningRate;
        private readonly double _momentum = options.Momentum;
        private readonly bool _hasMomentum = options.Momentum != 0;
        // The buffer starts as the first gradient, undampened; it holds zeros until then.
        private readonly double _share = step == 1 ? 1 : 1 - options.Dampening;
        private readonly bool _nesterov = options.Nesterov;

        public int States => _hasMomentum ? 1 : 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke<T>(ref T parameter, T gradient, ref T buffer, ref T unused2, ref T unused3) where T : IArithmetic<T>
        {
            gradient = _descent.Of(gradient, parameter);
            if (_hasMomentum)
            {
                buffer = T.Parameter(_momentum) * buffer + T.Parameter(_share) * gradient;
                gradient = _nesterov ? gradient + T.Parameter(_momentum) * buffer : buffer;
            }
            parameter += T.Parameter(_rate) * gradient;
        }
    }
}

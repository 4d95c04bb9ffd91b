using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula.Optim;

/// <summary>Settings of <see cref="Adam"/> and <see cref="AdamW"/>.</summary>
/// <param name="LearningRate">About how far a step goes in each element.</param>
/// <param name="Beta1">How much of the running average of gradients is kept at a step.</param>
/// <param name="Beta2">How much of the running average of their squares is kept at a step.</param>
/// <param name="Epsilon">Added to the divisor, for numerical stability.</param>
/// <param name="WeightDecay">Added to the gradient, times the parameter; in AdamW taken off the parameter itself.</param>
/// <param name="AmsGrad">Divide by the largest average so far (Reddi et al. 2018, "On the Convergence of Adam and Beyond").</param>
/// <param name="Maximize">Go up the gradient instead of down.</param>
public sealed record AdamOptions(double LearningRate = 1e-3, double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0,
    bool AmsGrad = false, bool Maximize = false) : OptimizerOptions(LearningRate, WeightDecay, Maximize)
{
    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Fraction(Beta1, nameof(Beta1));
        Fraction(Beta2, nameof(Beta2));
        NotNegative(Epsilon, nameof(Epsilon));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> ToState() => new OrderedDictionary<string, object?>(base.ToState())
    {
        ["betas"] = (Beta1, Beta2),
        ["eps"] = Epsilon,
        ["amsgrad"] = AmsGrad,
    };

    /// <inheritdoc/>
    public override OptimizerOptions FromState(IReadOnlyDictionary<string, object?> state)
    {
        (double beta1, double beta2) = state.TryGetValue("betas", out object? betas) && betas is not null ? Pair(betas) : (Beta1, Beta2);
        return (AdamOptions)base.FromState(state) with
        {
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = Read(state, "eps", Epsilon),
            AmsGrad = Read(state, "amsgrad", AmsGrad),
        };
    }

    // A file gives a Python tuple as a sequence.
    private static (double, double) Pair(object value)
    {
        if (value is (double first, double second)) return (first, second);
        object?[] items = value is IEnumerable sequence and not string ? [.. sequence.Cast<object?>()] : [];
        if (items is not [IConvertible a and not string, IConvertible b and not string]) throw new ArgumentException($"LoadStateDict: betas must be two numbers, not {value}.", nameof(value));
        return (a.ToDouble(CultureInfo.InvariantCulture), b.ToDouble(CultureInfo.InvariantCulture));
    }
}

/// <summary>Adam: Kingma and Ba 2015, arXiv:1412.6980. torch.optim.Adam.</summary>
public class Adam : FusedOptimizer<AdamOptions>
{
    private static readonly string[] Averages = ["exp_avg", "exp_avg_sq"];
    private static readonly string[] AveragesAndMaximum = [.. Averages, "max_exp_avg_sq"];

    /// <summary>An optimizer with the given settings.</summary>
    public Adam(IEnumerable<Tensor> parameters, AdamOptions options) : base(parameters, options) { }

    /// <summary>An optimizer with the given settings; see <see cref="AdamOptions"/>.</summary>
    public Adam(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0,
        bool amsGrad = false, bool maximize = false) : this(parameters, new AdamOptions(learningRate, beta1, beta2, epsilon, weightDecay, amsGrad, maximize)) { }

    /// <summary>Whether weight decay shrinks the parameter itself instead of adding to the gradient.</summary>
    private protected virtual bool DecouplesDecay => false;

    private protected override string[] StateNames(AdamOptions options) => options.AmsGrad ? AveragesAndMaximum : Averages;

    private protected override void Run(Backend backend, AdamOptions options, long step, ReadOnlySpan<UpdateTarget> targets) =>
        backend.Update(new AdamUpdate(options, step, DecouplesDecay), targets);

    private readonly struct AdamUpdate(AdamOptions options, long step, bool decoupled) : IUpdate
    {
        private readonly Descent _descent = new(decoupled ? 0 : options.WeightDecay, options.Maximize);
        private readonly double _shrink = decoupled ? 1 - options.LearningRate * options.WeightDecay : 1;
        private readonly double _keep1 = options.Beta1, _keep2 = options.Beta2;
        private readonly double _take1 = 1 - options.Beta1, _take2 = 1 - options.Beta2;
        private readonly double _epsilon = options.Epsilon;
        private readonly double _rate = -options.LearningRate / (1 - Math.Pow(options.Beta1, step));
        private readonly double _correction = 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, step));
        private readonly bool _amsGrad = options.AmsGrad;

        public int States => _amsGrad ? 3 : 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke<T>(ref T parameter, T gradient, ref T average, ref T squares, ref T maximum) where T : INum<T>
        {
            gradient = _descent.Of(gradient, parameter);
            if (_shrink != 1) parameter *= T.Const(_shrink);
            average = T.Const(_keep1) * average + T.Const(_take1) * gradient;
            squares = T.Const(_keep2) * squares + T.Const(_take2) * (gradient * gradient);
            T divisor = squares;
            if (_amsGrad) divisor = maximum = T.Max(maximum, squares);
            parameter += T.Const(_rate) * average / (T.Sqrt(divisor) * T.Const(_correction) + T.Const(_epsilon));
        }
    }
}

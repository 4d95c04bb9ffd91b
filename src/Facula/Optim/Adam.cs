using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula.Optim;

/// <summary>Adam: Kingma and Ba 2015, arXiv:1412.6980. torch.optim.Adam.</summary>
public class Adam : FusedOptimizer<AdamOptions>
{
    private static readonly string[] Averages = ["exp_avg", "exp_avg_sq"];
    private static readonly string[] AveragesAndMaximum = [.. Averages, "max_exp_avg_sq"];

    /// <summary>An optimizer with the given settings.</summary>
    public Adam(IEnumerable<Tensor> parameters, AdamOptions options) : base(parameters, options) { }

    /// <summary>An optimizer with the given settings, under PyTorch's names but for lr and betas; see <see cref="AdamOptions"/>.</summary>
    public Adam(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0,
        bool amsGrad = false, bool maximize = false)
        : this(parameters, new AdamOptions
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            Eps = eps,
            WeightDecay = weightDecay,
            AmsGrad = amsGrad,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer with a learning rate: where a function that makes one is wanted, <c>Fit(epochs, 0.01, model, Adam.Create)</c>.</summary>
    public static Adam Create(IEnumerable<Tensor> parameters, double learningRate) => new(parameters, learningRate);

    /// <summary>What is remembered, in the order of <see cref="AdamUpdate"/>.</summary>
    internal static string[] NamesOf(AdamFamilyOptions options) => options.AmsGrad ? AveragesAndMaximum : Averages;

    private protected override string[] StateNames(AdamOptions options) => NamesOf(options);

    private protected override void Run(Backend backend, AdamOptions options, long step, ReadOnlySpan<UpdateTarget> targets) =>
        backend.Update(new AdamUpdate(options, step, decoupled: false), targets);

    /// <summary>The step of Adam, and of AdamW, whose weight decay shrinks the parameter itself instead of adding to the gradient.</summary>
    internal readonly struct AdamUpdate(AdamFamilyOptions options, long step, bool decoupled) : IUpdate
    {
        private readonly Descent _descent = new(decoupled ? 0 : options.WeightDecay, options.Maximize);
        private readonly double _shrink = decoupled ? 1 - options.LearningRate * options.WeightDecay : 1;
        private readonly bool _shrinks = decoupled && options.LearningRate * options.WeightDecay != 0;
        private readonly double _keep1 = options.Beta1, _keep2 = options.Beta2;
        private readonly double _take1 = 1 - options.Beta1, _take2 = 1 - options.Beta2;
        private readonly double _epsilon = options.Eps;
        private readonly double _rate = -options.LearningRate / (1 - Math.Pow(options.Beta1, step));
        private readonly double _correction = 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, step));
        private readonly bool _amsGrad = options.AmsGrad;

        public int States => _amsGrad ? 3 : 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke<T>(ref T parameter, T gradient, ref T average, ref T squares, ref T maximum) where T : IArithmetic<T>
        {
            gradient = _descent.Of(gradient, parameter);
            if (_shrinks) parameter *= T.Parameter(_shrink);
            average = T.Parameter(_keep1) * average + T.Parameter(_take1) * gradient;
            squares = T.Parameter(_keep2) * squares + T.Parameter(_take2) * (gradient * gradient);
            T divisor = squares;
            if (_amsGrad) divisor = maximum = T.Max(maximum, squares);
            parameter += T.Parameter(_rate) * average / (T.Sqrt(divisor) * T.Parameter(_correction) + T.Parameter(_epsilon));
        }
    }
}

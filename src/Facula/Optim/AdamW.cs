using Facula.Backends;

namespace Facula.Optim;

/// <summary>Adam with weight decay that does not pass through the averages: Loshchilov and Hutter 2019, arXiv:1711.05101. torch.optim.AdamW.</summary>
public class AdamW : FusedOptimizer<AdamWOptions>
{
    /// <summary>An optimizer with the given settings.</summary>
    public AdamW(IEnumerable<Tensor> parameters, AdamWOptions options) : base(parameters, options) { }

    /// <summary>An optimizer with the given settings, under PyTorch's names but for lr and betas; see <see cref="AdamWOptions"/>.</summary>
    public AdamW(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
        double weightDecay = 1e-2, bool amsGrad = false, bool maximize = false)
        : this(parameters, new AdamWOptions
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

    /// <summary>An optimizer with a learning rate: where a function that makes one is wanted, <c>Fit(epochs, 0.01, model, AdamW.Create)</c>.</summary>
    public static AdamW Create(IEnumerable<Tensor> parameters, double learningRate) => new(parameters, learningRate);

    private protected override string[] StateNames(AdamWOptions options) => Adam.NamesOf(options);

    private protected override void Run(Backend backend, AdamWOptions options, long step, ReadOnlySpan<UpdateTarget> targets) =>
        backend.Update(new Adam.AdamUpdate(options, step, decoupled: true), targets);
}

namespace Facula.Optim;

/// <summary>Adam with weight decay that does not pass through the averages: Loshchilov and Hutter 2019, arXiv:1711.05101. torch.optim.AdamW.</summary>
public sealed class AdamW : Adam
{
    /// <summary>An optimizer with the given settings; mind that their default weight decay is Adam's, 0.</summary>
    public AdamW(IEnumerable<Tensor> parameters, AdamOptions options) : base(parameters, options) { }

    /// <summary>An optimizer with the given settings; see <see cref="AdamOptions"/>.</summary>
    public AdamW(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 1e-2,
        bool amsGrad = false, bool maximize = false) : base(parameters, learningRate, beta1, beta2, epsilon, weightDecay, amsGrad, maximize) { }

    private protected override bool DecouplesDecay => true;
}

namespace Facula.Optim;

/// <summary>
/// Lets the learning rate fall along half a cosine from the initial one to a least value, and rise again. Loshchilov and Hutter 2017, arXiv:1608.03983.
/// torch.optim.lr_scheduler.CosineAnnealingLR.
/// </summary>
/// <param name="optimizer">Whose learning rates change.</param>
/// <param name="tMax">Epochs from the greatest to the least rate, at least 1. PyTorch's T_max.</param>
/// <param name="etaMin">The least rate. PyTorch's eta_min.</param>
public class CosineAnnealingLr(Optimizer optimizer, int tMax, double etaMin = 0) : LrScheduler(optimizer)
{
    private readonly int _tMax = tMax >= 1 ? tMax
        : throw new ArgumentOutOfRangeException(nameof(tMax), tMax, "CosineAnnealingLr: the fall must take at least 1 epoch.");

    private readonly double _etaMin = Check.NotNegative("CosineAnnealingLr", etaMin);

    // A step changes the rate there is, so that other schedulers may change it too.
    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch)
    {
        double Height(int at) => 1 + Math.Cos(Math.PI * at / _tMax);
        return (epoch - 1) % (2 * _tMax) == _tMax
            ? current + (initial - _etaMin) * (1 - Math.Cos(Math.PI / _tMax)) / 2 // from the bottom, where the ratio would be 0 / 0
            : Height(epoch) / Height(epoch - 1) * (current - _etaMin) + _etaMin;
    }
}

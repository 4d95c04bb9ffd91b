namespace Facula.Optim;

/// <summary>Multiplies the learning rate by gamma every so many epochs. torch.optim.lr_scheduler.StepLR.</summary>
/// <param name="optimizer">Whose learning rates change.</param>
/// <param name="stepSize">Epochs between changes, at least 1.</param>
/// <param name="gamma">The factor.</param>
public sealed class StepLr(Optimizer optimizer, int stepSize, double gamma = 0.1) : LrScheduler(optimizer)
{
    private readonly int _stepSize = stepSize >= 1 ? stepSize : throw new ArgumentOutOfRangeException(nameof(stepSize), stepSize, "StepLr: there must be at least 1 epoch between changes.");

    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch) => epoch % _stepSize == 0 ? current * gamma : current;
}

/// <summary>Multiplies the learning rate by gamma at given epochs; at one that is given twice, by its square. torch.optim.lr_scheduler.MultiStepLR.</summary>
/// <param name="optimizer">Whose learning rates change.</param>
/// <param name="milestones">The epochs, each at least 1, in any order.</param>
/// <param name="gamma">The factor.</param>
public sealed class MultiStepLr(Optimizer optimizer, IReadOnlyList<int> milestones, double gamma = 0.1) : LrScheduler(optimizer)
{
    private readonly int[] _milestones = Check.NotNull(milestones, operation: nameof(MultiStepLr)).All(milestone => milestone >= 1) ? [.. milestones]
        : throw new ArgumentException($"MultiStepLr: milestones are {string.Join(", ", milestones)}; the first change can be at epoch 1.", nameof(milestones));

    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch) => current * Math.Pow(gamma, _milestones.Count(milestone => milestone == epoch));
}

/// <summary>Multiplies the learning rate by gamma every epoch. torch.optim.lr_scheduler.ExponentialLR.</summary>
/// <param name="optimizer">Whose learning rates change.</param>
/// <param name="gamma">The factor.</param>
public sealed class ExponentialLr(Optimizer optimizer, double gamma) : LrScheduler(optimizer)
{
    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch) => current * gamma;
}

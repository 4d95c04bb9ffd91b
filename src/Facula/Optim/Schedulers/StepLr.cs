namespace Facula.Optim;

/// <summary>Multiplies the learning rate by gamma every so many epochs. torch.optim.lr_scheduler.StepLR.</summary>
/// <param name="optimizer">Whose learning rates change.</param>
/// <param name="stepSize">Epochs between changes, at least 1.</param>
/// <param name="gamma">The factor.</param>
public class StepLr(Optimizer optimizer, int stepSize, double gamma = 0.1) : LrScheduler(optimizer)
{
    private readonly int _stepSize =
        stepSize >= 1 ? stepSize : throw new ArgumentOutOfRangeException(nameof(stepSize), stepSize, "StepLr: there must be at least 1 epoch between changes.");

    private readonly double _gamma = Check.NotNegative("StepLr", gamma);

    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch) => epoch % _stepSize == 0 ? current * _gamma : current;
}

/// <summary>Multiplies the learning rate by gamma at given epochs; at one that is given twice, by its square. torch.optim.lr_scheduler.MultiStepLR.</summary>
public class MultiStepLr : LrScheduler
{
    private readonly int[] _milestones;
    private readonly double _gamma;

    /// <summary>A schedule; milestone 0 changes the rate at once.</summary>
    /// <param name="optimizer">Whose learning rates change.</param>
    /// <param name="milestones">The epochs, none negative, in any order.</param>
    /// <param name="gamma">The factor.</param>
    /// <exception cref="ArgumentException">A milestone is negative.</exception>
    public MultiStepLr(Optimizer optimizer, IReadOnlyList<int> milestones, double gamma = 0.1) : base(Checked(optimizer, milestones, gamma))
    {
        (_milestones, _gamma) = ([.. milestones], gamma);
        Apply(0);
    }

    private static Optimizer Checked(Optimizer optimizer, IReadOnlyList<int> milestones, double gamma)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        if (milestones.Any(milestone => milestone < 0))
            throw new ArgumentException($"MultiStepLr: milestones are {string.Join(", ", milestones)}; an epoch is not negative.", nameof(milestones));
        Check.NotNegative("MultiStepLr", gamma);
        return optimizer;
    }

    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch) =>
        current * Math.Pow(_gamma, _milestones.Count(milestone => milestone == epoch));
}

/// <summary>Multiplies the learning rate by gamma every epoch. torch.optim.lr_scheduler.ExponentialLR.</summary>
/// <param name="optimizer">Whose learning rates change.</param>
/// <param name="gamma">The factor.</param>
public class ExponentialLr(Optimizer optimizer, double gamma) : LrScheduler(optimizer)
{
    private readonly double _gamma = Check.NotNegative("ExponentialLr", gamma);

    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch) => current * _gamma;
}

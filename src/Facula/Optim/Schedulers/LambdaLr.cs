namespace Facula.Optim;

/// <summary>The initial learning rate times a function of the epoch. torch.optim.lr_scheduler.LambdaLR.</summary>
public class LambdaLr : LrScheduler
{
    private readonly Func<int, double>[] _factors;

    /// <summary>One function for all groups.</summary>
    /// <param name="optimizer">Whose learning rates change.</param>
    /// <param name="factor">Gives the factor of an epoch, the first of which is 0.</param>
    public LambdaLr(Optimizer optimizer, Func<int, double> factor)
        : this(optimizer, [.. Check.NotNull(optimizer, operation: nameof(LambdaLr)).ParameterGroups.Select(_ => factor)]) { }

    /// <summary>A function for each group.</summary>
    /// <exception cref="ArgumentException">There is another number of groups.</exception>
    public LambdaLr(Optimizer optimizer, IReadOnlyList<Func<int, double>> factors) : base(Checked(optimizer, factors))
    {
        _factors = [.. factors];
        Apply(0);
    }

    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch) => initial * _factors[group](epoch);

    private static Optimizer Checked(Optimizer optimizer, IReadOnlyList<Func<int, double>> factors)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(factors);
        foreach (Func<int, double> factor in factors) ArgumentNullException.ThrowIfNull(factor, nameof(factors));
        if (factors.Count != optimizer.ParameterGroups.Count)
            throw new ArgumentException($"LambdaLr: {factors.Count} functions for {optimizer.ParameterGroups.Count} groups; give one for each, or one for all.",
                nameof(factors));
        return optimizer;
    }
}

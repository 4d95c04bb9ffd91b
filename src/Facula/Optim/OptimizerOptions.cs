using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Optim;

/// <summary>
/// The settings of an optimizer: <c>new AdamOptions { LearningRate = 1e-2 }</c>; what is left out is as in PyTorch. Each group of parameters has its own, see
/// <see cref="ParameterGroup"/>.
/// </summary>
public abstract record OptimizerOptions
{
    /// <summary>How far a step goes, at least 0. PyTorch's lr.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>
    /// How strongly parameters are pulled towards zero, at least 0: the parameter times this is added to its gradient. PyTorch's weight_decay.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether to go up the gradient instead of down. PyTorch's maximize.</summary>
    public bool Maximize { get; init; }

    /// <summary>Throws if a setting is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public virtual void Validate()
    {
        NotNegative(LearningRate, nameof(LearningRate));
        NotNegative(WeightDecay, nameof(WeightDecay));
    }

    /// <summary>The settings under the names PyTorch gives them in <c>param_groups</c>.</summary>
    public virtual IReadOnlyDictionary<string, object?> ToState() => new OrderedDictionary<string, object?>
    {
        ["lr"] = LearningRate,
        ["weight_decay"] = WeightDecay,
        ["maximize"] = Maximize,
    };

    /// <summary>The names of those settings that every kind of optimizer has.</summary>
    internal static readonly IReadOnlySet<string> CommonNames = new HashSet<string> { "lr", "weight_decay", "maximize" };

    /// <summary>These settings with those that a state dictionary names changed to its values.</summary>
    public virtual OptimizerOptions FromState(IReadOnlyDictionary<string, object?> state) => this with
    {
        LearningRate = Read(state, "lr", LearningRate),
        WeightDecay = Read(state, "weight_decay", WeightDecay),
        Maximize = Read(state, "maximize", Maximize),
    };

    /// <summary>A number or truth value of a state dictionary, whatever its type; what it is now where there is none.</summary>
    protected static T Read<T>(IReadOnlyDictionary<string, object?> state, string name, T current) where T : struct
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.TryGetValue(name, out object? value) || value is null) return current;
        if (value is T same) return same;
        try
        {
            if (value is Tensor tensor) value = tensor.Item<double>();
            return (T)Convert.ChangeType(value, typeof(T), System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is InvalidCastException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new ArgumentException($"LoadStateDict: the setting {name} cannot be {value}.", nameof(state), e);
        }
    }

    /// <summary>Throws unless the value is a finite number, at least 0.</summary>
    protected static void NotNegative(double value, string name) => Check.NotNegative("Optimizer", value, name);

    /// <summary>Throws unless the value is in [0, 1).</summary>
    protected static void Fraction(double value, string name) => Check.LessThanOne("Optimizer", value, name);
}

/// <summary>What most optimizers do to a gradient first: turn it round to go up, and add the parameter's decay.</summary>
internal readonly struct Descent(double weightDecay, bool maximize)
{
    private readonly bool _decays = weightDecay != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T gradient, T parameter) where T : IArithmetic<T>
    {
        if (maximize) gradient = -gradient;
        return _decays ? gradient + T.Parameter(weightDecay) * parameter : gradient;
    }
}

using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Optim;

/// <summary>The settings of an optimizer; each group of parameters has its own, see <see cref="ParameterGroup"/>.</summary>
/// <param name="LearningRate">How far a step goes.</param>
/// <param name="WeightDecay">How strongly parameters are pulled towards zero.</param>
/// <param name="Maximize">Go up the gradient instead of down.</param>
public abstract record OptimizerOptions(double LearningRate, double WeightDecay, bool Maximize)
{
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

    /// <summary>Throws unless the value is at least 0.</summary>
    protected static void NotNegative(double value, string name)
    {
        if (!(value >= 0)) throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0.");
    }

    /// <summary>Throws unless the value is in [0, 1).</summary>
    protected static void Fraction(double value, string name)
    {
        if (!(value is >= 0 and < 1)) throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0 and less than 1.");
    }
}

/// <summary>What most optimizers do to a gradient first: turn it round to go up, and add the parameter's decay.</summary>
internal readonly struct Descent(double weightDecay, bool maximize)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T gradient, T parameter) where T : INum<T>
    {
        if (maximize) gradient = -gradient;
        return weightDecay == 0 ? gradient : gradient + T.Const(weightDecay) * parameter;
    }
}

using System.Collections;
using System.Globalization;

namespace Facula.Optim;

/// <summary>The settings that <see cref="Adam"/> and <see cref="AdamW"/> share.</summary>
public abstract record AdamFamilyOptions : OptimizerOptions
{
    /// <summary>How much of the running average of gradients is kept at a step. The first of PyTorch's betas.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the running average of their squares is kept at a step. The second of PyTorch's betas.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the divisor, for numerical stability. PyTorch's eps.</summary>
    public double Eps { get; init; } = 1e-8;

    /// <summary>Whether to divide by the largest average so far (Reddi et al. 2018, "On the Convergence of Adam and Beyond"). PyTorch's amsgrad.</summary>
    public bool AmsGrad { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Fraction(Beta1, nameof(Beta1));
        Fraction(Beta2, nameof(Beta2));
        NotNegative(Eps, nameof(Eps));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> ToState() => new OrderedDictionary<string, object?>(base.ToState())
    {
        ["betas"] = (Beta1, Beta2),
        ["eps"] = Eps,
        ["amsgrad"] = AmsGrad,
    };

    /// <inheritdoc/>
    public override OptimizerOptions FromState(IReadOnlyDictionary<string, object?> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        (double beta1, double beta2) = state.TryGetValue("betas", out object? betas) && betas is not null ? Pair(betas) : (Beta1, Beta2);
        return (AdamFamilyOptions)base.FromState(state) with
        {
            Beta1 = beta1,
            Beta2 = beta2,
            Eps = Read(state, "eps", Eps),
            AmsGrad = Read(state, "amsgrad", AmsGrad),
        };
    }

    // A file gives a Python tuple as a sequence.
    private static (double, double) Pair(object value)
    {
        if (value is (double first, double second)) return (first, second);
        object?[] items = value is IEnumerable sequence and not string ? [.. sequence.Cast<object?>()] : [];
        if (items is not [IConvertible a and not string, IConvertible b and not string])
            throw new ArgumentException($"LoadStateDict: betas must be two numbers, not {value}.", nameof(value));
        return (a.ToDouble(CultureInfo.InvariantCulture), b.ToDouble(CultureInfo.InvariantCulture));
    }
}

/// <summary>Settings of <see cref="Adam"/>, whose weight decay is added to the gradient.</summary>
public sealed record AdamOptions : AdamFamilyOptions;

/// <summary>Settings of <see cref="AdamW"/>, whose weight decay is taken off the parameter itself, times the learning rate, and is 0.01 unless set.</summary>
public sealed record AdamWOptions : AdamFamilyOptions
{
    /// <summary>Settings with a weight decay of 1e-2.</summary>
    public AdamWOptions() => WeightDecay = 1e-2;
}

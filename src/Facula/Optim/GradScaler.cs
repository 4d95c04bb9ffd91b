namespace Facula.Optim;

/// <summary>
/// Keeps small gradients above what Float16 holds, where <see cref="Autograd.Autocast"/> computes in it: the loss, and with it every gradient, is multiplied
/// by a scale, which is divided out again before the optimizer's step. Where a gradient has become infinite or NaN the step is left out and the scale made
/// smaller; after many steps without that it is made larger. Whether it has is a number that is read, so a step waits for the device. torch.amp.GradScaler.
/// </summary>
/// <example>
/// <code>
/// using (Autograd.Autocast(DType.Float16)) loss = F.CrossEntropy(model.Call(x), y);
/// scaler.Scale(loss).Backward();
/// scaler.Step(optimizer);
/// scaler.Update();
/// optimizer.ZeroGrad();
/// </code>
/// </example>
public sealed class GradScaler
{
    private readonly Dictionary<Optimizer, bool> _unscaled = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Optimizer> _stepped = new(ReferenceEqualityComparer.Instance);
    private GradScalerState _state;

    /// <summary>A scaler.</summary>
    /// <param name="initialScale">What it starts with. PyTorch's init_scale.</param>
    /// <param name="growthFactor">What the scale is multiplied by after many good steps, above 1.</param>
    /// <param name="backoffFactor">What it is multiplied by after a bad one, in (0, 1).</param>
    /// <param name="growthInterval">How many good steps in a row are many.</param>
    /// <param name="enabled">Where false, losses and gradients stay as they are.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public GradScaler(double initialScale = 65536, double growthFactor = 2, double backoffFactor = 0.5, int growthInterval = 2000, bool enabled = true)
    {
        _state = Checked(new()
        {
            Scale = initialScale,
            GrowthFactor = growthFactor,
            BackoffFactor = backoffFactor,
            GrowthInterval = growthInterval,
        });
        IsEnabled = enabled;
    }

    /// <summary>Whether it does anything.</summary>
    public bool IsEnabled { get; }

    /// <summary>What losses are multiplied by. PyTorch's get_scale.</summary>
    public double CurrentScale => IsEnabled ? _state.Scale : 1;

    /// <summary>A loss, or what else backward begins with, times the scale.</summary>
    public Tensor Scale(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return IsEnabled ? loss * _state.Scale : loss;
    }

    /// <summary>
    /// Divides the gradients of an optimizer's parameters by the scale before <see cref="Step"/> does, to clip them, say. PyTorch's unscale_.
    /// </summary>
    /// <exception cref="InvalidOperationException">It has been done since the last <see cref="Update"/>, or a gradient is of Float16.</exception>
    public void Unscale(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (!IsEnabled) return;
        if (_stepped.Contains(optimizer)) throw new InvalidOperationException("GradScaler.Unscale: after Step there is nothing to divide; call Update first.");
        if (_unscaled.ContainsKey(optimizer))
            throw new InvalidOperationException("GradScaler.Unscale: the gradients of this optimizer have been divided by the scale; call Update first.");
        Tensor[] gradients = [.. optimizer.ParameterGroups.SelectMany(group => group.Parameters).Select(parameter => parameter.Grad).OfType<Tensor>()
            .Distinct<Tensor>(ReferenceEqualityComparer.Instance)];
        if (gradients.Any(gradient => gradient.DType == DType.Float16))
            throw new InvalidOperationException("GradScaler.Unscale: a gradient is of float16, which might lose what the scale has kept; keep the parameters " +
                "in float32 and leave it to Autocast what is computed in 16 bits.");
        using GradModeScope scope = Autograd.NoGrad();
        bool isFinite = AreFinite(gradients);
        double inverse = 1 / _state.Scale;
        foreach (Tensor gradient in gradients) _ = gradient.MultiplyInPlace(inverse);
        _unscaled[optimizer] = isFinite;
    }

    /// <summary>Divides the gradients by the scale, unless <see cref="Unscale"/> has, and takes the optimizer's step if all are finite.</summary>
    /// <returns>Whether the step has been taken.</returns>
    /// <exception cref="InvalidOperationException">It has been since the last <see cref="Update"/>, or a gradient is of Float16.</exception>
    public bool Step(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (_stepped.Contains(optimizer)) throw new InvalidOperationException("GradScaler.Step: this optimizer has taken its step; call Update first.");
        if (IsEnabled && !_unscaled.ContainsKey(optimizer)) Unscale(optimizer);
        bool takes = !IsEnabled || _unscaled[optimizer];
        if (takes) optimizer.Step();
        if (IsEnabled) _stepped.Add(optimizer);
        return takes;
    }

    /// <summary>Changes the scale by what the steps since the last have met. Once after the steps of all optimizers.</summary>
    /// <param name="newScale">The scale to use from now on instead.</param>
    /// <exception cref="InvalidOperationException">No gradient has been looked at since the last.</exception>
    public void Update(double? newScale = null)
    {
        if (!IsEnabled) return;
        if (newScale is { } given) _state = Checked(_state with { Scale = given });
        else if (_unscaled.Count == 0) throw new InvalidOperationException("GradScaler.Update: no optimizer has taken a step since the last; call Step first.");
        else if (_unscaled.ContainsValue(false)) _state = _state with { Scale = _state.Scale * _state.BackoffFactor, GrowthTracker = 0 };
        else if (_state.GrowthTracker + 1 < _state.GrowthInterval) _state = _state with { GrowthTracker = _state.GrowthTracker + 1 };
        else
        {
            double grown = _state.Scale * _state.GrowthFactor;
            _state = _state with { Scale = grown <= float.MaxValue ? grown : _state.Scale, GrowthTracker = 0 };
        }
        _unscaled.Clear();
        _stepped.Clear();
    }

    /// <summary>What must be saved to go on from here. PyTorch's state_dict.</summary>
    public GradScalerState StateDict() => _state;

    /// <summary>Goes on from a saved state. PyTorch's load_state_dict.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public void LoadStateDict(GradScalerState stateDict)
    {
        ArgumentNullException.ThrowIfNull(stateDict);
        _state = Checked(stateDict);
    }

    // One number for all, which is read: infinite or NaN where any gradient is.
    private static bool AreFinite(IEnumerable<Tensor> gradients)
    {
        foreach (IGrouping<Device, Tensor> here in gradients.Where(gradient => gradient.Count > 0).GroupBy(gradient => gradient.Device))
        {
            Tensor largest = Tensor.Stack([.. here.Select(gradient => gradient.Norm(double.PositiveInfinity).To(DType.Float64))]).Max();
            if (!double.IsFinite(largest.Item<double>())) return false;
        }
        return true;
    }

    private static GradScalerState Checked(GradScalerState state)
    {
        if (!(state.Scale > 0 && state.Scale <= float.MaxValue)) Refuse(nameof(state.Scale), state.Scale, "positive, and a float32");
        if (!(state.GrowthFactor > 1 && double.IsFinite(state.GrowthFactor))) Refuse(nameof(state.GrowthFactor), state.GrowthFactor, "above 1");
        if (!(state.BackoffFactor > 0 && state.BackoffFactor < 1)) Refuse(nameof(state.BackoffFactor), state.BackoffFactor, "above 0 and below 1");
        if (state.GrowthInterval < 1) Refuse(nameof(state.GrowthInterval), state.GrowthInterval, "at least 1");
        if (state.GrowthTracker < 0) Refuse(nameof(state.GrowthTracker), state.GrowthTracker, "at least 0");
        return state;
    }

    private static void Refuse(string name, double value, string range) =>
        throw new ArgumentOutOfRangeException(name, value, $"GradScaler: it must be {range}.");
}

/// <summary>What a <see cref="GradScaler"/> has come to, under PyTorch's names.</summary>
public sealed record GradScalerState
{
    /// <summary>What losses are multiplied by.</summary>
    public required double Scale { get; init; }

    /// <summary>What the scale is multiplied by after many good steps.</summary>
    public double GrowthFactor { get; init; } = 2;

    /// <summary>What it is multiplied by after a bad step.</summary>
    public double BackoffFactor { get; init; } = 0.5;

    /// <summary>How many good steps in a row are many.</summary>
    public int GrowthInterval { get; init; } = 2000;

    /// <summary>How many there have been. PyTorch's _growth_tracker.</summary>
    public int GrowthTracker { get; init; }
}

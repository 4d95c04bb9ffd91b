using System.Collections;
using System.Globalization;

namespace Facula.Optim;

/// <summary>
/// Changes the learning rate of an optimizer's groups as training goes on: call <see cref="Step"/> after the optimizer's step, each epoch or each batch, as the
/// schedule counts. Several schedulers may share an optimizer where each multiplies what is there. torch.optim.lr_scheduler.
/// </summary>
public abstract class LrScheduler : ILrScheduler
{
    private double[] _initial;

    /// <summary>A schedule of the groups that the optimizer has now; those added later keep their rate.</summary>
    protected LrScheduler(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        Optimizer = optimizer;
        foreach (ParameterGroup group in optimizer.ParameterGroups) group.InitialLearningRate ??= group.LearningRate;
        _initial = [.. optimizer.ParameterGroups.Select(group => group.InitialLearningRate!.Value)];
    }

    /// <summary>Whose learning rates change.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>How often <see cref="Step"/> has been called.</summary>
    public int LastEpoch { get; private set; }

    /// <summary>The groups' learning rates before any schedule; of a one-cycle schedule, those it begins with. torch.optim.lr_scheduler.LRScheduler.base_lrs.</summary>
    public IReadOnlyList<double> InitialLearningRates => _initial;

    /// <summary>The groups' learning rates now. torch.optim.lr_scheduler.LRScheduler.get_last_lr.</summary>
    public IReadOnlyList<double> LearningRates => [.. Optimizer.ParameterGroups.Take(_initial.Length).Select(group => group.LearningRate)];

    /// <summary>Sets the learning rates for the next epoch, or batch where that is what the schedule counts. torch.optim.lr_scheduler.LRScheduler.step.</summary>
    public void Step()
    {
        Apply(LastEpoch + 1);
        LastEpoch++;
    }

    /// <summary>The learning rate of a group.</summary>
    /// <param name="group">The group's number.</param>
    /// <param name="current">Its rate in the epoch before.</param>
    /// <param name="initial">Its rate before any schedule.</param>
    /// <param name="epoch">The epoch the rate is for; the first is 0.</param>
    protected abstract double Rate(int group, double current, double initial, int epoch);

    /// <summary>
    /// Sets what an epoch asks for. A constructor calls it for epoch 0 where the schedule does not begin with the rates as they are.
    /// </summary>
    protected virtual void Apply(int epoch)
    {
        var rates = new double[_initial.Length];
        for (int i = 0; i < rates.Length; i++) rates[i] = Rate(i, Optimizer.ParameterGroups[i].LearningRate, _initial[i], epoch);
        for (int i = 0; i < rates.Length; i++) Optimizer.ParameterGroups[i].LearningRate = rates[i];
    }

    /// <summary>Says where the groups begin, for a schedule that has rates of its own for that.</summary>
    private protected void Begin(double[] initial)
    {
        _initial = initial;
        for (int i = 0; i < initial.Length; i++) Optimizer.ParameterGroups[i].InitialLearningRate = initial[i];
    }

    /// <summary>Where the schedule is, under PyTorch's names; its settings are not part of it. torch.optim.lr_scheduler.LRScheduler.state_dict.</summary>
    public virtual IReadOnlyDictionary<string, object?> StateDict() => new OrderedDictionary<string, object?>
    {
        ["base_lrs"] = InitialLearningRates.ToArray(),
        ["last_epoch"] = LastEpoch,
        ["_last_lr"] = LearningRates.ToArray(),
    };

    /// <summary>
    /// Goes on from where another schedule of the same settings was. The optimizer's learning rates become those of then as well, so that it does not matter
    /// whether its own state is loaded before or after. torch.optim.lr_scheduler.LRScheduler.load_state_dict.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// An entry is missing or no number that it can be, or there are rates for another number of groups; nothing has been changed.
    /// </exception>
    public void LoadStateDict(IReadOnlyDictionary<string, object?> state) => PrepareLoad(state)();

    /// <summary>Checks a state and returns what goes on from there, which then cannot fail. Override it where <see cref="StateDict"/> is.</summary>
    /// <exception cref="ArgumentException">An entry is missing or no number that it can be, or there are rates for another number of groups.</exception>
    public virtual Action PrepareLoad(IReadOnlyDictionary<string, object?> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double[] initial = ReadAll(state, "base_lrs", _initial.Length), last = ReadAll(state, "_last_lr", _initial.Length);
        int epoch = ReadCount(state, "last_epoch");
        return () =>
        {
            LastEpoch = epoch;
            Begin(initial);
            for (int i = 0; i < last.Length; i++) Optimizer.ParameterGroups[i].LearningRate = last[i];
        };
    }

    /// <summary>A number that is not NaN.</summary>
    internal static double ReadNumber(IReadOnlyDictionary<string, object?> state, string name)
    {
        if (!state.TryGetValue(name, out object? value) || !TryNumber(value, out double number) || double.IsNaN(number))
            throw new ArgumentException($"LoadStateDict: a schedule's state needs a number under {name}.", nameof(state));
        return number;
    }

    /// <summary>A whole number from 0 on.</summary>
    internal static int ReadCount(IReadOnlyDictionary<string, object?> state, string name)
    {
        double number = ReadNumber(state, name);
        return number is >= 0 and <= int.MaxValue && number == Math.Floor(number) ? (int)number
            : throw new ArgumentException($"LoadStateDict: a schedule's state needs a whole number, at least 0, under {name}, not {number}.", nameof(state));
    }

    private static bool TryNumber(object? value, out double number)
    {
        number = double.NaN;
        if (value is not IConvertible convertible || value is string || convertible.GetTypeCode() is TypeCode.Char or TypeCode.DateTime or TypeCode.DBNull) return false;
        number = convertible.ToDouble(CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>A sequence of numbers, of whatever types.</summary>
    private static double[] ReadAll(IReadOnlyDictionary<string, object?> state, string name, int count)
    {
        double[] values = state.TryGetValue(name, out object? value) && value is IEnumerable sequence and not string
            ? [.. sequence.Cast<object?>().Select(item => TryNumber(item, out double number) ? number : double.NaN)] : [];
        if (values.Length != count)
            throw new ArgumentException($"LoadStateDict: the schedule is of {count} groups, but the state has {values.Length} numbers under {name}.", nameof(state));
        if (values.Any(rate => !(rate >= 0 && double.IsFinite(rate))))
            throw new ArgumentException($"LoadStateDict: learning rates are finite numbers, at least 0, but under {name} are {string.Join(", ", values)}.", nameof(state));
        return values;
    }
}

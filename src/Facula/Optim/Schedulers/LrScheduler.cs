using System.Collections;
using System.Globalization;

namespace Facula.Optim;

/// <summary>
/// Changes the learning rate of an optimizer's groups as training goes on: call <see cref="Step"/> after the optimizer's step, each epoch or each batch, as the
/// schedule counts. Several schedulers that are made together may share an optimizer where each multiplies what is there. One that is made when others have
/// already taken steps takes their place: it begins anew, from the initial rate, or from the rate that has been set by hand since.
/// (PyTorch's begins with the rate that the others have left, but computes with the initial one: after a cosine has ended, a new one stays at 0.)
/// torch.optim.lr_scheduler.
/// </summary>
public abstract class LrScheduler : ILrScheduler
{
    private double[] _initial;

    /// <summary>
    /// A schedule of the groups that the optimizer has now; those added later keep their rate.
    /// The groups go back to their initial rates if other schedules have
    /// taken steps before.
    /// </summary>
    protected LrScheduler(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        Optimizer = optimizer;
        foreach (ParameterGroup group in optimizer.ParameterGroups)
        {
            if (group.InitialLearningRate is not { } initial || group.LearningRate != group.ScheduledLearningRate)
                group.InitialLearningRate = group.LearningRate;
            else if (group.IsUnderway) group.LearningRate = initial;
            (group.ScheduledLearningRate, group.IsUnderway) = (group.LearningRate, false);
        }
        _initial = [.. optimizer.ParameterGroups.Select(group => group.InitialLearningRate!.Value)];
    }

    /// <summary>Whose learning rates change.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>How often <see cref="Step"/> has been called.</summary>
    public int LastEpoch { get; private set; }

    /// <summary>The groups' learning rates before any schedule; of a one-cycle schedule, those it begins with.
    /// torch.optim.lr_scheduler.LRScheduler.base_lrs.</summary>
    public IReadOnlyList<double> InitialLearningRates => _initial;

    /// <summary>The groups' learning rates now. torch.optim.lr_scheduler.LRScheduler.get_last_lr.</summary>
    public IReadOnlyList<double> LearningRates => [.. Optimizer.ParameterGroups.Take(_initial.Length).Select(group => group.LearningRate)];

    /// <summary>Sets the learning rates for the next epoch, or batch where that is what the schedule counts.
    /// torch.optim.lr_scheduler.LRScheduler.step.</summary>
    public void Step()
    {
        Apply(LastEpoch + 1);
        LastEpoch++;
        for (int i = 0; i < _initial.Length; i++) Optimizer.ParameterGroups[i].IsUnderway = true;
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
        for (int i = 0; i < rates.Length; i++) SetRate(i, rates[i]);
    }

    private void SetRate(int group, double rate)
    {
        ParameterGroup changed = Optimizer.ParameterGroups[group];
        changed.LearningRate = rate;
        changed.ScheduledLearningRate = rate;
    }

    /// <summary>Says where the groups begin, for a schedule that has rates of its own for that.</summary>
    private protected void Begin(double[] initial)
    {
        _initial = initial;
        for (int i = 0; i < initial.Length; i++) Optimizer.ParameterGroups[i].InitialLearningRate = initial[i];
    }

    /// <summary>Where the schedule is, under PyTorch's names, and of what kind it is, under one of our own; its settings are not part of it.
    /// torch.optim.lr_scheduler.LRScheduler.state_dict.</summary>
    public virtual IReadOnlyDictionary<string, object?> StateDict() => new OrderedDictionary<string, object?>
    {
        ["base_lrs"] = InitialLearningRates.ToArray(),
        ["last_epoch"] = LastEpoch,
        ["_last_lr"] = LearningRates.ToArray(),
        [KindKey] = GetType().Name,
    };

    /// <summary>
    /// Goes on from where another schedule of the same settings was. The optimizer's learning rates become those of then as well, so that it does not matter
    /// whether its own state is loaded before or after. torch.optim.lr_scheduler.LRScheduler.load_state_dict.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The state is of another kind of schedule, an entry is missing or no number that it can be, or there are rates for another number of groups;
    /// nothing has been changed. States without a kind, which are PyTorch's or of older files, are taken as what they are loaded into.
    /// </exception>
    public void LoadStateDict(IReadOnlyDictionary<string, object?> state) => PrepareLoad(state)();

    /// <summary>Checks a state and returns what goes on from there, which then cannot fail. Override it where <see cref="StateDict"/> is.</summary>
    /// <exception cref="ArgumentException">As <see cref="LoadStateDict"/> has it.</exception>
    public virtual Action PrepareLoad(IReadOnlyDictionary<string, object?> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        CheckKind(state, GetType().Name);
        double[] initial = ReadAll(state, "base_lrs", _initial.Length), last = ReadAll(state, "_last_lr", _initial.Length);
        int epoch = ReadCount(state, "last_epoch");
        return () =>
        {
            LastEpoch = epoch;
            Begin(initial);
            for (int i = 0; i < last.Length; i++)
            {
                SetRate(i, last[i]);
                Optimizer.ParameterGroups[i].IsUnderway = epoch > 0;
            }
        };
    }

    /// <summary>Under which name a state says of what kind of schedule it is.</summary>
    internal const string KindKey = "kind";

    /// <summary>Refuses a state that says that it is of another kind.</summary>
    internal static void CheckKind(IReadOnlyDictionary<string, object?> state, string kind)
    {
        if (state.TryGetValue(KindKey, out object? saved) && saved is not null && !kind.Equals(saved))
            throw new ArgumentException($"LoadStateDict: this is the state of a schedule of the kind {saved}; it cannot be loaded into {kind}.", nameof(state));
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
        if (value is not IConvertible convertible || value is string || convertible.GetTypeCode() is TypeCode.Char or TypeCode.DateTime or TypeCode.DBNull)
            return false;
        number = convertible.ToDouble(CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>A sequence of numbers, of whatever types.</summary>
    private static double[] ReadAll(IReadOnlyDictionary<string, object?> state, string name, int count)
    {
        double[] values = state.TryGetValue(name, out object? value) && value is IEnumerable sequence and not string
            ? [.. sequence.Cast<object?>().Select(item => TryNumber(item, out double number) ? number : double.NaN)] : [];
        if (values.Length != count)
            throw new ArgumentException($"LoadStateDict: the schedule is of {count} groups, but the state has {values.Length} numbers under {name}.",
                nameof(state));
        if (values.Any(rate => !(rate >= 0 && double.IsFinite(rate))))
            throw new ArgumentException($"LoadStateDict: learning rates are finite numbers, at least 0, but under {name} are {string.Join(", ", values)}.",
                nameof(state));
        return values;
    }
}

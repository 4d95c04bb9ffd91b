namespace Facula.Optim;

/// <summary>
/// Quasi-Newton steps from the last changes of parameters and gradients: for smooth losses over all data, not over batches that change. Liu and Nocedal 1989,
/// Mathematical Programming 45:503. torch.optim.LBFGS.
/// </summary>
/// <remarks>
/// A step asks for the loss several times: <c>optimizer.Step(() => { optimizer.ZeroGrad(); Tensor loss = ...; loss.Backward(); return loss; })</c>. It reads
/// losses and slopes back, so it waits for the device. There is one group of parameters, on one device. Weight decay and maximizing, which PyTorch's has
/// not, change the loss and its gradient.
/// </remarks>
public class Lbfgs : Optimizer<LbfgsOptions>
{
    /// <summary>What is remembered between steps; vectors are all parameters one after another.</summary>
    private sealed class History
    {
        public long Iterations, Evaluations;
        public Tensor? Direction, Gradient;
        public double Step, Loss, Scale = 1;
        public readonly List<(Tensor Change, Tensor Step, double Weight)> Changes = [];
    }

    private History _history = new();

    /// <summary>An optimizer with the given settings.</summary>
    public Lbfgs(IEnumerable<Tensor> parameters, LbfgsOptions options) : base(parameters, options) { }

    /// <summary>An optimizer with the given settings, under PyTorch's names but for lr; see <see cref="LbfgsOptions"/>.</summary>
    public Lbfgs(IEnumerable<Tensor> parameters, double learningRate = 1, int maxIterations = 20, int? maxEvaluations = null, double toleranceGrad = 1e-7,
        double toleranceChange = 1e-9, int historySize = 100, LineSearch lineSearch = LineSearch.None)
        : this(parameters, new LbfgsOptions
        {
            LearningRate = learningRate,
            MaxIterations = maxIterations,
            MaxEvaluations = maxEvaluations,
            ToleranceGrad = toleranceGrad,
            ToleranceChange = toleranceChange,
            HistorySize = historySize,
            LineSearch = lineSearch,
        })
    {
    }

    /// <summary>An optimizer with a learning rate: where a function that makes one is wanted.</summary>
    public static Lbfgs Create(IEnumerable<Tensor> parameters, double learningRate) => new(parameters, learningRate);

    private protected override bool TakesOneGroup => true;

    /// <inheritdoc/>
    protected override void Update(ParameterGroup<LbfgsOptions> group) => throw new InvalidOperationException(
        "Lbfgs: a step needs the loss at several places; call Step with a function that sets gradients to zero, computes the loss, calls Backward and " +
        "returns it.");

    /// <summary>Follows directions until one of the limits of <see cref="LbfgsOptions"/> is reached. torch.optim.LBFGS.step.</summary>
    /// <param name="closure">Sets gradients to zero or null, computes the loss, calls Backward on it and returns it; called several times, with other
    /// parameters each time.</param>
    /// <returns>What the function returned first.</returns>
    public override Tensor Step(Func<Tensor> closure)
    {
        ArgumentNullException.ThrowIfNull(closure);
        using GradModeScope scope = Autograd.NoGrad();
        LbfgsOptions options = ParameterGroups[0].Options;
        Tensor? first = null;
        int evaluations = 0;
        (double loss, Tensor gradient) = Measure();
        if (Largest(gradient) <= options.ToleranceGrad) return first!;

        for (int iteration = 1; iteration <= options.MaxIterations; iteration++)
        {
            bool isFirst = ++_history.Iterations == 1;
            Tensor direction = Remember(gradient, isFirst, options);
            (_history.Gradient, _history.Loss) = (gradient, loss);
            double previous = loss, slope = gradient.Dot(direction).Item<double>();
            double step = isFirst ? Math.Min(1, 1 / gradient.Abs().Sum().Item<double>()) * options.LearningRate : options.LearningRate;
            (_history.Direction, _history.Step) = (direction, step);
            if (slope > -options.ToleranceChange) break;

            if (options.LineSearch == LineSearch.StrongWolfe)
            {
                Tensor[] start = [.. Parameters.Select(parameter => parameter.CopyData())];
                StrongWolfe.Point Try(double at)
                {
                    Move(direction, at);
                    (double loss, Tensor gradient) = Measure();
                    for (int i = 0; i < start.Length; i++) Parameters[i].CopyInPlace(start[i]);
                    return new(at, loss, gradient, gradient.Dot(direction).Item<double>());
                }
                (StrongWolfe.Point found, _) = StrongWolfe.Search(Try, new(0, loss, gradient, slope), step, Largest(direction), options.ToleranceChange);
                (step, loss, gradient) = (found.At, found.Loss, found.Gradient);
                _history.Step = step;
                Move(direction, step);
            }
            else
            {
                Move(direction, step);
                // After the last direction nobody asks any more.
                if (iteration == options.MaxIterations) break;
                (loss, gradient) = Measure();
            }
            if (evaluations >= options.Evaluations || Largest(gradient) <= options.ToleranceGrad) break;
            if (Largest(direction) * Math.Abs(step) <= options.ToleranceChange || Math.Abs(loss - previous) < options.ToleranceChange) break;
        }
        return first!;

        (double Loss, Tensor Gradient) Measure()
        {
            Tensor result;
            using (Autograd.EnableGrad())
                result = closure() ?? throw new InvalidOperationException("Lbfgs: the function that computes the loss returned null.");
            first ??= result;
            evaluations++;
            _history.Evaluations++;
            double value = options.Maximize ? -result.Item<double>() : result.Item<double>();
            Tensor flat = Tensor.Cat([.. Parameters.Select(parameter => (parameter.GradToUse?.Detach() ?? parameter.Detach().ZerosLike()).Flatten())]);
            if (options.Maximize) flat = -flat;
            if (options.WeightDecay == 0) return (value, flat);
            Tensor weights = Tensor.Cat([.. Parameters.Select(parameter => parameter.Detach().Flatten())]);
            return (value + options.WeightDecay / 2 * weights.Dot(weights).Item<double>(), flat.AddInPlace(weights, options.WeightDecay));
        }
    }

    private IReadOnlyList<Tensor> Parameters => ParameterGroups[0].Parameters;

    private static double Largest(Tensor vector) => vector.Count == 0 ? 0 : vector.Abs().Max().Item<double>();

    private void Move(Tensor direction, double step)
    {
        int start = 0;
        foreach (Tensor parameter in Parameters)
        {
            int count = (int)parameter.Count;
            parameter.AddInPlace(direction.Narrow(0, start, count).Reshape(parameter.Shape), step);
            start += count;
        }
    }

    /// <summary>
    /// Takes note of what the last step changed, and gives the direction: minus the gradient times an estimate of the inverse Hessian, by the two-loop
    /// recursion.
    /// </summary>
    private Tensor Remember(Tensor gradient, bool isFirst, LbfgsOptions options)
    {
        List<(Tensor Change, Tensor Step, double Weight)> changes = _history.Changes;
        if (isFirst || _history.Direction is null || _history.Gradient is null)
        {
            changes.Clear();
            _history.Scale = 1;
            return -gradient;
        }
        Tensor change = gradient - _history.Gradient, step = _history.Direction * _history.Step;
        double product = change.Dot(step).Item<double>();
        if (product > 1e-10)
        {
            while (changes.Count >= options.HistorySize) changes.RemoveAt(0);
            changes.Add((change, step, 1 / product));
            _history.Scale = product / change.Dot(change).Item<double>();
        }
        Tensor direction = -gradient;
        var shares = new double[changes.Count];
        for (int i = shares.Length - 1; i >= 0; i--)
        {
            shares[i] = changes[i].Step.Dot(direction).Item<double>() * changes[i].Weight;
            direction.AddInPlace(changes[i].Change, -shares[i]);
        }
        direction.MultiplyInPlace(_history.Scale);
        for (int i = 0; i < shares.Length; i++)
            direction.AddInPlace(changes[i].Step, shares[i] - changes[i].Change.Dot(direction).Item<double>() * changes[i].Weight);
        return direction;
    }

    /// <summary>All that is remembered stands with the first parameter, as in PyTorch; the vectors of the history are stacked.</summary>
    private protected override void CollectState(ParameterGroup group, int number, OrderedDictionary<int, IReadOnlyDictionary<string, Tensor>> states)
    {
        if (_history.Evaluations == 0) return;
        static Tensor Number(double value) => Tensor.Full([], value, DType.Float64);
        var entries = new OrderedDictionary<string, Tensor> { ["func_evals"] = Number(_history.Evaluations), ["n_iter"] = Number(_history.Iterations) };
        if (_history is { Direction: { } direction, Gradient: { } gradient })
        {
            (entries["d"], entries["prev_flat_grad"]) = (direction, gradient);
            (entries["t"], entries["prev_loss"], entries["H_diag"]) = (Number(_history.Step), Number(_history.Loss), Number(_history.Scale));
        }
        if (_history.Changes.Count > 0)
        {
            entries["old_dirs"] = Tensor.Stack([.. _history.Changes.Select(change => change.Change)]);
            entries["old_stps"] = Tensor.Stack([.. _history.Changes.Select(change => change.Step)]);
            entries["ro"] = Tensor.From<double>([.. _history.Changes.Select(change => change.Weight)]);
        }
        states[number] = entries;
    }

    private protected override Action PrepareGroup(ParameterGroup group, OptimizerOptions options, OptimizerGroupState saved,
        IReadOnlyDictionary<int, IReadOnlyDictionary<string, Tensor>> states)
    {
        var history = new History();
        if (states.GetValueOrDefault(saved.Params[0]) is { Count: > 0 } entries)
        {
            Tensor model = group.Parameters[0];
            int length = checked((int)group.Parameters.Sum(parameter => parameter.Count));
            (history.Evaluations, history.Iterations) = ((long)Number("func_evals"), (long)Number("n_iter"));
            if (entries.ContainsKey("d"))
            {
                (history.Direction, history.Gradient) = (Vectors("d", length), Vectors("prev_flat_grad", length));
                (history.Step, history.Loss, history.Scale) = (Number("t"), Number("prev_loss"), Number("H_diag"));
            }
            if (entries.TryGetValue("ro", out Tensor? weights))
            {
                int count = (int)weights.Count;
                Tensor changes = Vectors("old_dirs", count, length), steps = Vectors("old_stps", count, length);
                double[] shares = weights.To(DType.Float64).Flatten().ToArray<double>();
                for (int i = 0; i < count; i++) history.Changes.Add((changes[i].CopyData(), steps[i].CopyData(), shares[i]));
            }

            Tensor Entry(string name) => entries.GetValueOrDefault(name)
                ?? throw new ArgumentException($"LoadStateDict: the state lacks {name}; it is of another kind of optimizer, or damaged.", nameof(states));

            double Number(string name) => Entry(name) is { Count: 1 } number && number.Item<double>() is var value && !double.IsNaN(value) ? value
                : throw new ArgumentException($"LoadStateDict: {name} must be a number.", nameof(states));

            Tensor Vectors(string name, params int[] shape)
            {
                Tensor tensor = Entry(name);
                if (!tensor.Shape.AsSpan().SequenceEqual(shape))
                    throw new ArgumentException($"LoadStateDict: {name} has shape {tensor.Shape}, but the parameters need {new Shape(shape)}.", nameof(states));
                return tensor.Detach().To(model.DType, model.Device).CopyData();
            }
        }
        return () => _history = history;
    }
}

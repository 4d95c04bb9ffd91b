namespace Facula;

public static partial class Autograd
{
    /// <summary>
    /// An operation of the user's own, with its own gradient. Derive, write both directions, and apply a new instance at each use; parameters and
    /// whatever else backward needs are its fields. torch.autograd.Function.
    /// </summary>
    /// <example><code>
    /// sealed class Cube : Autograd.Function
    /// {
    ///     protected override Tensor Forward(Tensor[] inputs) { Save(inputs[0]); return inputs[0] * inputs[0] * inputs[0]; }
    ///     protected override Tensor?[] Backward(Tensor gradient) => [gradient * Saved(0) * Saved(0) * 3];
    /// }
    /// Tensor y = new Cube().Apply(x);
    /// </code></example>
    public abstract class Function
    {
        private Tensor[] _saving = [];
        private FunctionNode? _node;
        private bool _applied;

        // Of the backward that this thread is in: several threads may go through one graph.
        [ThreadStatic] private static (Function Of, bool[] Needs) t_inBackward;

        /// <summary>Computes the result; nothing it does is recorded.</summary>
        protected abstract Tensor Forward(Tensor[] inputs);

        /// <summary>
        /// The gradient of each input, null where there is none, from the gradient of the result. Made of differentiable operations on the
        /// gradient and on what <see cref="Saved"/> gives, it can itself be differentiated.
        /// </summary>
        protected abstract Tensor?[] Backward(Tensor gradient);

        /// <summary>Keeps inputs or the result for backward; a later change of one in place is noticed there. Call it in Forward, once.</summary>
        protected void Save(params Tensor[] tensors) => _saving = tensors;

        /// <summary>What Save has kept, in the same order.</summary>
        /// <exception cref="InvalidOperationException">It was changed in place, or the graph has been used up.</exception>
        protected Tensor Saved(int index) => _node?.SavedTensor(index) ?? throw new InvalidOperationException("Saved: nothing is saved outside Backward.");

        /// <summary>Whether backward must give a gradient for the input: not where it leads to none of the inputs that Autograd.Grad was asked for.</summary>
        protected bool NeedsGradient(int input) => ReferenceEquals(t_inBackward.Of, this) && t_inBackward.Needs[input];

        /// <summary>Runs the operation and records it. An instance is good for one use.</summary>
        public Tensor Apply(params Tensor[] inputs)
        {
            if (_applied) throw new InvalidOperationException($"{GetType().Name}: an instance is good for one use; make a new one for each Apply.");
            _applied = true;
            bool records = GradMode.Records(inputs.AsSpan()!);
            Tensor output;
            using (Autograd.NoGrad()) output = Forward(inputs);
            Tensor[] saving = _saving;
            _saving = [];
            if (!records || !output.DType.IsFloatingPoint) return output;
            // What Forward passes through, or took from elsewhere, keeps its own history.
            if (Array.IndexOf(inputs, output) >= 0 || output.RequiresGrad) output = output.Detach();
            _node = new FunctionNode(this, inputs);
            _node.Record(output, inputs);
            _node.Keep(saving);
            return output;
        }

        private sealed class FunctionNode(Function function, Tensor[] inputs) : Node
        {
            private readonly Layout[] _shapes = Array.ConvertAll(inputs, input => input.Layout);
            private int _count;

            public override string Name => function.GetType().Name;

            public override bool MayKeepGradient => true;

            public void Keep(Tensor[] tensors)
            {
                _count = tensors.Length;
                SaveMore(tensors);
            }

            public Tensor SavedTensor(int index)
            {
                if ((uint)index >= (uint)_count)
                    throw new ArgumentOutOfRangeException(nameof(index), index,
                        $"{Name}: Saved has nothing under {index}; Save has been given {_count} tensors.");
                return More(index);
            }

            protected override void Backward(Tensor gradient, Gradients into)
            {
                var needs = new bool[into.Count];
                for (int i = 0; i < needs.Length; i++) needs[i] = into.Wants(i);
                (Function, bool[]) outer = t_inBackward;
                t_inBackward = (function, needs);
                Tensor?[] gradients;
                try
                {
                    gradients = function.Backward(gradient);
                }
                finally
                {
                    t_inBackward = outer;
                }
                if (gradients.Length != into.Count)
                    throw new InvalidOperationException($"{Name}: Backward gave {gradients.Length} gradients for {into.Count} inputs; " +
                        "give null for those without.");
                for (int i = 0; i < gradients.Length; i++)
                {
                    if (gradients[i] is { } given && !given.Layout.SameShape(_shapes[i]))
                        throw new InvalidOperationException($"{Name}: Backward gave a gradient of shape {given.Shape} for input {i} of shape {_shapes[i]}.");
                    into[i] = gradients[i];
                }
            }
        }
    }
}

namespace Facula;

/// <summary>
/// Runs backward. Nodes are taken in the reverse order of their making, which is a topological order, from a heap: no recursion, so a
/// chain of a million nodes is no deeper than one of ten.
/// </summary>
internal static class Engine
{
    /// <summary>Backward from the roots. Captured edges get their gradient returned instead of passed on to leaves.</summary>
    public static Tensor?[] Run(ReadOnlySpan<Tensor> roots, ReadOnlySpan<Tensor?> gradients, Tensor[]? inputs, bool retainGraph, bool createGraph)
    {
        var run = new BackwardRun(inputs, retainGraph, createGraph);
        bool wasEnabled = GradMode.IsEnabled;
        GradMode.IsEnabled = createGraph;
        try
        {
            if (inputs is not null) run.MarkNeeded(roots);
            for (int i = 0; i < roots.Length; i++) run.Seed(roots[i], gradients[i]);
            run.Drain();
            return run.Captured;
        }
        finally
        {
            run.Clear();
            GradMode.IsEnabled = wasEnabled;
        }
    }

    private sealed class BackwardRun(Tensor[]? inputs, bool retainGraph, bool createGraph)
    {
        private readonly PriorityQueue<Node, long> _ready = new();
        // Leaves may be shared by graphs of several threads, so what is on its way to them is kept here, not on the node.
        private readonly Dictionary<Node, Tensor> _leaves = [];
        private readonly List<Node> _leafOrder = [];
        private HashSet<Node>? _needed;
        private Tensor?[] _slots = new Tensor?[4];

        public readonly Tensor?[] Captured = new Tensor?[inputs?.Length ?? 0];

        public void Seed(Tensor root, Tensor? gradient)
        {
            if (!root.RequiresGrad)
            {
                throw new InvalidOperationException("Backward: this tensor does not depend on any tensor that requires gradients. " +
                    "Set RequiresGrad on the parameters, and compute outside NoGrad.");
            }
            if (gradient is null)
            {
                if (root.Count != 1)
                    throw new InvalidOperationException($"Backward: a tensor of shape {root.Shape} needs the gradient argument; only a single number goes without. Reduce it with Sum() or Mean().");
                gradient = Tensor.Full(root.Shape, 1, root.DType, root.Device);
            }
            else
            {
                if (!gradient.Layout.SameShape(root.Layout))
                    throw new ArgumentException($"Backward: the gradient has shape {gradient.Shape}, the tensor {root.Shape}; they must be equal.");
                gradient = createGraph ? gradient : gradient.Alias(gradient.Layout);
            }
            Deliver(root.GradientEdge, gradient);
        }

        public void Drain()
        {
            while (_ready.TryDequeue(out Node? node, out _)) Execute(node);
            foreach (Node leaf in _leafOrder)
            {
                Tensor gradient = _leaves[leaf];
                if (leaf.Hooks is not null) gradient = RunHooks(leaf, 0, gradient);
                if (Capture(leaf, 0, gradient) || inputs is not null) continue;
                leaf.Backward([gradient], new(default, [], createGraph, null));
            }
        }

        public void Clear()
        {
            while (_ready.TryDequeue(out Node? node, out _)) (node.Pending, node.MorePending, node.IsQueued) = (null, null, false);
        }

        private void Execute(Node node)
        {
            int outputs = node.OutputCount;
            var gradients = new TensorBuffer();
            Span<Tensor?> given = outputs <= 4 ? gradients[..outputs] : new Tensor?[outputs];
            given[0] = node.Pending;
            node.MorePending?.CopyTo(given[1..]);
            (node.Pending, node.MorePending, node.IsQueued) = (null, null, false);

            bool escaped = createGraph || node.MayKeepGradient || node.Hooks is not null;
            for (int i = 0; i < outputs; i++)
            {
                if (given[i] is not { } gradient) continue;
                if (node.Hooks is not null) given[i] = gradient = RunHooks(node, i, gradient);
                escaped |= Capture(node, i, gradient);
            }

            int count = node.Inputs.Length;
            if (_slots.Length < count) _slots = new Tensor?[count];
            Span<Tensor?> slots = _slots.AsSpan(0, count);
            slots.Clear();
            if (node.IsReleased)
            {
                throw new InvalidOperationException($"Backward: the graph has been used already and what '{node.Name}' had saved is gone. " +
                    "Call Backward(retainGraph: true) the first time to go through it again.");
            }
            node.Backward(given, new(slots, node.Inputs, createGraph, _needed));
            if (!createGraph) node.DropRevived(slots);
            if (Autograd.DetectAnomaly) Anomaly.Check(node, slots);

            for (int i = 0; i < count; i++)
            {
                if (slots[i] is not { } gradient) continue;
                Edge edge = node.Inputs[i];
                if (edge.Node is null || _needed?.Contains(edge.Node) == false) continue;
                // Passed through unchanged, given to two inputs, or made by user code, which may keep it: each gets a handle of its own, so that each can be given back.
                bool shared = !createGraph && (node.MayKeepGradient || given.Contains(gradient) || slots[..i].Contains(gradient));
                Deliver(edge, shared ? gradient.Alias(gradient.Layout) : gradient);
            }
            if (!retainGraph) node.Release();
            if (escaped) return;
            foreach (Tensor? gradient in given) gradient?.Dispose();
        }

        private void Deliver(Edge edge, Tensor gradient)
        {
            Node node = edge.Node!;
            OutputInfo info = node.InfoOf(edge.Output);
            // A rule may be a plain number (the zero of a step function); a gradient must not go on promoting like one.
            if (gradient.IsWrappedNumber) gradient = gradient.CopyData().To(info.Device);
            if (!gradient.Layout.SameShape(info.Layout)) gradient = gradient.SumTo(info.Layout.Shape);
            if (gradient.DType != info.DType) gradient = gradient.To(info.DType);
            if (node is AccumulateNode)
            {
                if (_leaves.TryAdd(node, gradient)) _leafOrder.Add(node);
                else _leaves[node] = Add(_leaves[node], gradient);
                return;
            }
            if (edge.Output == 0) node.Pending = node.Pending is { } sum ? Add(sum, gradient) : gradient;
            else
            {
                node.MorePending ??= new Tensor?[node.OutputCount - 1];
                ref Tensor? slot = ref node.MorePending[edge.Output - 1];
                slot = slot is { } sum ? Add(sum, gradient) : gradient;
            }
            if (node.IsQueued) return;
            node.IsQueued = true;
            _ready.Enqueue(node, -node.Sequence);
        }

        /// <summary>Into the first where nobody else sees it.</summary>
        private Tensor Add(Tensor sum, Tensor gradient)
        {
            if (createGraph || !sum.Storage.IsUnique || !ReferenceEquals(sum.Layout, sum.Layout.Dense())) return sum + gradient;
            sum.AddInPlace(gradient);
            return sum;
        }

        private static Tensor RunHooks(Node node, int output, Tensor gradient)
        {
            (int Output, Func<Tensor, Tensor?> Hook)[] hooks;
            lock (node.Hooks!) hooks = [.. node.Hooks];
            foreach ((int of, Func<Tensor, Tensor?> hook) in hooks)
            {
                if (of == output) gradient = hook(gradient) ?? gradient;
            }
            return gradient;
        }

        private bool Capture(Node node, int output, Tensor gradient)
        {
            if (inputs is null) return false;
            bool captured = false;
            for (int i = 0; i < inputs.Length; i++)
            {
                Edge edge = inputs[i].GradientEdge;
                if (edge.Node != node || edge.Output != output) continue;
                Captured[i] = gradient;
                captured = true;
            }
            return captured;
        }

        /// <summary>Finds the nodes from which a wanted input can be reached, so that no other is run.</summary>
        public void MarkNeeded(ReadOnlySpan<Tensor> roots)
        {
            var reachable = new HashSet<Node>();
            var stack = new Stack<Node>();
            foreach (Tensor root in roots) Visit(root.GradientEdge.Node);
            while (stack.TryPop(out Node? node))
            {
                foreach (Edge edge in node.Inputs) Visit(edge.Node);
            }

            _needed = [];
            foreach (Tensor input in inputs!)
            {
                if (input.GradientEdge.Node is { } wanted) _needed.Add(wanted);
            }
            // Inputs of a node are older than it, except leaves, which have none of their own.
            foreach (Node node in reachable.OrderBy(n => n.Sequence))
            {
                foreach (Edge edge in node.Inputs)
                {
                    if (edge.Node is not null && _needed.Contains(edge.Node)) _needed.Add(node);
                }
            }

            void Visit(Node? node)
            {
                if (node is not null && reachable.Add(node)) stack.Push(node);
            }
        }
    }

    [System.Runtime.CompilerServices.InlineArray(4)]
    private struct TensorBuffer
    {
        private Tensor? _first;
    }
}

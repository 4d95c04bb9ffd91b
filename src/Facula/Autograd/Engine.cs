using System.Runtime.InteropServices;

namespace Facula;

/// <summary>
/// Runs backward. Nodes are taken in the reverse order of their making, which is a topological order, from a heap: no recursion, so a
/// chain of a million nodes is no deeper than one of ten.
/// </summary>
internal static class Engine
{
    [ThreadStatic] private static BackwardRun? t_current;
    [ThreadStatic] private static BackwardRun? t_spare;

    /// <summary>Backward from the roots. Captured edges get their gradient returned instead of passed on to leaves.</summary>
    public static Tensor?[] Run(ReadOnlySpan<Tensor> roots, ReadOnlySpan<Tensor?> gradients, Tensor[]? inputs, bool retainGraph, bool createGraph)
    {
        BackwardRun run = t_spare ?? new();
        BackwardRun? outer = t_current;
        (t_spare, t_current) = (null, run);
        bool wasEnabled = GradMode.IsEnabled;
        GradMode.IsEnabled = createGraph;
        try
        {
            run.Begin(inputs, retainGraph, createGraph);
            if (inputs is not null) run.MarkNeeded(roots);
            for (int i = 0; i < roots.Length; i++) run.Seed(roots[i], gradients[i]);
            run.Drain();
            return run.Captured;
        }
        finally
        {
            GradMode.IsEnabled = wasEnabled;
            t_current = outer;
            if (run.End()) t_spare = run;
        }
    }

    /// <summary>Takes note of a handle that the node which is running on this thread has had to make for a saved tensor whose own had been
    /// disposed of.</summary>
    public static void AddRevived(Tensor tensor) => t_current?.Revived.Add(tensor);

    /// <summary>One call of backward. Nodes may be shared with calls on other threads: all that is on its way is kept here.</summary>
    private sealed class BackwardRun
    {
        private const int KeptPlaces = 256;

        private readonly PriorityQueue<Node, long> _ready = new();
        private readonly Dictionary<long, Pending> _pending = [];
        private Tensor[]? _inputs;
        private bool _retainGraph, _createGraph;
        private HashSet<Node>? _needed;
        private Tensor?[] _slots = new Tensor?[4];

        /// <summary>The gradients of a node's outputs as far as they have come: of the first, and of the others where there are any.</summary>
        private struct Pending
        {
            public Tensor? First;
            public Tensor?[]? Others;
        }

        public readonly List<Tensor> Revived = [];

        public Tensor?[] Captured { get; private set; } = [];

        public void Begin(Tensor[]? inputs, bool retainGraph, bool createGraph)
        {
            (_inputs, _retainGraph, _createGraph) = (inputs, retainGraph, createGraph);
            Captured = inputs is null ? [] : new Tensor?[inputs.Length];
        }

        /// <summary>Lets go of everything; whether what is left is small enough to be used again.</summary>
        public bool End()
        {
            if (_ready.Count > 0) _ready.Clear();
            if (_pending.Count > 0) _pending.Clear();
            if (Revived.Count > 0) Revived.Clear();
            (_inputs, _needed, Captured) = (null, null, []);
            _slots.AsSpan().Clear();
            return _pending.Capacity <= KeptPlaces && _slots.Length <= KeptPlaces;
        }

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
                    throw new InvalidOperationException($"Backward: a tensor of shape {root.Shape} needs the gradient argument; " +
                        "only a single number goes without. Reduce it with Sum() or Mean().");
                gradient = Tensor.Full(root.Shape, 1, root.DType, root.Device);
            }
            else
            {
                if (!gradient.Layout.SameShape(root.Layout))
                    throw new ArgumentException($"Backward: the gradient has shape {gradient.Shape}, the tensor {root.Shape}; they must be equal.");
                Check.SameDevice("Backward", root, gradient);
                gradient = _createGraph ? gradient : gradient.Alias(gradient.Layout);
            }
            Deliver(root.GradientEdge, gradient);
        }

        public void Drain()
        {
            // Leaves come last: an error before leaves all gradients as they were.
            while (_ready.TryDequeue(out Node? node, out _))
            {
                _pending.Remove(node.Sequence, out Pending pending);
                if (node is AccumulateNode) Accumulate(node, pending.First!);
                else Execute(node, pending);
            }
        }

        private void Accumulate(Node leaf, Tensor gradient)
        {
            if (leaf.Hooks is not null) gradient = RunHooks(leaf, 0, gradient);
            if (Capture(leaf, 0, gradient) || _inputs is not null) return;
            leaf.Backward([gradient], new(default, [], _createGraph, null));
        }

        private void Execute(Node node, Pending pending)
        {
            int outputs = node.OutputCount;
            var gradients = new TensorBuffer();
            Span<Tensor?> given = outputs <= 4 ? gradients[..outputs] : new Tensor?[outputs];
            given[0] = pending.First;
            pending.Others?.CopyTo(given[1..]);

            bool escaped = _createGraph || node.MayKeepGradient || node.Hooks is not null;
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
            // What was asked for is this node's own gradient, not what lies behind it: a later backward may still go there.
            if (_needed is not null && !LeadsOn(node)) return;
            node.Backward(given, new(slots, node.Inputs, _createGraph, _needed));
            if (Revived.Count > 0) DropRevived(slots);
            if (GradMode.DetectsAnomaly) Anomaly.Check(node, slots);

            for (int i = 0; i < count; i++)
            {
                if (slots[i] is not { } gradient) continue;
                Edge edge = node.Inputs[i];
                if (edge.Node is null || _needed?.Contains(edge.Node) == false) continue;
                // Passed through unchanged, given to two inputs, or made by user code, which may keep it: each gets a handle of its own,
                // so that each can be given back.
                bool shared = !_createGraph && (node.MayKeepGradient || given.Contains(gradient) || slots[..i].Contains(gradient));
                Deliver(edge, shared ? gradient.Alias(gradient.Layout) : gradient);
            }
            if (!_retainGraph) node.Release();
            if (escaped) return;
            foreach (Tensor? gradient in given) gradient?.Dispose();
        }

        private void Deliver(Edge edge, Tensor gradient)
        {
            Node node = edge.Node!;
            OutputInfo info = node.InfoOf(edge.Output);
            // A rule may be a plain number (the zero of a step function); a gradient must not go on promoting like one.
            gradient = gradient.InMemory(info.Device);
            if (!gradient.Layout.SameShape(info.Layout)) gradient = gradient.SumTo(info.Layout.Shape);
            if (gradient.DType != info.DType || gradient.Device != info.Device) gradient = gradient.To(info.DType, info.Device, nonBlocking: true);
            ref Pending pending = ref CollectionsMarshal.GetValueRefOrAddDefault(_pending, node.Sequence, out bool isQueued);
            if (edge.Output == 0) pending.First = pending.First is { } sum ? Add(sum, gradient) : gradient;
            else
            {
                pending.Others ??= new Tensor?[node.OutputCount - 1];
                ref Tensor? slot = ref pending.Others[edge.Output - 1];
                slot = slot is { } sum ? Add(sum, gradient) : gradient;
            }
            if (!isQueued) _ready.Enqueue(node, -node.Sequence);
        }

        private bool LeadsOn(Node node)
        {
            foreach (Edge edge in node.Inputs)
            {
                if (edge.Node is not null && _needed!.Contains(edge.Node)) return true;
            }
            return false;
        }

        /// <summary>Lets go of handles made for saved tensors, after a backward that is not recorded.</summary>
        private void DropRevived(ReadOnlySpan<Tensor?> results)
        {
            foreach (Tensor tensor in Revived)
            {
                if (!_createGraph && !results.Contains(tensor)) tensor.Dispose();
            }
            Revived.Clear();
        }

        /// <summary>Into the first where nobody else sees it.</summary>
        private Tensor Add(Tensor sum, Tensor gradient)
        {
            if (_createGraph || !sum.Buffer.IsUnique || !ReferenceEquals(sum.Layout, sum.Layout.Dense())) return sum + gradient;
            sum.AddInPlace(gradient);
            return sum;
        }

        private static Tensor RunHooks(Node node, int output, Tensor gradient)
        {
            (int Output, Func<Tensor, Tensor?> Hook)[] hooks;
            List<(int Output, Func<Tensor, Tensor?> Hook)> all = node.Hooks!;
            lock (all) hooks = [.. all];
            foreach ((int of, Func<Tensor, Tensor?> hook) in hooks)
            {
                if (of == output) gradient = hook(gradient) ?? gradient;
            }
            return gradient;
        }

        private bool Capture(Node node, int output, Tensor gradient)
        {
            if (_inputs is null) return false;
            bool captured = false;
            for (int i = 0; i < _inputs.Length; i++)
            {
                Edge edge = _inputs[i].GradientEdge;
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
            foreach (Tensor input in _inputs!)
            {
                if (input.GradientEdge.Node is { } wanted) _needed.Add(wanted);
            }
            // Inputs of a node are older than it.
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

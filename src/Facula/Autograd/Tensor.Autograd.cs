using Facula.Backends;

namespace Facula;

public partial class Tensor
{
    /// <summary>Made inside <see cref="Autograd.InferenceMode"/>: it can never become part of a graph.</summary>
    internal bool IsInference { get; private set; } = GradMode.IsInference;

    private Node? _node;
    private int _nodeOutput;
    private LeafState? _leaf;
    private Tensor? _retainedGrad;

    /// <summary>What only leaves with gradients have.</summary>
    private sealed class LeafState
    {
        public bool RequiresGrad;
        public Tensor? Grad;
        public AccumulateNode? Node;

        /// <summary>Whether user code may hold the gradient, so that it must not be disposed of.</summary>
        public bool IsGradSeen;
    }

    /// <summary>
    /// Whether operations on this tensor are recorded. Settable on leaves of floating-point type only. torch.Tensor.requires_grad.
    /// </summary>
    /// <exception cref="InvalidOperationException">Set on a result of a recorded operation, or on a tensor of integers.</exception>
    public bool RequiresGrad
    {
        get => _node is not null || _leaf is { RequiresGrad: true } || HasNewRoot;
        set
        {
            if (!IsLeaf)
            {
                if (value) return;
                throw new InvalidOperationException("RequiresGrad: this tensor is the result of a recorded operation; use Detach() for one without history.");
            }
            if (value && !DType.IsFloatingPoint)
                throw new InvalidOperationException($"RequiresGrad: only floating-point tensors have gradients, this one is {DType.PyTorchName}.");
            if (value && IsInference) throw new InvalidOperationException("RequiresGrad: this tensor was made in InferenceMode; Clone() it outside that mode.");
            if (value || _leaf is not null) (_leaf ??= new()).RequiresGrad = value;
        }
    }

    /// <summary>Whether the tensor is not the result of a recorded operation.</summary>
    public bool IsLeaf => _node is null && !HasNewRoot;

    /// <summary>The name of the operation that made this tensor, null for leaves.</summary>
    public string? GradFn => HasNewRoot ? PartNode.ViewName : _node?.Name;

    /// <summary>
    /// The gradient that <see cref="Backward"/> has added up here; null before, and for tensors that need none. Where it has been called, as in
    /// <c>w -= w.Grad! * 0.1</c>, the exclamation mark says so; an operation on a gradient that is null after all says what is missing. torch.Tensor.grad.
    /// </summary>
    /// <exception cref="ArgumentException">Set: the shape, type or device is not the tensor's.</exception>
    public Tensor? Grad
    {
        get
        {
            if (_leaf is null) return _retainedGrad;
            _leaf.IsGradSeen = true;
            return _leaf.Grad;
        }
        set
        {
            if (value is not null && !value.Layout.SameShape(Layout))
                throw new ArgumentException($"Grad: the gradient of a tensor of shape {Shape} cannot have shape {value.Shape}.");
            if (value is not null && value.DType != DType)
                throw new ArgumentException($"Grad: the gradient of a {DType.PyTorchName} tensor cannot be {value.DType.PyTorchName}; convert it with To.");
            if (value is not null) Check.SameDevice("Grad", this, value);
            if (!IsLeaf) _retainedGrad = value;
            else
            {
                _leaf ??= new();
                (_leaf.Grad, _leaf.IsGradSeen) = (value, true);
            }
        }
    }

    /// <summary>The gradient, for code that does not keep it.</summary>
    internal Tensor? GradToUse => _leaf is null ? _retainedGrad : _leaf.Grad;

    /// <summary>Takes the gradient away; its memory comes back at once if nobody has seen it.</summary>
    internal void DropGrad()
    {
        _retainedGrad = null;
        if (_leaf is not { } leaf) return;
        lock (leaf)
        {
            if (!leaf.IsGradSeen) leaf.Grad?.Dispose();
            leaf.Grad = null;
        }
    }

    /// <summary>Takes the gradient away, or sets it to zeros without history.</summary>
    internal void ClearGrad(bool setToNone)
    {
        if (GradToUse is not { } gradient) return;
        if (setToNone) DropGrad();
        // A recorded gradient belongs to a graph: it is replaced, not written over.
        else if (gradient.RequiresGrad) Grad = gradient.ZerosLike();
        else gradient.ZeroInPlace();
    }

    /// <summary>Where this tensor's gradient goes.</summary>
    internal Edge GradientEdge
    {
        get
        {
            if (HasNewRoot) FollowRoot();
            if (_node is not null) return new(_node, _nodeOutput);
            if (_leaf is not { RequiresGrad: true } leaf) return default;
            return new(leaf.Node ?? Interlocked.CompareExchange(ref leaf.Node, new AccumulateNode(this), null) ?? leaf.Node, 0);
        }
    }

    internal void SetHistory(Node node, int output)
    {
        (_node, _nodeOutput) = (node, output);
        _leaf = null;
    }

    internal void TakeHistory(Tensor other) => SetHistory(other._node!, other._nodeOutput);

    /// <summary>Whether the elements are still in this buffer: neither disposed nor put into another order.</summary>
    internal bool Holds(Buffer buffer) => ReferenceEquals(Current.Buffer, buffer);

    /// <summary>The same tensor again, over a buffer that it no longer holds.</summary>
    internal Tensor Revive(Buffer buffer, Layout layout)
    {
        buffer.AddReference();
        return new(buffer, layout, DType, Device) { _node = _node, _nodeOutput = _nodeOutput, _leaf = _leaf };
    }

    /// <summary>The same elements without history; shares storage. torch.Tensor.detach.</summary>
    public Tensor Detach()
    {
        EnsureRowMajor();
        return Alias(Layout);
    }

    /// <summary>The same elements without history; shares storage. The tutorial's <c>.data</c>.</summary>
    public Tensor Data => Detach();

    /// <summary>
    /// Computes the gradients of this tensor with respect to the leaves it came from and adds them to their <see cref="Grad"/>. torch.Tensor.backward.
    /// </summary>
    /// <param name="gradient">The gradient of what follows with respect to this tensor, of its shape; may be left out for a single number,
    /// where it is 1.</param>
    /// <param name="retainGraph">Keep what the graph saved, so that it can be used again.</param>
    /// <param name="createGraph">Record backward itself, for gradients of gradients; implies retainGraph.</param>
    /// <exception cref="InvalidOperationException">The tensor has no history, is no single number and no gradient is given,
    /// or the graph is used up.</exception>
    public void Backward(Tensor? gradient = null, bool retainGraph = false, bool createGraph = false) =>
        Engine.Run([this], [gradient], null, retainGraph || createGraph, createGraph);

    /// <summary>Adds up <see cref="Grad"/> of a non-leaf during backward too. torch.Tensor.retain_grad.</summary>
    public void RetainGrad()
    {
        if (!RequiresGrad) throw new InvalidOperationException("RetainGrad: this tensor requires no gradient.");
        if (IsLeaf) return;
        // The hook lives as long as the graph, which must not keep the tensor alive.
        var self = new WeakReference<Tensor>(this);
        RegisterHook(gradient =>
        {
            if (!self.TryGetTarget(out Tensor? tensor)) return null;
            lock (self) tensor._retainedGrad = tensor._retainedGrad is { } sum ? sum + gradient : gradient;
            return null;
        });
    }

    /// <summary>Calls the function with this tensor's gradient whenever one is computed; what it returns, unless null, takes its place.
    /// torch.Tensor.register_hook.</summary>
    /// <returns>Dispose it to take the hook away.</returns>
    public IDisposable RegisterHook(Func<Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        if (!RequiresGrad) throw new InvalidOperationException("RegisterHook: this tensor requires no gradient.");
        Edge edge = GradientEdge;
        var entry = (edge.Output, hook);
        List<(int, Func<Tensor, Tensor?>)> hooks = edge.Node!.HooksToAddTo();
        lock (hooks) hooks.Add(entry);
        return new Unhook(() =>
        {
            lock (hooks) hooks.Remove(entry);
        });
    }

    private sealed class Unhook(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }

    internal void AccumulateGrad(Tensor gradient, bool createGraph)
    {
        LeafState leaf = _leaf!;
        lock (leaf)
        {
            if (leaf.Grad is not { } sum)
            {
                // A gradient nobody else holds becomes the .Grad itself if it lies in order, or as the leaf does; any other is copied.
                Layout layout = gradient.Layout;
                bool takes = createGraph || (gradient.Buffer.IsUnique && layout.Offset == 0 && (layout.IsContiguous || layout.IsAligned(Layout)));
                leaf.Grad = takes ? gradient : gradient.CopyData();
                leaf.IsGradSeen = createGraph || leaf.Node?.Hooks is not null;
                // Nothing else shows these elements any more.
                if (takes && !createGraph) gradient._root = null;
            }
            else if (createGraph) (leaf.Grad, leaf.IsGradSeen) = (sum + gradient, true);
            else sum.AddInPlace(gradient);
        }
    }
}

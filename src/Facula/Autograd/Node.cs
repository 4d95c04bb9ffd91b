using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Facula.Backends;

namespace Facula;

/// <summary>Where a gradient goes: to an output of the node that made the tensor, or nowhere.</summary>
internal readonly record struct Edge(Node? Node, int Output);

/// <summary>
/// One recorded operation. It knows where its input gradients go, holds what backward needs, and computes them; un-broadcasting,
/// casting and adding up are the engine's. Nodes made later always depend on nodes made earlier: <see cref="Sequence"/> orders them.
/// </summary>
internal abstract class Node
{
    private static long s_sequence;
    private static long s_leaves;

    /// <summary>The place of the operation among all that were recorded, counted from 1; leaves, which come before all,
    /// are counted downwards from -1.</summary>
    public long Sequence { get; private set; }
    public Edge[] Inputs = [];

    /// <summary>What each output looks like; gradients are brought to this shape and type.</summary>
    public OutputInfo Output;
    public OutputInfo[]? MoreOutputs;

    private Saved _a, _b, _c;
    private Saved[]? _more;
    private bool _hasSaved, _released;
    private List<(int Output, Func<Tensor, Tensor?> Hook)>? _hooks;

    /// <summary>Hooks on the outputs' gradients; lock it to read or change it.</summary>
    public List<(int Output, Func<Tensor, Tensor?> Hook)>? Hooks => Volatile.Read(ref _hooks);

    /// <summary>Where the operation was called; only in anomaly mode.</summary>
    public StackTrace? Trace;

    protected Node(bool isLeaf = false)
    {
        if (isLeaf) Sequence = Interlocked.Decrement(ref s_leaves);
    }

    /// <summary>The operation's name, as error messages and anomaly mode show it.</summary>
    public abstract string Name { get; }

    /// <summary>Whether user code may keep the gradient and the saved tensors it is shown, so that the engine must not give their memory back.</summary>
    public virtual bool MayKeepGradient => false;

    /// <summary>Computes the gradients of the inputs that want one from the gradient of the only output.</summary>
    protected abstract void Backward(Tensor gradient, Gradients into);

    /// <summary>The same for operations with several outputs; outputs that nothing depends on have none.</summary>
    public virtual void Backward(ReadOnlySpan<Tensor?> gradients, Gradients into)
    {
        if (gradients[0] is { } gradient) Backward(gradient, into);
    }

    public int OutputCount => 1 + (MoreOutputs?.Length ?? 0);

    public OutputInfo InfoOf(int output) => output == 0 ? Output : MoreOutputs![output - 1];

    /// <summary>The hooks, which several threads may be adding to.</summary>
    public List<(int Output, Func<Tensor, Tensor?> Hook)> HooksToAddTo() => Hooks ?? Interlocked.CompareExchange(ref _hooks, [], null) ?? _hooks;

    protected void Save(Tensor? a, Tensor? b = null, Tensor? c = null)
    {
        if (a is not null) _a = new(a);
        if (b is not null) _b = new(b);
        if (c is not null) _c = new(c);
        _hasSaved |= a is not null || b is not null || c is not null;
    }

    /// <summary>Saves what else there is, for <see cref="More"/>.</summary>
    protected void SaveMore(params ReadOnlySpan<Tensor?> tensors)
    {
        if (tensors.Length == 0) return;
        _more = new Saved[tensors.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            if (tensors[i] is { } tensor) _more[i] = new(tensor);
        }
        _hasSaved = true;
    }

    protected Tensor A => Unpack(ref _a);
    protected Tensor B => Unpack(ref _b);
    protected Tensor C => Unpack(ref _c);

    /// <summary>The i-th tensor given to <see cref="SaveMore"/>.</summary>
    protected Tensor More(int i) => Unpack(ref (_more ?? ThrowReleased())[i]);

    private Tensor Unpack(ref Saved place)
    {
        Saved saved = place;
        // Another thread may be letting go of it: it says so before it does.
        Volatile.ReadBarrier();
        if (_released) ThrowReleased();
        Tensor tensor = saved.Unpack(Name, MayKeepGradient, out bool isRevived);
        // What user code is shown it may keep.
        if (isRevived && !MayKeepGradient) Engine.AddRevived(tensor);
        return tensor;
    }

    [DoesNotReturn]
    private Saved[] ThrowReleased() =>
        throw new InvalidOperationException($"Backward: the graph has been used already, and the tensors that '{Name}' had saved for it have been freed. " +
            "Call Backward(retainGraph: true) the first time to go through it again.");

    /// <summary>Saves copies of what is saved in a buffer that is about to be changed.</summary>
    public void CopySaved(Buffer changing)
    {
        if (_released) return;
        _a = _a.CopiedIfIn(changing);
        _b = _b.CopiedIfIn(changing);
        _c = _c.CopiedIfIn(changing);
        foreach (ref Saved saved in _more.AsSpan()) saved = saved.CopiedIfIn(changing);
    }

    /// <summary>Lets go of everything saved, the tensors as well as their memory: whoever keeps the loss keeps this node.
    /// What has saved nothing can be used again.</summary>
    public void Release()
    {
        if (!_hasSaved || Interlocked.Exchange(ref _released, true)) return;
        Forget(ref _a);
        Forget(ref _b);
        Forget(ref _c);
        foreach (ref Saved saved in _more.AsSpan()) Forget(ref saved);
        _more = null;

        static void Forget(ref Saved saved)
        {
            Saved last = saved;
            saved = default;
            last.Release();
        }
    }

    /// <summary>Makes the output the result of this node applied to the inputs.</summary>
    public Tensor Record(Tensor output, params ReadOnlySpan<Tensor?> inputs)
    {
        Connect(inputs);
        Output = new(output);
        Own(output, 0);
        return output;
    }

    private void Own(Tensor output, int i)
    {
        output.SetHistory(this, i);
        if (!_hasSaved) return;
        _a.Follow(output);
        _b.Follow(output);
        _c.Follow(output);
        foreach (Saved saved in _more.AsSpan()) saved.Follow(output);
    }

    public void RecordMany(ReadOnlySpan<Tensor> outputs, params ReadOnlySpan<Tensor?> inputs)
    {
        Connect(inputs);
        Output = new(outputs[0]);
        MoreOutputs = new OutputInfo[outputs.Length - 1];
        for (int i = 0; i < outputs.Length; i++)
        {
            if (i > 0) MoreOutputs[i - 1] = new(outputs[i]);
            if (outputs[i].DType.IsFloatingPoint) Own(outputs[i], i);
        }
    }

    private void Connect(ReadOnlySpan<Tensor?> inputs)
    {
        Inputs = new Edge[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } input) continue;
            if (input.IsInference)
                throw new InvalidOperationException($"{Name}: a tensor made in InferenceMode cannot be recorded; Clone() it outside that mode first.");
            Inputs[i] = input.GradientEdge;
        }
        // Only now: a view whose root has changed has just been given a new node.
        Sequence = Interlocked.Increment(ref s_sequence);
        if (GradMode.DetectsAnomaly) Trace = new StackTrace(2, fNeedFileInfo: true);
    }
}

/// <summary>The end of a graph: adds what arrives to a leaf's gradient.</summary>
internal sealed class AccumulateNode : Node
{
    private readonly Tensor _leaf;

    public AccumulateNode(Tensor leaf) : base(isLeaf: true) => (_leaf, Output) = (leaf, new(leaf));

    public override string Name => "accumulate";

    protected override void Backward(Tensor gradient, Gradients into) => _leaf.AccumulateGrad(gradient, into.CreateGraph);
}

/// <summary>Shape, type and device of an output.</summary>
internal readonly struct OutputInfo(Tensor tensor)
{
    public readonly Layout Layout = tensor.Layout;
    public readonly DType DType = tensor.DType;
    public readonly Device Device = tensor.Device;
}

/// <summary>Where a node puts the gradients of its inputs.</summary>
/// <param name="slots">One place for each input.</param>
/// <param name="inputs">Where the gradients go.</param>
/// <param name="createGraph">Whether backward is recorded.</param>
/// <param name="needed">The nodes that lead to what is asked for; null where all do.</param>
internal readonly ref struct Gradients(Span<Tensor?> slots, Edge[] inputs, bool createGraph, HashSet<Node>? needed)
{
    private readonly Span<Tensor?> _slots = slots;

    /// <summary>Whether backward is itself recorded, so that it must be made of differentiable operations.</summary>
    public bool CreateGraph { get; } = createGraph;

    public int Count => _slots.Length;

    /// <summary>Whether input i leads to something whose gradient is asked for.</summary>
    public bool Wants(int input) => inputs[input].Node is { } node && needed?.Contains(node) != false;

    public Tensor? this[int input] { set => _slots[input] = value; }
}

/// <summary>
/// A tensor kept for backward: its buffer is held even if the tensor is disposed, and changes to it are noticed.
/// Of what takes much memory the graph keeps a handle of its own, so that the one which the program drops is found by the next young collection, instead of
/// growing old with the graph.
/// </summary>
internal readonly struct Saved
{
    private readonly Tensor _tensor;
    private readonly Buffer _buffer;
    private readonly Layout _layout;
    private readonly int _version;
    private readonly bool _isOwn;

    public Saved(Tensor tensor)
    {
        Operand operand = tensor.Operand;
        (_buffer, _layout, _version) = (operand.Buffer, operand.Layout, operand.Buffer.Version);
        _buffer.AddReference();
        _isOwn = _buffer.IsPooled && !(tensor.IsLeaf && tensor.RequiresGrad);
        _tensor = tensor;
        if (!_isOwn) return;
        // The history of a view may have to be brought up to date.
        _ = tensor.GradientEdge;
        _tensor = tensor.Revive(_buffer, _layout);
        GC.KeepAlive(tensor);
    }

    public Tensor Unpack(string operation, bool mayKeep, out bool isRevived)
    {
        if (_buffer.Version != _version)
        {
            throw new InvalidOperationException($"Backward of '{operation}': a tensor of shape {_tensor.Shape} that it saved has since been changed in place " +
                $"({_buffer.Version - _version} time(s)). Use the operation that makes a new tensor, or change a Clone().");
        }
        isRevived = (_isOwn && mayKeep) || !_tensor.Holds(_buffer);
        return isRevived ? _tensor.Revive(_buffer, _layout) : _tensor;
    }

    /// <summary>Where this is a handle for the node's own output, which had no history when it was saved, gives it that.</summary>
    public void Follow(Tensor output)
    {
        if (_isOwn && _tensor.IsLeaf && output.Holds(_buffer) && ReferenceEquals(_layout, output.Layout)) _tensor.TakeHistory(output);
    }

    /// <summary>A copy if it is saved in the buffer and has not changed since; else this one.</summary>
    public Saved CopiedIfIn(Buffer changing)
    {
        if (!ReferenceEquals(_buffer, changing) || changing.Version != _version) return this;
        using Tensor copy = (_tensor.Holds(_buffer) ? _tensor : _tensor.Revive(_buffer, _layout)).Before();
        var own = new Saved(copy);
        Release();
        return own;
    }

    public void Release()
    {
        _buffer?.Release();
        if (_isOwn) _tensor.Dispose();
    }
}

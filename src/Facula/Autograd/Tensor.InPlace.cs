namespace Facula;

/// <summary>How a view was made, which decides whether it may be changed in place inside a graph.</summary>
internal enum ViewKind : byte
{
    /// <summary>By an operation with one result: its change is recorded as a change of its root.</summary>
    Single,
    /// <summary>By an operation with several results, whose only history they share.</summary>
    Several,
    /// <summary>Inside NoGrad: whether its change is meant to be seen by gradients cannot be known.</summary>
    Unrecorded,
}

/// <summary>
/// Views and in-place changes. A view knows its root, the tensor whose elements it shows, which is never a view itself. A change of either inside a
/// graph becomes history of the root; views find out when they are next used, and take a new history from it.
/// </summary>
public partial class Tensor
{
    private Tensor? _root;
    /// <summary>The root's history when this view took its own.</summary>
    private Node? _rootNode;
    private ViewKind _viewKind;

    private bool HasNewRoot => _root is not null && !ReferenceEquals(_root._node, _rootNode);

    /// <summary>Makes this a view of another tensor, or of what that is a view of.</summary>
    internal void SetView(Tensor of, ViewKind kind)
    {
        _root = of._root ?? of;
        _rootNode = _root._node;
        _viewKind = of._root is not null && of._viewKind != ViewKind.Single ? of._viewKind : GradMode.IsEnabled ? kind : ViewKind.Unrecorded;
    }

    private void FollowRoot()
    {
        if (_viewKind != ViewKind.Single)
        {
            throw new InvalidOperationException($"This tensor of shape {Shape} {MadeBy()}, and what it shows has since been changed in place inside a graph. " +
                "Make the view again after the change.");
        }
        Node? node = _root!._node;
        new PartNode(_root.Layout, Layout).Record(this, _root);
        _rootNode = node;
    }

    private string MadeBy() => _viewKind == ViewKind.Several ? "is one of several views made at once (Split, Chunk, Unbind)" : "is a view made in NoGrad";

    /// <summary>Before an in-place change: refuses what would make gradients wrong; says whether the change must be recorded.</summary>
    /// <param name="operation">What errors call it.</param>
    /// <param name="otherRequiresGrad">Whether what comes into this tensor requires gradients.</param>
    /// <param name="mayRepeat">Whether the change is defined where several elements of this tensor are one in memory.</param>
    internal bool BeginInPlace(string operation, bool otherRequiresGrad, bool mayRepeat = false)
    {
        if (!mayRepeat && Layout.HasInternalOverlap)
        {
            throw new InvalidOperationException($"{operation}: this tensor of shape {Shape} is expanded: several of its elements are one in memory. " +
                "Clone() it before changing it in place.");
        }
        if (!GradMode.IsEnabled || !DType.IsFloatingPoint) return false;
        bool rootRequiresGrad = _root is { RequiresGrad: true };
        if (!RequiresGrad && !otherRequiresGrad && !(rootRequiresGrad && _viewKind == ViewKind.Unrecorded)) return false;
        if (_root is not null && _viewKind != ViewKind.Single)
        {
            throw new InvalidOperationException($"{operation}: this tensor {MadeBy()}; such a view of what takes part in a graph cannot be changed in place. " +
                (_viewKind == ViewKind.Several ? "Take the part by an index or Narrow, or use an operation that makes a new tensor."
                    : "Make the view outside NoGrad, or change it inside."));
        }
        if ((rootRequiresGrad && _root!._node is null) || (RequiresGrad && IsLeaf))
        {
            throw new InvalidOperationException($"{operation}: a {(rootRequiresGrad ? "view of a " : "")}leaf that requires gradients cannot be changed in " +
                "place while operations are recorded; wrap the change in using (Autograd.NoGrad()), or make a new tensor.");
        }
        if (IsInference) throw new InvalidOperationException($"{operation}: a tensor made in InferenceMode cannot be changed outside it; Clone() it first.");
        return true;
    }

    internal void Changed() => Buffer.Version++;

    /// <summary>This tensor's value and history before an in-place change, as a tensor of its own.</summary>
    internal Tensor Before()
    {
        Tensor copy = CopyData();
        if (GradientEdge is { Node: { } node } edge) copy.SetHistory(node, edge.Output);
        return copy;
    }

    /// <summary>Takes value and history of the result of the same change made out of place.</summary>
    internal Tensor SetValueAndHistory(Tensor result)
    {
        Device.Backend.Copy(result.Operand, Operand);
        Changed();
        if (_root is not null) RecordOverwrite(Layout, result);
        else if (result._node is { } node) SetHistory(node, result._nodeOutput);
        return this;
    }

    /// <summary>
    /// Becomes the result with its elements, type, device and history: what a plain number does where an operation changes it,
    /// as <c>Tensor total = 0; total += loss;</c>.
    /// </summary>
    private Tensor TakeOver(Tensor result)
    {
        ReplaceData(result);
        IsInference = result.IsInference;
        if (result._node is not null) TakeHistory(result);
        return this;
    }

    /// <summary>Records that a part of this tensor now holds the values, which broadcast to it; none are constants.</summary>
    internal void RecordOverwrite(Layout part, Tensor? values)
    {
        Tensor root = _root ?? this;
        new OverwriteNode(root.Layout, part).Record(root, root, values);
    }
}

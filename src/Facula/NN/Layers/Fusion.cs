namespace Facula.NN;

/// <summary>
/// A layer that can take in some of those after it, in one pass over the elements. Nobody watches it while it does: it has no hooks, and its class is this
/// library's.
/// </summary>
internal interface IFusion
{
    /// <summary>The result of the layer and of those of its followers that it takes.</summary>
    Tensor Forward(Tensor input, ref Followers followers);
}

/// <summary>The layers after one of a <see cref="Sequential"/>.</summary>
/// <param name="modules">All layers.</param>
/// <param name="next">The place of the first follower.</param>
internal ref struct Followers(OrderedDictionary<string, Module<Tensor, Tensor>> modules, int next)
{
    /// <summary>The place of the first that has not been taken.</summary>
    public int Next { get; private set; } = next;

    /// <summary>The next one, or one further, if it is of a kind, computes what that kind does, and nobody watches it.</summary>
    public readonly T? Peek<T>(int further = 0) where T : Module<Tensor, Tensor> =>
        Next + further < modules.Count && modules.GetAt(Next + further).Value is T { HasHooks: false, IsBuiltIn: true } module ? module : null;

    /// <summary>The next one, which is then no longer run by itself.</summary>
    public void Take() => Next++;

    /// <summary>Takes a Relu, unless a max-pooling behind it does that for fewer elements.</summary>
    public bool TakeRelu()
    {
        bool takes = Peek<Relu>() is not null && Peek<MaxPool>(1) is null;
        if (takes) Take();
        return takes;
    }
}

namespace Facula.Data;

/// <summary>
/// Moves batches of known shapes: tensors, tuples and collections of them, and whatever says itself how to move. To make a tuple or list of a type that is only
/// known at run time takes reflection, which compiling ahead of time cannot follow; so a batch's parts are of types that are written out here, and
/// every pair of those and every collection of them follows.
/// </summary>
internal readonly struct DeviceMover(Device device)
{
    private readonly Device _device = device;

    /// <summary>A batch on the device, in collections of its own of the same types; numbers and strings in it stay as they are.</summary>
    /// <exception cref="NotSupportedException">It is of another kind.</exception>
    public object Move(object batch) => batch switch
    {
        Tensor tensor => tensor.To(_device, nonBlocking: true),
        IDeviceMovable movable => movable.To(_device, nonBlocking: true),
        ValueTuple<Tensor, Tensor, Tensor, Tensor> four => (Part(four.Item1), Part(four.Item2), Part(four.Item3), Part(four.Item4)),
        Array { Rank: 1 } array => Elements(array),
        List<object> list => list.ConvertAll(Part),
        Dictionary<string, object> named => Values(named),
        _ => Of<Tensor>(batch) ?? Of<Tensor[]>(batch) ?? Of<List<Tensor>>(batch) ?? Of<Dictionary<string, Tensor>>(batch)
            ?? Of<Dictionary<string, Tensor>[]>(batch) ?? Of<(Tensor, Tensor)>(batch) ?? Of<(Tensor, Tensor, Tensor)>(batch) ?? Of<(Tensor, int)>(batch)
            ?? Of<string>(batch) ?? Of<string[]>(batch) ?? Of<int>(batch) ?? Of<int[]>(batch) ?? Of<long>(batch) ?? Of<long[]>(batch) ?? Of<float>(batch)
            ?? throw new NotSupportedException($"DataLoader: a batch is, or has inside, a {batch.GetType()}, which it is not known how to move to a device. " +
                $"Give the loader a function toDevice:, let the type implement {nameof(IDeviceMovable)}<{batch.GetType().Name}>, or leave the device out and " +
                "move batches in the loop."),
    };

    /// <summary>A collection of, or a tuple that begins or ends with, a T; or null.</summary>
    private object? Of<T>(object batch) => batch switch
    {
        List<T> list => list.ConvertAll(Part),
        Dictionary<string, T> named => Values(named),
        ValueTuple<Tensor, Tensor, T> three => (Part(three.Item1), Part(three.Item2), Part(three.Item3)),
        ValueTuple<T, Tensor> pair => Pair(pair),
        ValueTuple<T, Tensor[]> pair => Pair(pair),
        ValueTuple<T, List<Tensor>> pair => Pair(pair),
        ValueTuple<T, Dictionary<string, Tensor>> pair => Pair(pair),
        ValueTuple<T, Dictionary<string, Tensor>[]> pair => Pair(pair),
        ValueTuple<T, (Tensor, Tensor)> pair => Pair(pair),
        ValueTuple<T, (Tensor, Tensor, Tensor)> pair => Pair(pair),
        ValueTuple<T, (Tensor, int)> pair => Pair(pair),
        ValueTuple<T, string> pair => Pair(pair),
        ValueTuple<T, string[]> pair => Pair(pair),
        ValueTuple<T, int> pair => Pair(pair),
        ValueTuple<T, int[]> pair => Pair(pair),
        ValueTuple<T, long> pair => Pair(pair),
        ValueTuple<T, long[]> pair => Pair(pair),
        ValueTuple<T, float> pair => Pair(pair),
        _ => null,
    };

    /// <summary>Numbers, truth values, times and strings stay what they are.</summary>
    private T Part<T>(T part) => part is null or IConvertible ? part : (T)Move(part);

    private (T1, T2) Pair<T1, T2>((T1, T2) pair) => (Part(pair.Item1), Part(pair.Item2));

    private object Elements(Array array)
    {
        if (array.GetType().GetElementType()!.IsPrimitive) return array;
        var moved = (Array)array.Clone();
        for (int i = 0; i < moved.Length; i++) moved.SetValue(Part(array.GetValue(i)!), i);
        return moved;
    }

    private Dictionary<string, T> Values<T>(Dictionary<string, T> named)
    {
        var moved = new Dictionary<string, T>(named.Count, named.Comparer);
        foreach ((string name, T value) in named) moved[name] = Part(value);
        return moved;
    }
}

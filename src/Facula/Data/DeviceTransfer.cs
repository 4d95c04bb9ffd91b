using System.Runtime.ExceptionServices;

namespace Facula.Data;

/// <summary>Moves batches to a device, one ahead.</summary>
internal static class DeviceTransfer
{
    /// <summary>
    /// The batches, each moved before it is asked for: one is on its way while the one before is worked on. An error in a batch comes where the batch would
    /// have.
    /// </summary>
    public static IEnumerator<T> Ahead<T>(IEnumerator<T> batches, Func<T, T> move, CancellationToken cancellation)
    {
        using (batches)
        {
            if (!batches.MoveNext()) yield break;
            T ready = move(batches.Current);
            while (true)
            {
                T? next = default;
                bool isThere = false;
                ExceptionDispatchInfo? error = null;
                try
                {
                    isThere = batches.MoveNext();
                    if (isThere) next = move(batches.Current);
                }
                catch (Exception thrown)
                {
                    error = ExceptionDispatchInfo.Capture(thrown);
                }
                yield return ready;
                cancellation.ThrowIfCancellationRequested();
                error?.Throw();
                if (!isThere) yield break;
                ready = next!;
            }
        }
    }

    /// <summary>
    /// A batch on a device, in collections of its own of the same types; numbers and strings in it stay as they are. Which tuples and lists there are is
    /// written out here: to make one of any type takes reflection, which does not go with compiling ahead of time.
    /// </summary>
    /// <exception cref="NotSupportedException">It is of another kind.</exception>
    public static object Move(object batch, Device device)
    {
        return batch switch
        {
            Tensor tensor => tensor.To(device, nonBlocking: true),
            ValueTuple<Tensor, Tensor> pair => Pair(pair),
            ValueTuple<Tensor, Tensor, Tensor> three => (Moved(three.Item1), Moved(three.Item2), Moved(three.Item3)),
            ValueTuple<Tensor, Tensor, Tensor, Tensor> four => (Moved(four.Item1), Moved(four.Item2), Moved(four.Item3), Moved(four.Item4)),
            ValueTuple<(Tensor, Tensor), Tensor> pair => Pair(pair),
            ValueTuple<Tensor, (Tensor, Tensor)> pair => Pair(pair),
            ValueTuple<(Tensor, Tensor), (Tensor, Tensor)> pair => Pair(pair),
            ValueTuple<(Tensor, Tensor, Tensor), Tensor> pair => Pair(pair),
            ValueTuple<Tensor[], Tensor> pair => Pair(pair),
            ValueTuple<Tensor, Tensor[]> pair => Pair(pair),
            ValueTuple<Tensor[], Tensor[]> pair => Pair(pair),
            ValueTuple<List<Tensor>, Tensor> pair => Pair(pair),
            ValueTuple<Tensor, List<Tensor>> pair => Pair(pair),
            ValueTuple<List<Tensor>, List<Tensor>> pair => Pair(pair),
            ValueTuple<Dictionary<string, Tensor>, Tensor> pair => Pair(pair),
            ValueTuple<Tensor, Dictionary<string, Tensor>> pair => Pair(pair),
            ValueTuple<Tensor, Dictionary<string, Tensor>[]> pair => Pair(pair),
            ValueTuple<Tensor[], Dictionary<string, Tensor>[]> pair => Pair(pair),
            Array { Rank: 1 } array => Elements(array),
            List<Tensor> list => list.ConvertAll(Moved),
            List<(Tensor, Tensor)> list => list.ConvertAll(Moved),
            List<Tensor[]> list => list.ConvertAll(Moved),
            List<Dictionary<string, Tensor>> list => list.ConvertAll(Moved),
            List<object> list => list.ConvertAll(Part),
            Dictionary<string, Tensor> named => Values(named, Moved),
            Dictionary<string, Tensor[]> named => Values(named, Moved),
            Dictionary<string, object> named => Values(named, Part),
            _ => throw new NotSupportedException($"DataLoader: a batch is, or has inside, a {batch.GetType()}, and moved are tensors, tuples of " +
                "up to four, pairs of pairs and of collections, arrays of these, lists of them, and dictionaries by name; derive a loader and override " +
                "ToDevice, or leave the device out and move batches in the loop."),
        };

        T Moved<T>(T part) => (T)Move(part!, device);

        (T1, T2) Pair<T1, T2>((T1, T2) pair) => (Moved(pair.Item1), Moved(pair.Item2));

        // Numbers, truth values, times and strings.
        object Part(object part) => part is null or IConvertible ? part! : Move(part, device);

        object Elements(Array array)
        {
            if (array.GetType().GetElementType()!.IsPrimitive) return array;
            var moved = (Array)array.Clone();
            for (int i = 0; i < moved.Length; i++) moved.SetValue(Part(array.GetValue(i)!), i);
            return moved;
        }

        static Dictionary<string, T> Values<T>(Dictionary<string, T> named, Func<T, T> move) =>
            named.ToDictionary(entry => entry.Key, entry => move(entry.Value), named.Comparer);
    }
}

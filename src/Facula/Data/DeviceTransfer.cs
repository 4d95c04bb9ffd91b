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

    /// <summary>A batch of the usual kinds on a device.</summary>
    /// <exception cref="NotSupportedException">It is of another kind.</exception>
    public static object Move(object batch, Device device)
    {
        return batch switch
        {
            Tensor tensor => To(tensor),
            ValueTuple<Tensor, Tensor> pair => (To(pair.Item1), To(pair.Item2)),
            ValueTuple<Tensor, Tensor, Tensor> three => (To(three.Item1), To(three.Item2), To(three.Item3)),
            ValueTuple<Tensor, Tensor, Tensor, Tensor> four => (To(four.Item1), To(four.Item2), To(four.Item3), To(four.Item4)),
            Tensor[] tensors => Array.ConvertAll(tensors, To),
            List<Tensor> tensors => tensors.ConvertAll(To),
            Dictionary<string, Tensor> tensors => tensors.ToDictionary(entry => entry.Key, entry => To(entry.Value), tensors.Comparer),
            _ => throw new NotSupportedException($"DataLoader: a batch is of type {batch.GetType()}, and moved are tensors, tuples of up to four, arrays " +
                $"and lists of them, and dictionaries " +
                "by name; derive a loader and override ToDevice, or leave the device out and move batches in the loop."),
        };

        Tensor To(Tensor tensor) => tensor.To(device, nonBlocking: true);
    }
}

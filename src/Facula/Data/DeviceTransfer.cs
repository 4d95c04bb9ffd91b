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
}

namespace Facula;

/// <summary>
/// Tensors that hang on sizes alone, such as which elements a padding reads: made on the host once and kept on the device that they are used on, where no call uploads them again.
/// There are few of them; when they become too many, all are dropped, and made again as they are wanted. Nobody may change them or hand them out.
/// </summary>
internal static class Tables
{
    // 8 MB, if all are of 64 bits.
    private const long MostElements = 1 << 20;
    private const int MostTables = 512;

    private static readonly Lock s_gate = new();
    private static readonly Dictionary<(Device Device, object Key), Tensor> s_tables = [];
    private static long s_elements;

    /// <summary>The table of a key, which says all that it depends on by its type and value.</summary>
    public static Tensor Get<TKey>(Device device, TKey key, Func<TKey, Tensor> make) where TKey : notnull, IEquatable<TKey>
    {
        (Device, object) place = (device, key);
        lock (s_gate)
        {
            if (s_tables.TryGetValue(place, out Tensor? known)) return known;
        }
        // Whatever mode it is first wanted in, it serves the others too.
        using var scope = new GradModeScope(enabled: false, inference: false);
        Tensor table = make(key).To(device);
        if (table.Count > MostElements / 4) return table;
        lock (s_gate)
        {
            if (s_tables.Count >= MostTables || s_elements + table.Count > MostElements)
            {
                s_tables.Clear();
                s_elements = 0;
            }
            if (s_tables.TryAdd(place, table)) s_elements += table.Count;
        }
        return table;
    }
}

using System.Runtime.InteropServices;

namespace Facula.Backends;

internal abstract partial class Backend
{
    private readonly TableCache _tables = new();

    /// <summary>
    /// Numbers that hang on sizes alone, such as which elements a padding reads: made on the host once and kept on the device,
    /// so that no call uploads them again. Nobody may change them.
    /// </summary>
    /// <param name="key">Says by its type and value all that they depend on.</param>
    /// <param name="make">Makes them, a line of bytes, Int64 or Float64.</param>
    public Operand Table<TKey, T>(TKey key, Func<TKey, T[]> make) where TKey : notnull, IEquatable<TKey> where T : unmanaged
    {
        if (_tables.TryGet(key, out Operand known)) return known;
        T[] values = make(key);
        Layout line = Layout.Contiguous([values.Length]);
        DType type = DType.Of<T>();
        var table = new Operand(Allocate(line, type, nameof(Table)), line, type);
        Upload(MemoryMarshal.AsBytes<T>(values), table.Buffer, 0);
        _tables.Add(key, table);
        return table;
    }
}

/// <summary>The tables of one device. There are few; when they become too many, all are dropped, and made again as they are wanted.</summary>
internal sealed class TableCache
{
    private const long MostElements = 1 << 20;
    private const int MostTables = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<object, Operand> _tables = [];
    private long _elements;

    public bool TryGet(object key, out Operand table)
    {
        lock (_gate) return _tables.TryGetValue(key, out table);
    }

    public void Add(object key, in Operand table)
    {
        long count = table.Layout.Count;
        if (count > MostElements / 4) return;
        lock (_gate)
        {
            if (_tables.Count >= MostTables || _elements + count > MostElements)
            {
                // Whoever is using one keeps its memory.
                _tables.Clear();
                _elements = 0;
            }
            if (_tables.TryAdd(key, table)) _elements += count;
        }
    }
}

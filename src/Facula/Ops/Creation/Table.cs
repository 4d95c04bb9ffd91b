using Facula.Backends;

namespace Facula;

public partial class Tensor
{
    /// <summary>Numbers that hang on sizes alone, made once and kept on the device; see <see cref="Backend.Table"/>.
    /// Nobody may change them or hand them out.</summary>
    internal static Tensor Table<TKey, T>(Device device, TKey key, Func<TKey, T[]> make) where TKey : notnull, IEquatable<TKey> where T : unmanaged
    {
        Operand table = device.Backend.Table(key, make);
        table.Buffer.AddReference();
        return new(table.Buffer, table.Layout, table.DType, device);
    }
}

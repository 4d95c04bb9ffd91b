using System.Diagnostics.CodeAnalysis;

namespace Facula;

/// <summary>What an element is, for the switches of kernels.</summary>
internal enum ElementType : byte
{
    Bool,
    UInt8,
    Int8,
    Int16,
    Int32,
    Int64,
    Float16,
    BFloat16,
    Float32,
    Float64,
}

/// <summary>
/// The type of a tensor's elements. torch.dtype. Not an enumeration: to one of those a literal 0 would convert, and <c>Zeros([2], 0)</c> be a tensor of truth
/// values.
/// </summary>
public readonly struct DType : IEquatable<DType>, IParsable<DType>
{
    // Two bits for each type, in their order: asked for at every operation, so without a jump.
    private const int SizeLogarithms = 1 << 6 | 2 << 8 | 3 << 10 | 1 << 12 | 1 << 14 | 2 << 16 | 3 << 18;

    internal DType(ElementType kind) => Kind = kind;

    /// <summary>Truth values, one byte each.</summary>
    public static DType Bool => new(ElementType.Bool);
    /// <summary>Unsigned 8-bit integers.</summary>
    public static DType UInt8 => new(ElementType.UInt8);
    /// <summary>Signed 8-bit integers.</summary>
    public static DType Int8 => new(ElementType.Int8);
    /// <summary>Signed 16-bit integers.</summary>
    public static DType Int16 => new(ElementType.Int16);
    /// <summary>Signed 32-bit integers.</summary>
    public static DType Int32 => new(ElementType.Int32);
    /// <summary>Signed 64-bit integers; indices and class labels.</summary>
    public static DType Int64 => new(ElementType.Int64);
    /// <summary>IEEE 754 binary16. Computed in float32.</summary>
    public static DType Float16 => new(ElementType.Float16);
    /// <summary>The upper half of a float32. Computed in float32.</summary>
    public static DType BFloat16 => new(ElementType.BFloat16);
    /// <summary>IEEE 754 binary32, the default.</summary>
    public static DType Float32 => new(ElementType.Float32);
    /// <summary>IEEE 754 binary64.</summary>
    public static DType Float64 => new(ElementType.Float64);

    /// <summary>All types, from <see cref="Bool"/> to <see cref="Float64"/>.</summary>
    public static IReadOnlyList<DType> All { get; } = [Bool, UInt8, Int8, Int16, Int32, Int64, Float16, BFloat16, Float32, Float64];

    internal ElementType Kind { get; }

    /// <summary>Bytes of one element.</summary>
    public int Size => 1 << (SizeLogarithms >> (2 * (int)Kind) & 3);

    /// <summary>Whether the type is one of the floating-point types, which alone carry gradients.</summary>
    public bool IsFloatingPoint => Kind >= ElementType.Float16;

    /// <summary>Whether the type is an integer type; <see cref="DType.Bool"/> is none.</summary>
    public bool IsInteger => Kind is >= ElementType.UInt8 and <= ElementType.Int64;

    /// <summary>The name PyTorch prints, e.g. float32.</summary>
    public string PyTorchName => ToString().ToLowerInvariant();

    /// <summary>The type kernels compute in: float for the 16-bit floats, long for integers and bool.</summary>
    internal DType Compute => Kind switch
    {
        ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 => Float32,
        ElementType.Float64 => Float64,
        _ => Int64,
    };

    /// <summary>The type itself when floating-point, else float32.</summary>
    internal DType AsFloat => IsFloatingPoint ? this : Float32;

    /// <summary>Whether every value of another type is one of this type.</summary>
    internal bool Holds(DType other) =>
        Promote(this, other) == this && (other.IsFloatingPoint || !IsFloatingPoint || other.Size < Size || this == Float64 && other != Int64);

    /// <summary>0 bool, 1 integer, 2 floating-point: the categories of PyTorch's promotion.</summary>
    internal int Category => IsFloatingPoint ? 2 : this == Bool ? 0 : 1;

    /// <summary>The least and the greatest number of an integer type.</summary>
    internal (long Least, long Most) IntegerRange => Kind switch
    {
        ElementType.Bool => (0, 1),
        ElementType.UInt8 => (byte.MinValue, byte.MaxValue),
        ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        ElementType.Int16 => (short.MinValue, short.MaxValue),
        ElementType.Int32 => (int.MinValue, int.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };

    /// <summary>The greatest finite number of a floating-point type.</summary>
    internal double Largest => Kind switch
    {
        ElementType.Float16 => (double)Half.MaxValue,
        // A float32 without the lower half: 2^128 - 2^120.
        ElementType.BFloat16 => 3.3895313892515355e38,
        ElementType.Float32 => float.MaxValue,
        _ => double.MaxValue,
    };

    /// <summary>Up to where all whole numbers are elements of the type.</summary>
    internal long WholeNumbers => Kind switch
    {
        ElementType.Float16 => 1 << 11,
        ElementType.BFloat16 => 1 << 8,
        ElementType.Float32 => 1 << 24,
        ElementType.Float64 => 1L << 53,
        _ => IntegerRange.Most,
    };

    /// <summary>The type a .NET element type stands for.</summary>
    /// <exception cref="NotSupportedException">The .NET type has no counterpart.</exception>
    public static DType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? Float32
        : typeof(T) == typeof(double) ? Float64
        : typeof(T) == typeof(long) ? Int64
        : typeof(T) == typeof(int) ? Int32
        : typeof(T) == typeof(short) ? Int16
        : typeof(T) == typeof(sbyte) ? Int8
        : typeof(T) == typeof(byte) ? UInt8
        : typeof(T) == typeof(bool) ? Bool
        : typeof(T) == typeof(Half) ? Float16
        : typeof(T) == typeof(BFloat16) ? BFloat16
        : throw new NotSupportedException(
            $"{typeof(T)} is no element type of a tensor; use float, double, Half, BFloat16, sbyte, short, int, long, byte or bool.");

    /// <summary>The type that holds both, by PyTorch's lattice (torch.promote_types).</summary>
    public static DType Promote(DType a, DType b)
    {
        if (a == b) return a;
        if (a.Kind > b.Kind) (a, b) = (b, a);
        if (b.IsFloatingPoint) return a == Float16 && b == BFloat16 ? Float32 : b;
        return a == UInt8 && b == Int8 ? Int16 : b;
    }

    /// <summary>The type of a name, as <see cref="ToString"/> or <see cref="PyTorchName"/> gives it: <c>Float32</c> or <c>float32</c>.</summary>
    /// <exception cref="FormatException">There is no such type; the message lists those there are.</exception>
    public static DType Parse(string s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, out DType type) ? type
            : throw new FormatException($"'{s}' is no DType; there are {string.Join(", ", All.Select(known => known.PyTorchName))}.");
    }

    /// <summary>The type of a name, or false where there is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, out DType result)
    {
        foreach (DType type in All)
        {
            result = type;
            if (string.Equals(s, type.ToString(), StringComparison.OrdinalIgnoreCase)) return true;
        }
        result = default;
        return false;
    }

    static DType IParsable<DType>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<DType>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DType result) => TryParse(s, out result);

    /// <inheritdoc/>
    public bool Equals(DType other) => Kind == other.Kind;
    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DType other && Equals(other);
    /// <inheritdoc/>
    public override int GetHashCode() => (int)Kind;

    /// <summary>Whether both are the same type.</summary>
    public static bool operator ==(DType a, DType b) => a.Kind == b.Kind;
    /// <summary>Whether they are two types.</summary>
    public static bool operator !=(DType a, DType b) => a.Kind != b.Kind;

    /// <summary>The name of the member, e.g. Float32.</summary>
    public override string ToString() => Kind.ToString();
}

namespace Facula;

/// <summary>The type of a tensor's elements. torch.dtype.</summary>
public enum DType : byte
{
    /// <summary>Truth values, one byte each.</summary>
    Bool,
    /// <summary>Unsigned 8-bit integers.</summary>
    UInt8,
    /// <summary>Signed 8-bit integers.</summary>
    Int8,
    /// <summary>Signed 16-bit integers.</summary>
    Int16,
    /// <summary>Signed 32-bit integers.</summary>
    Int32,
    /// <summary>Signed 64-bit integers; indices and class labels.</summary>
    Int64,
    /// <summary>IEEE 754 binary16. Computed in float32.</summary>
    Float16,
    /// <summary>The upper half of a float32. Computed in float32.</summary>
    BFloat16,
    /// <summary>IEEE 754 binary32, the default.</summary>
    Float32,
    /// <summary>IEEE 754 binary64.</summary>
    Float64,
}

/// <summary>What a <see cref="DType"/> is and how two of them combine.</summary>
public static class DTypeExtensions
{
    // Two bits for each type, in their order: asked for at every operation, so without a jump.
    private const int SizeLogarithms = 1 << 6 | 2 << 8 | 3 << 10 | 1 << 12 | 1 << 14 | 2 << 16 | 3 << 18;

    private static ArgumentOutOfRangeException Unknown(DType type) => new(nameof(type), type, $"There is no DType {(int)type}.");

    extension(DType type)
    {
        /// <summary>Bytes of one element.</summary>
        /// <exception cref="ArgumentOutOfRangeException">There is no such type.</exception>
        public int Size => type <= DType.Float64 ? 1 << (SizeLogarithms >> (2 * (int)type) & 3) : throw Unknown(type);

        /// <summary>Whether the type is one of the floating-point types, which alone carry gradients.</summary>
        public bool IsFloatingPoint => type >= DType.Float16;

        /// <summary>Whether the type is an integer type; <see cref="DType.Bool"/> is none.</summary>
        public bool IsInteger => type is >= DType.UInt8 and <= DType.Int64;

        /// <summary>The name PyTorch prints, e.g. float32.</summary>
        public string PyTorchName => type.ToString().ToLowerInvariant();

        /// <summary>The type kernels compute in: float for the 16-bit floats, long for integers and bool.</summary>
        internal DType Compute => type switch
        {
            DType.Float32 or DType.Float16 or DType.BFloat16 => DType.Float32,
            DType.Float64 => DType.Float64,
            _ => DType.Int64,
        };

        /// <summary>The type itself when floating-point, else float32.</summary>
        internal DType AsFloat => type.IsFloatingPoint ? type : DType.Float32;

        /// <summary>Whether every value of another type is one of this type.</summary>
        internal bool Holds(DType other) =>
            DType.Promote(type, other) == type && (other.IsFloatingPoint || !type.IsFloatingPoint || other.Size < type.Size || type == DType.Float64 && other != DType.Int64);

        /// <summary>0 bool, 1 integer, 2 floating-point: the categories of PyTorch's promotion.</summary>
        internal int Category => type.IsFloatingPoint ? 2 : type == DType.Bool ? 0 : 1;

        /// <summary>The least and the greatest number of an integer type.</summary>
        internal (long Least, long Most) IntegerRange => type switch
        {
            DType.Bool => (0, 1),
            DType.UInt8 => (byte.MinValue, byte.MaxValue),
            DType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            DType.Int16 => (short.MinValue, short.MaxValue),
            DType.Int32 => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };

        /// <summary>The greatest finite number of a floating-point type.</summary>
        internal double Largest => type switch
        {
            DType.Float16 => (double)Half.MaxValue,
            // A float32 without the lower half: 2^128 - 2^120.
            DType.BFloat16 => 3.3895313892515355e38,
            DType.Float32 => float.MaxValue,
            _ => double.MaxValue,
        };

        /// <summary>Up to where all whole numbers are elements of the type.</summary>
        internal long WholeNumbers => type switch
        {
            DType.Float16 => 1 << 11,
            DType.BFloat16 => 1 << 8,
            DType.Float32 => 1 << 24,
            DType.Float64 => 1L << 53,
            _ => type.IntegerRange.Most,
        };

        /// <summary>The type a .NET element type stands for.</summary>
        /// <exception cref="NotSupportedException">The .NET type has no counterpart.</exception>
        public static DType Of<T>() where T : unmanaged =>
            typeof(T) == typeof(float) ? DType.Float32
            : typeof(T) == typeof(double) ? DType.Float64
            : typeof(T) == typeof(long) ? DType.Int64
            : typeof(T) == typeof(int) ? DType.Int32
            : typeof(T) == typeof(short) ? DType.Int16
            : typeof(T) == typeof(sbyte) ? DType.Int8
            : typeof(T) == typeof(byte) ? DType.UInt8
            : typeof(T) == typeof(bool) ? DType.Bool
            : typeof(T) == typeof(Half) ? DType.Float16
            : typeof(T) == typeof(BFloat16) ? DType.BFloat16
            : throw new NotSupportedException(
                $"{typeof(T)} is no element type of a tensor; use float, double, Half, BFloat16, sbyte, short, int, long, byte or bool.");

        /// <summary>The type that holds both, by PyTorch's lattice (torch.promote_types).</summary>
        public static DType Promote(DType a, DType b)
        {
            if (a == b) return a;
            if (a > b) (a, b) = (b, a);
            if (b.IsFloatingPoint) return a == DType.Float16 && b == DType.BFloat16 ? DType.Float32 : b;
            return a == DType.UInt8 && b == DType.Int8 ? DType.Int16 : b;
        }
    }
}

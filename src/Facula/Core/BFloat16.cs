using System.Globalization;

namespace Facula;

/// <summary>A brain floating-point number: float32's sign, exponent and first 7 fraction bits. Storage only; arithmetic happens in float.</summary>
/// <param name="bits">The upper 16 bits of a float32.</param>
public readonly struct BFloat16(ushort bits) : IEquatable<BFloat16>
{
    /// <summary>The bits as stored.</summary>
    public ushort Bits { get; } = bits;

    /// <summary>The same value as a float; exact.</summary>
    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    /// <summary>The nearest bfloat16, halves to even; NaN stays NaN.</summary>
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return new((ushort)((bits >> 16) | 0x40));
        return new((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <inheritdoc/>
    public bool Equals(BFloat16 other) => ((float)this).Equals(other);
    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);
    /// <inheritdoc/>
    public override int GetHashCode() => ((float)this).GetHashCode();
    /// <inheritdoc/>
    public override string ToString() => ((float)this).ToString(CultureInfo.InvariantCulture);
    /// <summary>Whether the values are equal; NaN equals NaN here, as in <see cref="float.Equals(float)"/>.</summary>
    public static bool operator ==(BFloat16 a, BFloat16 b) => a.Equals(b);
    /// <summary>Whether the values differ.</summary>
    public static bool operator !=(BFloat16 a, BFloat16 b) => !a.Equals(b);
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Facula;

/// <summary>A plain number given to an operation: a bool, an integer or a floating-point number. It never widens a tensor of its own category.</summary>
public readonly struct Scalar
{
    private readonly double _float;
    private readonly long _integer;

    private Scalar(DType type, double value, long integer) => (DType, _float, _integer) = (type, value, integer);

    /// <summary>Bool, Int64 or Float64.</summary>
    public DType DType { get; }

    /// <summary>The value as a double.</summary>
    public double ToDouble() => _float;

    /// <summary>The value as a long, truncated.</summary>
    public long ToInt64() => _integer;

    /// <summary>Whether <see cref="ToDouble"/> is the value itself, not rounded.</summary>
    internal bool IsExactDouble => DType != DType.Int64 || Math.Abs(_float) <= 1L << 53;

    /// <summary>The value as an element of an integer type, truncated, or of bool: whether it is not zero.</summary>
    internal long ToInteger(DType type) => type == DType.Bool ? _float != 0 ? 1 : 0 : _integer;

    /// <summary>
    /// Whether the number can become an element of the type, by PyTorch's rule: within the type's range, what is behind the point being cut off for an integer
    /// type; infinities and NaN where the type has them; anything, for bool. Negative numbers down to -255 count as uint8's, which wraps them as C does,
    /// unless that is wrong where it is asked. c10::checked_convert.
    /// </summary>
    internal bool Fits(DType type, bool wraps = true)
    {
        if (type == DType.Bool) return true;
        if (type.IsFloatingPoint) return !double.IsFinite(_float) || Math.Abs(_float) <= type.Largest;
        (long least, long most) = type.IntegerRange;
        if (DType != DType.Float64) return _integer >= (wraps && type == DType.UInt8 ? -most : least) && _integer <= most;
        // 2^63 itself, which is what the most of int64 is as a double, does not fit.
        return _float >= least && (type == DType.Int64 ? _float < most : _float <= most);
    }

    /// <summary>Refuses a number that cannot become an element of the type; see <see cref="Fits"/>.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    internal void CheckFits(string operation, DType type, bool wraps = true)
    {
        if (!Fits(type, wraps)) ThrowMisfit(operation, type);
    }

    [DoesNotReturn]
    private void ThrowMisfit(string operation, DType type)
    {
        string range = type.IsFloatingPoint ? $"reaches to ±{type.Largest.ToString(CultureInfo.InvariantCulture)}"
            : $"holds {type.IntegerRange.Least} to {type.IntegerRange.Most}";
        throw new ArgumentException($"{operation}: {this} does not fit {type.PyTorchName}, which {range}; use another number, or a wider type.");
    }

    /// <summary>Any floating-point number.</summary>
    public static implicit operator Scalar(double value) => new(DType.Float64, value, (long)value);
    /// <summary>Any floating-point number.</summary>
    public static implicit operator Scalar(float value) => new(DType.Float64, value, (long)value);
    /// <summary>Any integer.</summary>
    public static implicit operator Scalar(long value) => new(DType.Int64, value, value);
    /// <summary>Any integer.</summary>
    public static implicit operator Scalar(int value) => new(DType.Int64, value, value);
    /// <summary>A truth value.</summary>
    public static implicit operator Scalar(bool value) => new(DType.Bool, value ? 1 : 0, value ? 1 : 0);

    /// <inheritdoc/>
    public override string ToString() => DType.Kind switch
    {
        ElementType.Bool => _integer != 0 ? "True" : "False",
        ElementType.Int64 => _integer.ToString(CultureInfo.InvariantCulture),
        _ => _float.ToString(CultureInfo.InvariantCulture),
    };
}

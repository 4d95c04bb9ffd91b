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

    /// <summary>The value as an element of an integer type, truncated, or of bool: whether it is not zero.</summary>
    internal long ToInteger(DType type) => type == DType.Bool ? _float != 0 ? 1 : 0 : _integer;

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
    public override string ToString() => DType switch
    {
        DType.Bool => _integer != 0 ? "True" : "False",
        DType.Int64 => _integer.ToString(CultureInfo.InvariantCulture),
        _ => _float.ToString(CultureInfo.InvariantCulture),
    };
}

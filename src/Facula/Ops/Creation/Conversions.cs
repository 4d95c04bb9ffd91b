namespace Facula;

// Plain numbers stand for tensors where one is asked for (t[0] = 5, Where(mask, t, 0)), without widening types; where an operation also
// takes a Scalar, that overload is the nearer one, because a Scalar converts to a tensor and not the other way round.
public partial class Tensor
{
    /// <summary>A plain number where a tensor is asked for; it does not widen the type of what it meets.</summary>
    public static implicit operator Tensor(Scalar value) => Wrap(value);
    /// <summary>A plain number where a tensor is asked for.</summary>
    public static implicit operator Tensor(double value) => Wrap(value);
    /// <summary>A plain number where a tensor is asked for.</summary>
    public static implicit operator Tensor(float value) => Wrap(value);
    /// <summary>A plain number where a tensor is asked for.</summary>
    public static implicit operator Tensor(long value) => Wrap(value);
    /// <summary>A plain number where a tensor is asked for.</summary>
    public static implicit operator Tensor(int value) => Wrap(value);
    /// <summary>A truth value where a tensor is asked for.</summary>
    public static implicit operator Tensor(bool value) => Wrap(value);

    /// <summary>The only element. Waits for the device. Python's float(tensor).</summary>
    /// <exception cref="InvalidOperationException">The tensor has several elements, or none.</exception>
    public static explicit operator double(Tensor value) => NotNull(value).Item<double>();
    /// <summary>The only element, as a float. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The tensor has several elements, or none.</exception>
    public static explicit operator float(Tensor value) => NotNull(value).Item<float>();
    /// <summary>The only element, truncated to an integer. Waits for the device. Python's int(tensor).</summary>
    /// <exception cref="InvalidOperationException">The tensor has several elements, or none.</exception>
    public static explicit operator long(Tensor value) => NotNull(value).Item<long>();
    /// <summary>The only element, truncated to an integer. Waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The tensor has several elements, or none.</exception>
    /// <exception cref="ArgumentException">It is no int.</exception>
    public static explicit operator int(Tensor value) => NotNull(value).Item<int>();
    /// <summary>Whether the only element is not zero. Waits for the device. Python's bool(tensor).</summary>
    /// <exception cref="InvalidOperationException">The tensor has several elements, or none.</exception>
    public static explicit operator bool(Tensor value) => NotNull(value).Item<bool>();

    private static Tensor NotNull(Tensor? value) => Check.NotNull(value, operation: "Conversion");
}

namespace Facula.Backends;

/// <summary>
/// The numbers that a formula's body asks for by <see cref="Numerics.IArithmetic{T}.Parameter"/>, in the order in which it asks: the arguments of a kernel that
/// was made of it. A body asks in the same order whatever number type it runs on, so the recorder counts them as <see cref="Fingerprint{T}"/> does.
/// </summary>
internal sealed class FormulaParameters
{
    [ThreadStatic] private static FormulaParameters? s_current;

    private double[] _values = new double[8];
    private int _count;

    private static FormulaParameters Current => s_current ??= new();

    /// <summary>Those of the body that this thread has run last.</summary>
    public static ReadOnlySpan<double> Values => Current._values.AsSpan(0, Current._count);

    /// <summary>Another body follows.</summary>
    public static void Clear() => Current._count = 0;

    /// <summary>Adds one, and tells which it is.</summary>
    public static int Add(double value)
    {
        FormulaParameters current = Current;
        if (current._count == current._values.Length) Array.Resize(ref current._values, 2 * current._count);
        current._values[current._count] = value;
        return current._count++;
    }
}

using System.Globalization;

namespace Facula.NN;

/// <summary>Settings as Python prints them.</summary>
internal static class PythonText
{
    public static string Of(bool value) => value ? "True" : "False";

    public static string Of(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        if (value == Math.Truncate(value) && Math.Abs(value) < 1e16) return value.ToString("F1", CultureInfo.InvariantCulture);
        return value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
    }

    public static string Tuple(Shape values) => values.Count == 1 ? $"({values[0]},)" : $"({string.Join(", ", values)})";
}

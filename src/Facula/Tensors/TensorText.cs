using System.Globalization;
using System.Text;

namespace Facula;

/// <summary>The elements of one tensor as text: all of them, or those at the edges of each dimension with dots in between.</summary>
internal sealed class TensorText
{
    // From here on (or below its inverse, or for ratios above a thousand) numbers are printed in scientific notation.
    private const double Large = 1e8, Small = 1e-4, Ratio = 1000;

    private readonly PrintOptions _options;
    private readonly int[] _shape;
    private readonly bool[] _isCut;
    private readonly string[] _elements;
    private readonly int _width;

    public TensorText(Tensor tensor, PrintOptions options)
    {
        _options = options;
        Tensor shown = tensor.Detach();
        _isCut = new bool[tensor.Rank];
        if (tensor.Count > options.Threshold)
        {
            int edge = options.EdgeItems;
            for (int d = 0; d < tensor.Rank; d++)
            {
                int size = tensor.Layout.Shape[d];
                if (size <= 2 * edge) continue;
                _isCut[d] = true;
                shown = Tensor.Cat([shown.Narrow(d, 0, edge), shown.Narrow(d, size - edge, edge)], d);
            }
        }
        _shape = shown.Layout.Shape;
        if (tensor.DType.IsFloatingPoint) (_elements, _width) = Reals(shown.ToArray<double>());
        else
        {
            bool truth = tensor.DType == DType.Bool;
            _elements = Array.ConvertAll(shown.ToArray<long>(), value => truth ? value != 0 ? "True" : "False" : value.ToString(CultureInfo.InvariantCulture));
            _width = _elements.Length == 0 ? 1 : _elements.Max(text => text.Length);
        }
    }

    public string Print(int indent)
    {
        if (_shape.Length == 0) return _elements[0].PadLeft(_width);
        var text = new StringBuilder();
        int next = 0;
        Append(text, 0, indent, ref next);
        return text.ToString();
    }

    private void Append(StringBuilder text, int dim, int indent, ref int next)
    {
        text.Append('[');
        bool isLast = dim == _shape.Length - 1;
        int perLine = isLast ? Math.Max(1, (_options.LineWidth - indent) / (_width + 2)) : 1;
        string separator = isLast ? ", " : "," + new string('\n', _shape.Length - 1 - dim) + new string(' ', indent + 1);
        string newLine = ",\n" + new string(' ', indent + 1);
        int items = _shape[dim] + (_isCut[dim] ? 1 : 0), dots = _isCut[dim] ? _shape[dim] / 2 : -1;
        for (int i = 0; i < items; i++)
        {
            if (i > 0) text.Append(isLast && i % perLine == 0 ? newLine : separator);
            if (i == dots) text.Append(isLast ? " ..." : "...");
            else if (isLast) text.Append(_elements[next++].PadLeft(_width));
            else Append(text, dim + 1, indent + 1, ref next);
        }
        text.Append(']');
    }

    /// <summary>Whole numbers as "1.", others with the same number of digits each; all in scientific notation where that would say little.</summary>
    private (string[] Texts, int Width) Reals(double[] values)
    {
        int precision = _options.Precision, width = 1;
        double[] counted = Array.FindAll(values, value => double.IsFinite(value) && value != 0);
        bool whole = true, scientific = false;
        if (counted.Length > 0)
        {
            double smallest = double.MaxValue, largest = 0;
            foreach (double value in counted)
            {
                smallest = Math.Min(smallest, Math.Abs(value));
                largest = Math.Max(largest, Math.Abs(value));
                whole &= value == Math.Ceiling(value);
            }
            scientific = largest / smallest > Ratio || largest > Large || (!whole && smallest < Small);
            // The width follows from the notation that suits the numbers, even where another one is asked for: as in PyTorch.
            foreach (double value in counted) width = Math.Max(width, Text(value, scientific).Length);
        }
        scientific = _options.SciMode ?? scientific;
        return (Array.ConvertAll(values, value => Text(value, scientific)), width);

        string Text(double value, bool inScientific)
        {
            if (!double.IsFinite(value)) return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
            return inScientific ? Scientific(value, precision) : whole ? Fixed(value, 0) + "." : Fixed(value, precision);
        }
    }

    /// <summary>With so many digits after the point: C's %.4f.</summary>
    internal static string Fixed(double value, int digits) => Round(value, 'F', digits);

    /// <summary>One digit before the point, so many after it, and an exponent of at least two: C's %.4e.</summary>
    internal static string Scientific(double value, int digits)
    {
        string[] parts = Round(value, 'E', digits).Split('E');
        int exponent = int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return $"{parts[0]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>The exact value rounded, halves to even as in C; the base library rounds halves away from zero.</summary>
    private static string Round(double value, char format, int digits)
    {
        // Only a half goes on with a 5 and then nothing; other doubles show a digit that is not 0 long before the thirtieth.
        const int more = 30;
        string longer = value.ToString($"{format}{digits + more}", CultureInfo.InvariantCulture);
        int exponent = longer.IndexOf('E', StringComparison.Ordinal), end = exponent < 0 ? longer.Length : exponent, cut = end - more;
        char last = longer[cut - 1] == '.' ? longer[cut - 2] : longer[cut - 1];
        bool isHalf = longer[cut] == '5' && longer.AsSpan(cut + 1, more - 1).IndexOfAnyExcept('0') < 0;
        return isHalf && (last - '0') % 2 == 0
            ? string.Concat(longer.AsSpan(0, cut).TrimEnd('.'), longer.AsSpan(end))
            : value.ToString($"{format}{digits}", CultureInfo.InvariantCulture);
    }
}

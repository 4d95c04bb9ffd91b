namespace Facula.Optim;

/// <summary>
/// Finds a place along a direction where the strong Wolfe conditions hold: Nocedal and Wright, "Numerical Optimization", algorithms 3.5 and 3.6, with the
/// choices of Schmidt's minFunc, which are PyTorch's.
/// </summary>
internal static class StrongWolfe
{
    /// <summary>The share of the slope by which the loss must have fallen.</summary>
    private const double Decrease = 1e-4;

    /// <summary>The share of the slope that may be left.</summary>
    private const double Curvature = 0.9;

    private const int MaxTries = 25;

    /// <summary>A place along the direction: how far, the loss there, its gradient, and its slope along the direction.</summary>
    internal readonly record struct Point(double At, double Loss, Tensor Gradient, double Slope);

    /// <param name="measure">Gives the loss and its gradient at so many times the direction.</param>
    /// <param name="start">The place at 0.</param>
    /// <param name="step">The first place to try.</param>
    /// <param name="longest">The largest element of the direction.</param>
    /// <param name="tolerance">The search ends where the elements change by less.</param>
    /// <returns>The place, and how often the loss was asked for.</returns>
    public static (Point Found, int Evaluations) Search(Func<double, Point> measure, Point start, double step, double longest, double tolerance)
    {
        int tries = 0;
        Point[]? bracket = null;
        Point previous = start, current = measure(step);
        while (bracket is null && tries < MaxTries)
        {
            if (!FallsEnough(current, start) || (tries > 1 && current.Loss >= previous.Loss)) bracket = [previous, current];
            else if (IsFlat(current, start)) return (current, tries + 1);
            else if (current.Slope >= 0) bracket = [previous, current];
            else
            {
                double next = CubicMinimum(previous, current, current.At + 0.01 * (current.At - previous.At), current.At * 10);
                (previous, current) = (current, measure(next));
                tries++;
            }
        }
        return Narrow(measure, bracket ?? [start, current], start, tries, longest, tolerance);
    }

    /// <summary>Narrows the two places that such a place lies between.</summary>
    private static (Point Found, int Evaluations) Narrow(Func<double, Point> measure, Point[] ends, Point start, int tries, double longest, double tolerance)
    {
        int low = ends[0].Loss <= ends[1].Loss ? 0 : 1;
        bool crept = false;
        while (tries < MaxTries && Math.Abs(ends[1].At - ends[0].At) * longest >= tolerance)
        {
            double least = Math.Min(ends[0].At, ends[1].At), most = Math.Max(ends[0].At, ends[1].At);
            double next = CubicMinimum(ends[0], ends[1], least, most);
            // Close to an end, and not for the first time, or beyond it: a tenth of the way in, so that the bracket shrinks.
            double tenth = 0.1 * (most - least);
            bool isClose = Math.Min(most - next, next - least) < tenth;
            if (isClose && (crept || next >= most || next <= least))
            {
                next = Math.Abs(next - most) < Math.Abs(next - least) ? most - tenth : least + tenth;
                isClose = false;
            }
            crept = isClose;

            Point current = measure(next);
            tries++;
            int high = 1 - low;
            if (!FallsEnough(current, start) || current.Loss >= ends[low].Loss)
            {
                ends[high] = current;
                low = ends[0].Loss <= ends[1].Loss ? 0 : 1;
                continue;
            }
            if (IsFlat(current, start)) return (current, tries + 1);
            if (current.Slope * (ends[high].At - ends[low].At) >= 0) ends[high] = ends[low];
            ends[low] = current;
        }
        return (ends[low], tries + 1);
    }

    private static bool FallsEnough(Point point, Point start) => !(point.Loss > start.Loss + Decrease * point.At * start.Slope);

    private static bool IsFlat(Point point, Point start) => Math.Abs(point.Slope) <= -Curvature * start.Slope;

    /// <summary>The minimum, between bounds, of the cubic through two places with their slopes; the middle where it has none.</summary>
    private static double CubicMinimum(Point a, Point b, double least, double most)
    {
        if (a.At > b.At) (a, b) = (b, a);
        double mean = a.Slope + b.Slope - 3 * (a.Loss - b.Loss) / (a.At - b.At), square = mean * mean - a.Slope * b.Slope;
        if (!(square >= 0)) return (least + most) / 2;
        double root = Math.Sqrt(square);
        double minimum = b.At - (b.At - a.At) * ((b.Slope + root - mean) / (b.Slope - a.Slope + 2 * root));
        return Math.Min(Math.Max(minimum, least), most);
    }
}

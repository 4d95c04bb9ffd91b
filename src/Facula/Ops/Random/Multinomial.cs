namespace Facula;

public partial class Tensor
{
    /// <summary>
    /// Draws indices, each as likely as its weight in this tensor: of one row of weights [n], or of each of several [b, n]. Waits for the device.
    /// torch.multinomial.
    /// </summary>
    /// <param name="samples">How many to draw from each row.</param>
    /// <param name="replacement">Whether an index can be drawn again.</param>
    /// <param name="generator">Where the random numbers come from; the default one if null.</param>
    /// <returns>Int64 indices, [samples] or [b, samples].</returns>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or a row has fewer weights above zero than it needs.</exception>
    public Tensor Multinomial(int samples, bool replacement = false, Generator? generator = null)
    {
        if (Rank is not (1 or 2)) throw new ArgumentException($"multinomial: needs weights [n] or [b, n], but this tensor has shape {Shape}.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        Check.Floating("multinomial", this);
        int n = Layout.Shape[^1], rows = Rank == 1 ? 1 : Layout.Shape[0];
        int draws = Check.Size("multinomial", rows * (long)samples, "the number of draws");
        double[] weights = To(DType.Float64, Device.Cpu).ToArray<double>();
        var drawn = new long[draws];
        var random = new RandomSequence(generator, rows * (replacement ? samples : (long)n));
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<double> w = weights.AsSpan(row * n, n);
            int positive = 0;
            foreach (double weight in w)
            {
                if (!(weight >= 0) || double.IsInfinity(weight))
                    throw new ArgumentException($"multinomial: row {row} has the weight {weight}; weights are finite and not negative.");
                if (weight > 0) positive++;
            }
            if (positive < (replacement ? 1 : samples))
                throw new ArgumentException($"multinomial: row {row} has {positive} weights above zero, too few to draw {samples} " +
                    $"{(replacement ? "" : "different ")}indices.");
            Span<long> target = drawn.AsSpan(row * samples, samples);
            if (replacement) DrawAgain(w, target, random);
            else DrawOnce(w, target, random);
        }
        return From<long>(drawn, Rank == 1 ? [samples] : [rows, samples]).To(Device);
    }

    private static void DrawAgain(ReadOnlySpan<double> weights, Span<long> drawn, RandomSequence random)
    {
        var sums = new double[weights.Length];
        double sum = 0;
        for (int i = 0; i < sums.Length; i++) sums[i] = sum += weights[i];
        for (int i = 0; i < drawn.Length; i++)
        {
            // The first index whose running sum is above the number; that one has a weight above zero.
            double at = random.Unit() * sum;
            int low = 0, high = sums.Length - 1;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (sums[middle] > at) high = middle;
                else low = middle + 1;
            }
            while (weights[low] == 0) low--;
            drawn[i] = low;
        }
    }

    // The order in which exponential clocks of these rates ring is that of drawing without replacement.
    private static void DrawOnce(ReadOnlySpan<double> weights, Span<long> drawn, RandomSequence random)
    {
        var times = new double[weights.Length];
        var order = new int[weights.Length];
        for (int i = 0; i < order.Length; i++) (order[i], times[i]) = (i, -Math.Log(1 - random.Unit()) / weights[i]);
        for (int i = 0; i < order.Length; i++)
        {
            if (weights[i] == 0) times[i] = double.PositiveInfinity;
        }
        Array.Sort(times, order);
        for (int i = 0; i < drawn.Length; i++) drawn[i] = order[i];
    }
}

namespace Facula.Tests.Ops;

/// <summary>Operands for a case: the same every time.</summary>
internal static class OpInputs
{
    public static readonly DType[] AllTypes = [.. DType.All];

    public static Tensor[] Make(OpCase c, DType type, Arg[]? args = null, int seed = 0) =>
        [.. (args ?? c.Args).Select((arg, i) => Make(arg, arg.Type ?? type, Seed(c.Name) + (ulong)(1000 * seed + i)))];

    public static Tensor Make(Arg arg, DType type, ulong seed)
    {
        var random = new Numbers(seed);
        long count = new Shape(arg.Shape).Elements;
        var values = new double[count];
        double low = arg.Low, high = arg.High;
        if (!type.IsFloatingPoint)
        {
            low = Math.Ceiling(type.Kind is ElementType.UInt8 or ElementType.Bool ? Math.Max(0, low) : low);
            high = Math.Floor(type == DType.Bool ? Math.Min(1, high) : high);
        }
        for (long i = 0; i < count; i++)
        {
            do values[i] = type.IsFloatingPoint ? low + random.Next() * (high - low) : Math.Floor(low + random.Next() * (high - low + 1));
            while (type.IsFloatingPoint && arg.Kinks.Any(kink => Math.Abs(values[i] - kink) < 0.02));
        }
        if (arg.Distinct) SpreadOut(values, low, high, random);
        return Tensor.From(values, arg.Shape).To(type);
    }

    /// <summary>The values at equal distances, in random order; integers get an integer apart where the range is wide enough.</summary>
    private static void SpreadOut(double[] values, double low, double high, Numbers random)
    {
        double step = Math.Min(1, (high - low) / Math.Max(1, values.Length - 1));
        for (int i = 0; i < values.Length; i++) values[i] = low + i * step;
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = (int)(random.Next() * (i + 1));
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>The same numbers in float64 on the reference device: what a result is measured against.</summary>
    public static Tensor[] AsTruth(Tensor[] inputs) =>
        [.. inputs.Select(x => x.Detach().To(x.DType.IsFloatingPoint ? DType.Float64 : x.DType, Device.Reference))];

    /// <summary>FNV-1a: string.GetHashCode differs from run to run.</summary>
    private static ulong Seed(string name)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in name) hash = (hash ^ c) * 1099511628211;
        return hash;
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014).</summary>
    private sealed class Numbers(ulong state)
    {
        public double Next()
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
        }
    }
}

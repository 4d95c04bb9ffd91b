namespace Facula;

public partial class Tensor
{
    // The type does not come second: a literal 0 is a DType too, and Arange(-5, 0) would be ambiguous.
    /// <summary>0, 1, ... up to, not including, the end. torch.arange.</summary>
    /// <exception cref="ArgumentException">The end is negative or not finite.</exception>
    public static Tensor Arange(Scalar end, Device? device = null, DType? dtype = null, bool requiresGrad = false) => Arange(0, end, 1, dtype, device, requiresGrad);

    /// <summary>start, start + step, ... up to, not including, the end. Int64 if all three are integers, else Float32, unless given. torch.arange.</summary>
    /// <exception cref="ArgumentException">The step is 0 or leads away from the end, or a number is not finite.</exception>
    public static Tensor Arange(Scalar start, Scalar end, Scalar? step = null, DType? dtype = null, Device? device = null, bool requiresGrad = false)
    {
        Scalar by = step ?? 1;
        bool whole = !(start.DType.IsFloatingPoint || end.DType.IsFloatingPoint || by.DType.IsFloatingPoint);
        double from = start.ToDouble(), to = end.ToDouble(), stride = by.ToDouble();
        if (!double.IsFinite(from) || !double.IsFinite(to) || !double.IsFinite(stride)) throw new ArgumentException($"Arange: {start} to {end} in steps of {by} has no end.");
        if (stride == 0 || (to - from) * stride < 0) throw new ArgumentException($"Arange: steps of {by} do not lead from {start} to {end}.");
        long count = whole ? CeilingDivide(end.ToInt64() - start.ToInt64(), by.ToInt64()) : (long)Math.Ceiling((to - from) / stride);
        DType type = dtype ?? (whole ? DType.Int64 : DType.Float32);
        // PyTorch computes whole-number types in whole numbers, whatever the arguments are.
        return type.IsFloatingPoint
            ? Sequence(count, i => from + i * stride, type, device, requiresGrad)
            : Sequence(count, i => start.ToInt64() + i * by.ToInt64(), type, device, requiresGrad);

        static long CeilingDivide(long a, long b) => a / b + (a % b != 0 && a < 0 == b < 0 ? 1 : 0);
    }

    /// <summary>Evenly spaced numbers from start to end, both included. torch.linspace.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of steps.</exception>
    public static Tensor Linspace(Scalar start, Scalar end, int steps, DType dtype = DType.Float32, Device? device = null, bool requiresGrad = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        return Sequence(steps, Between(start.ToDouble(), end.ToDouble(), steps), dtype, device, requiresGrad);
    }

    /// <summary>The base to the power of evenly spaced numbers from start to end, both included. torch.logspace.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of steps.</exception>
    public static Tensor Logspace(Scalar start, Scalar end, int steps, double @base = 10, DType dtype = DType.Float32, Device? device = null, bool requiresGrad = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        Func<long, double> exponent = Between(start.ToDouble(), end.ToDouble(), steps);
        return Sequence(steps, i => Math.Pow(@base, exponent(i)), dtype, device, requiresGrad);
    }

    /// <summary>Ones on the diagonal, zeros elsewhere; square unless columns are given. torch.eye.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative size.</exception>
    public static Tensor Eye(int rows, int? columns = null, DType dtype = DType.Float32, Device? device = null, bool requiresGrad = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns ?? 0, nameof(columns));
        Tensor y = Zeros([rows, columns ?? rows], dtype, device);
        y.Device.Backend.Fill(y.Operand.With(new DiagonalOp(0, 0, 1).Apply(y.Layout)), 1);
        y.RequiresGrad = requiresGrad;
        return y;
    }

    /// <summary>From both ends towards the middle, so that both ends are exact.</summary>
    private static Func<long, double> Between(double start, double end, int steps)
    {
        double step = steps > 1 ? (end - start) / (steps - 1) : 0;
        return i => i < (steps + 1) / 2 ? start + i * step : end - (steps - 1 - i) * step;
    }

    private static Tensor Sequence<T>(long count, Func<long, T> element, DType type, Device? device, bool requiresGrad) where T : unmanaged
    {
        Tensor line = Empty([checked((int)count)], DType.Of<T>());
        using (HeldSpan<T> held = line.HoldElements<T>())
        {
            Span<T> elements = held.Span;
            for (int i = 0; i < elements.Length; i++) elements[i] = element(i);
        }
        Tensor y = line.To(type, device ?? Device.Cpu);
        y.RequiresGrad = requiresGrad;
        return y;
    }
}

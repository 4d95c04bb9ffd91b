using System.Runtime.CompilerServices;
using Facula.Backends;

namespace Facula;

public partial class Tensor
{
    /// <summary>0, 1, ... up to, not including, the end; Int64 if that is an integer, else Float32, unless given. torch.arange.</summary>
    /// <exception cref="ArgumentException">The end is negative or not finite, or an element is beyond the range of the type.</exception>
    public static Tensor Arange(Scalar end, DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        Arange(0, end, 1, dtype, device, requiresGrad);

    /// <summary>start, start + step, ... up to, not including, the end. Int64 if all three are integers, else Float32, unless given. torch.arange.</summary>
    /// <exception cref="ArgumentException">The step is 0 or leads away from the end, a number is not finite, or an element is beyond the range of the
    /// type.</exception>
    public static Tensor Arange(Scalar start, Scalar end, Scalar? step = null, DType? dtype = null, Device? device = null, bool requiresGrad = false)
    {
        Scalar by = step ?? 1;
        bool whole = !(start.DType.IsFloatingPoint || end.DType.IsFloatingPoint || by.DType.IsFloatingPoint);
        DType type = dtype ?? (whole ? DType.Int64 : DType.Float32);
        double from = start.ToDouble(), to = end.ToDouble(), stride = by.ToDouble();
        if (!double.IsFinite(from) || !double.IsFinite(to) || !double.IsFinite(stride))
            throw new ArgumentException($"Arange: {start} to {end} in steps of {by} has no end.");
        // PyTorch computes whole-number types in whole numbers, whatever the arguments are; only how many there are comes, except of Int64, from what is given.
        long first = start.ToInt64(), last = end.ToInt64(), step64 = by.ToInt64();
        bool leads = type.IsFloatingPoint ? stride != 0 && (to - from) * stride >= 0 : step64 != 0 && (first == last || last > first == step64 > 0);
        if (!leads) throw new ArgumentException($"Arange: steps of {by} do not lead from {start} to {end}.");
        Int128 count = whole || type == DType.Int64 ? CeilingDivide((Int128)last - first, step64) : (Int128)Math.Max(0, Math.Ceiling((to - from) / stride));
        return type.IsFloatingPoint
            ? Sequence("Arange", count, i => from + i * stride, type, device, requiresGrad)
            : Sequence("Arange", count, i => first + i * step64, type, device, requiresGrad);

        static Int128 CeilingDivide(Int128 a, Int128 b) => a / b + (a % b != 0 && a < 0 == b < 0 ? 1 : 0);
    }

    /// <summary>Evenly spaced numbers from start to end, both included; Float32 unless another type is given. torch.linspace.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of steps.</exception>
    /// <exception cref="ArgumentException">An end is beyond the range of the type.</exception>
    public static Tensor Linspace(Scalar start, Scalar end, int steps, DType? dtype = null, Device? device = null, bool requiresGrad = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        // As in PyTorch, the ends are of the type before anything lies between them.
        DType type = dtype ?? DType.Float32;
        if (!type.IsFloatingPoint) (start, end) = (start.ToInt64(), end.ToInt64());
        return Sequence("Linspace", steps, Between(start.ToDouble(), end.ToDouble(), steps), type, device, requiresGrad);
    }

    /// <summary>
    /// The base to the power of evenly spaced numbers from start to end, both included; Float32 unless another type is given. torch.logspace.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of steps.</exception>
    /// <exception cref="ArgumentException">An end is beyond the range of the type.</exception>
    public static Tensor Logspace(Scalar start, Scalar end, int steps, double @base = 10, DType? dtype = null, Device? device = null, bool requiresGrad = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        Func<long, double> exponent = Between(start.ToDouble(), end.ToDouble(), steps);
        return Sequence("Logspace", steps, i => Math.Pow(@base, exponent(i)), dtype ?? DType.Float32, device, requiresGrad);
    }

    /// <summary>Ones on the diagonal, zeros elsewhere; square unless columns are given; Float32 unless another type is. torch.eye.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative size.</exception>
    public static Tensor Eye(int rows, int? columns = null, DType? dtype = null, Device? device = null, bool requiresGrad = false)
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

    private static Tensor Sequence<T>(string operation, Int128 count, Func<long, T> element, DType type, Device? device, bool requiresGrad) where T : unmanaged
    {
        int length = Check.Size(operation, (long)Int128.Clamp(count, 0, long.MaxValue), "the number of elements");
        // The ends are the least and the greatest.
        if (length > 0)
        {
            ToScalar(element(0)).CheckFits(operation, type, wraps: false);
            ToScalar(element(length - 1)).CheckFits(operation, type, wraps: false);
        }
        Tensor line = New(operation, [length], DType.Of<T>(), Device.Cpu);
        using (HeldSpan<T> held = line.HoldElements<T>())
        {
            Span<T> elements = held.Span;
            for (int i = 0; i < elements.Length; i++) elements[i] = element(i);
        }
        return FromHost(line, type, device, requiresGrad);

        static Scalar ToScalar(T value) => typeof(T) == typeof(long) ? Unsafe.BitCast<T, long>(value) : Unsafe.BitCast<T, double>(value);
    }
}

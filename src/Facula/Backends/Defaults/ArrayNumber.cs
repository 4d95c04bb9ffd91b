using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends;

/// <summary>
/// A whole array as a number: a formula over it runs an operation at a time, each a primitive kernel. What has several results, which no map has,
/// can be run so on any backend.
/// Masks are 1 and 0.
/// </summary>
internal sealed class ArrayNumber : IArithmetic<ArrayNumber>
{
    private readonly Run? _run;
    private readonly Operand _array;
    private readonly double _constant;

    /// <summary>An array.</summary>
    public ArrayNumber(Run run, in Operand array) => (_run, _array) = (run, array);

    private ArrayNumber(double constant) => _constant = constant;

    private Operand Argument => _run is null ? Operand.Of(_constant) : _array;

    /// <summary>Writes it to an operand of the shape.</summary>
    public void CopyTo(Run run, in Operand y)
    {
        if (_run is null) run.Backend.Fill(y, _constant);
        else run.Backend.Copy(_array, y);
    }

    /// <summary>Where a formula runs: a backend, a shape, a type to compute in, and the arrays made so far, which go back when this is disposed of.</summary>
    internal sealed class Run(Backend backend, int[] shape, DType compute) : IDisposable
    {
        private readonly List<Operand> _made = [];

        public Backend Backend => backend;

        public DType Compute => compute;

        /// <summary>Room for one more.</summary>
        public Operand New()
        {
            Layout layout = Layout.Contiguous(shape);
            var room = new Operand(backend.Allocate(layout, compute), layout, compute);
            _made.Add(room);
            return room;
        }

        public void Dispose()
        {
            foreach (Operand made in _made) made.Buffer.Release();
        }
    }

    private static ArrayNumber Map(One kind, ArrayNumber a)
    {
        var map = new OneMap(kind);
        if (a._run is not { } run) return new(map.Invoke<Num<double>>(new(a._constant)).Value);
        Operand y = run.New();
        run.Backend.Map(map, run.Compute, y, a._array);
        return new(run, y);
    }

    private static ArrayNumber Map(Two kind, ArrayNumber a, ArrayNumber b)
    {
        var map = new TwoMap(kind);
        if ((a._run ?? b._run) is not { } run) return new(map.Invoke<Num<double>>(new(a._constant), new(b._constant)).Value);
        Operand y = run.New();
        run.Backend.Map2(map, run.Compute, y, a.Argument, b.Argument);
        return new(run, y);
    }

    public static ArrayNumber Select(ArrayNumber mask, ArrayNumber a, ArrayNumber b)
    {
        if (mask._run is null) return mask._constant != 0 ? a : b;
        Run run = mask._run;
        Operand y = run.New();
        run.Backend.Map3(new SelectMap(), run.Compute, y, mask._array, a.Argument, b.Argument);
        return new(run, y);
    }

    public static ArrayNumber Const(double value) => new(value);
    public static ArrayNumber operator +(ArrayNumber a, ArrayNumber b) => Map(Two.Add, a, b);
    public static ArrayNumber operator -(ArrayNumber a, ArrayNumber b) => Map(Two.Subtract, a, b);
    public static ArrayNumber operator *(ArrayNumber a, ArrayNumber b) => Map(Two.Multiply, a, b);
    public static ArrayNumber operator /(ArrayNumber a, ArrayNumber b) => Map(Two.Divide, a, b);
    public static ArrayNumber operator >(ArrayNumber a, ArrayNumber b) => Map(Two.Greater, a, b);
    public static ArrayNumber operator <(ArrayNumber a, ArrayNumber b) => Map(Two.Greater, b, a);
    public static ArrayNumber operator >=(ArrayNumber a, ArrayNumber b) => Map(Two.GreaterOrEqual, a, b);
    public static ArrayNumber operator <=(ArrayNumber a, ArrayNumber b) => Map(Two.GreaterOrEqual, b, a);
    public static ArrayNumber Equal(ArrayNumber a, ArrayNumber b) => Map(Two.Equal, a, b);
    public static ArrayNumber And(ArrayNumber a, ArrayNumber b) => Map(Two.Min, a, b);
    public static ArrayNumber Or(ArrayNumber a, ArrayNumber b) => Map(Two.Max, a, b);
    public static ArrayNumber Min(ArrayNumber a, ArrayNumber b) => Map(Two.Min, a, b);
    public static ArrayNumber Max(ArrayNumber a, ArrayNumber b) => Map(Two.Max, a, b);
    public static ArrayNumber MultiplyAdd(ArrayNumber a, ArrayNumber b, ArrayNumber c) => a * b + c;
    public static ArrayNumber operator -(ArrayNumber a) => Map(One.Negate, a);
    public static ArrayNumber Not(ArrayNumber a) => Map(One.Not, a);
    public static ArrayNumber Abs(ArrayNumber a) => Map(One.Abs, a);
    public static ArrayNumber Sqrt(ArrayNumber a) => Map(One.Sqrt, a);
    public static ArrayNumber Floor(ArrayNumber a) => Map(One.Floor, a);
    public static ArrayNumber Ceiling(ArrayNumber a) => Map(One.Ceiling, a);
    public static ArrayNumber Round(ArrayNumber a) => Map(One.Round, a);
    public static ArrayNumber Truncate(ArrayNumber a) => Map(One.Truncate, a);

    private enum One
    {
        Negate, Not, Abs, Sqrt, Floor, Ceiling, Round, Truncate,
    }

    private enum Two
    {
        Add, Subtract, Multiply, Divide, Greater, GreaterOrEqual, Equal, Min, Max,
    }

    private readonly struct OneMap(One kind) : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Invoke<T>(T a) where T : INum<T> => kind switch
        {
            One.Negate => -a,
            One.Not => T.One - a,
            One.Abs => T.Abs(a),
            One.Sqrt => T.Sqrt(a),
            One.Floor => T.Floor(a),
            One.Ceiling => T.Ceiling(a),
            One.Round => T.Round(a),
            _ => T.Truncate(a),
        };
    }

    private readonly struct TwoMap(Two kind) : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Invoke<T>(T a, T b) where T : INum<T> => kind switch
        {
            Two.Add => a + b,
            Two.Subtract => a - b,
            Two.Multiply => a * b,
            Two.Divide => a / b,
            Two.Greater => T.Select(a > b, T.One, T.Zero),
            Two.GreaterOrEqual => T.Select(a >= b, T.One, T.Zero),
            Two.Equal => T.Select(T.Equal(a, b), T.One, T.Zero),
            Two.Min => T.Min(a, b),
            _ => T.Max(a, b),
        };
    }

    private readonly struct SelectMap : IMap3
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Invoke<T>(T mask, T a, T b) where T : INum<T> => T.Select(T.Equal(mask, T.Zero), b, a);
    }
}

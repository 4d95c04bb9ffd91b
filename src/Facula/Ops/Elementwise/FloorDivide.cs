using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula;

/// <summary>The floor of the exact quotient: that of the rounded one would make 1 divided by 0.1 into 10.</summary>
internal readonly struct FloorDivideOp : IBinaryOp
{
    public static string Name => "floorDivide";
    public static bool TakesBool => false;
    public static Reads GradAReads => Reads.Nothing;
    public static Reads GradBReads => Reads.Nothing;
    public static bool Fuses => false;
    public T Forward<T>(T a, T b) where T : INum<T> => Of(a, b);
    public T GradA<T>(T g, T a, T b) where T : INum<T> => T.Zero;
    public T GradB<T>(T g, T a, T b) where T : INum<T> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T a, T b) where T : INum<T>
    {
        T rest = T.Remainder(a, b);
        T quotient = T.Round((a - rest) / b);
        T down = T.And(T.NotEqual(rest, T.Zero), RemainderOp.Differ(rest, b));
        return T.Select(T.Equal(b, T.Zero), a / b, T.Select(down, quotient - T.One, quotient));
    }
}

/// <summary>What floor division leaves: it has the sign of the divisor, as in Python.</summary>
internal readonly struct RemainderOp : IBinaryOp
{
    public static string Name => "remainder";
    public static bool TakesBool => false;
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g;
    public T GradB<T>(T g, T a, T b) where T : INum<T> => -g * FloorDivideOp.Of(a, b);

    public T Forward<T>(T a, T b) where T : INum<T>
    {
        T rest = T.Remainder(a, b);
        return T.Select(T.And(T.NotEqual(rest, T.Zero), Differ(rest, b)), rest + b, rest);
    }

    /// <summary>Whether the signs of two numbers differ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Differ<T>(T a, T b) where T : INum<T> => T.Or(T.And(a < T.Zero, b > T.Zero), T.And(a > T.Zero, b < T.Zero));
}

/// <summary>C#'s %, whose result has the sign of the dividend: what the gradient of a remainder's gradient is made of.</summary>
internal readonly struct TruncatedRemainderOp : IBinaryOp
{
    public static string Name => "truncatedRemainder";
    public static bool TakesBool => false;
    public T Forward<T>(T a, T b) where T : INum<T> => T.Remainder(a, b);
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g;
    public T GradB<T>(T g, T a, T b) where T : INum<T> => -g * T.Truncate(a / b);
}

public partial class Tensor
{
    /// <summary>The quotient rounded down; its gradient is 0. torch.floor_divide.</summary>
    /// <exception cref="ArgumentException">An integer is divided by 0.</exception>
    public Tensor FloorDivide(Tensor divisor) => Divided(new FloorDivideOp(), this, divisor);

    /// <summary>The quotient by a plain number, rounded down. torch.floor_divide.</summary>
    /// <exception cref="ArgumentException">An integer is divided by 0.</exception>
    public Tensor FloorDivide(Scalar divisor) => Divided(new FloorDivideOp(), this, Wrap(divisor));

    /// <summary>a - b * floor(a / b): it has the sign of b, as in Python, not that of a, as in C#. torch.remainder.</summary>
    /// <exception cref="ArgumentException">An integer is divided by 0.</exception>
    public static Tensor operator %(Tensor a, Tensor b) => Divided(new RemainderOp(), a, b);
    /// <summary>a - b * floor(a / b) for a plain number. torch.remainder.</summary>
    public static Tensor operator %(Tensor a, Scalar b) => Divided(new RemainderOp(), a, Wrap(b));
    /// <summary>a - b * floor(a / b) for a plain number. torch.remainder.</summary>
    public static Tensor operator %(Scalar a, Tensor b) => Divided(new RemainderOp(), Wrap(a), b);

    /// <summary>What <see cref="FloorDivide(Tensor)"/> leaves, the operator %. torch.remainder.</summary>
    public Tensor Remainder(Tensor divisor) => this % divisor;
    /// <summary>What <see cref="FloorDivide(Scalar)"/> leaves, the operator %. torch.remainder.</summary>
    public Tensor Remainder(Scalar divisor) => this % divisor;

    /// <summary>Integers know no infinity that could stand for a quotient by 0.</summary>
    private static Tensor Divided<TOp>(TOp op, Tensor a, Tensor b) where TOp : struct, IBinaryOp
    {
        CheckOperands(TOp.Name, a, b);
        // Where looking would have to wait for the device, nobody looks, and the quotient is undefined.
        if (Promote(a, b).IsFloatingPoint || a.Count == 0 || !b.Device.Backend.IsImmediate) return Binary(op, a, b);
        Operand divisors = b.Operand.With(b.Layout.WithoutOverlap);
        if (b.Device.Backend.CountNonZero(divisors) < divisors.Layout.Count)
        {
            throw new ArgumentException($"{TOp.Name}: {(b.Count == 1 ? "the divisor is 0" : $"a divisor in a tensor of shape {b.Shape} is 0")}, " +
                "by which integers cannot be divided; convert one operand with To(DType.Float32) for infinities, or replace the zeros with Where.");
        }
        try
        {
            return Binary(op, a, b);
        }
        catch (ArithmeticException error)
        {
            throw new ArgumentException($"{TOp.Name}: {long.MinValue} divided by -1 is more than an int64 holds, or a divisor has become 0 meanwhile.", error);
        }
    }

    static Tensor INum<Tensor>.Remainder(Tensor a, Tensor b) => Binary(new TruncatedRemainderOp(), a, b);
}

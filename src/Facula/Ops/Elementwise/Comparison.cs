using System.Diagnostics.CodeAnalysis;
using Facula.Numerics;

namespace Facula;

/// <summary>An operation that gives truth values has no gradient.</summary>
internal interface IComparison : IBinaryOp
{
    static ResultKind IBinaryOp.Result => ResultKind.Bool;
    T IBinaryOp.GradA<T>(T g, T a, T b) => throw new NotSupportedException();
    T IBinaryOp.GradB<T>(T g, T a, T b) => throw new NotSupportedException();
}

internal readonly struct EqualOp : IComparison
{
    public static string Name => "equal";
    public T Forward<T>(T a, T b) where T : INum<T> => T.Equal(a, b);
}

internal readonly struct NotEqualOp : IComparison
{
    public static string Name => "notEqual";
    public T Forward<T>(T a, T b) where T : INum<T> => T.NotEqual(a, b);
}

internal readonly struct GreaterOp : IComparison
{
    public static string Name => "greater";
    public T Forward<T>(T a, T b) where T : INum<T> => a > b;
}

internal readonly struct GreaterOrEqualOp : IComparison
{
    public static string Name => "greaterOrEqual";
    public T Forward<T>(T a, T b) where T : INum<T> => a >= b;
}

internal readonly struct LessOp : IComparison
{
    public static string Name => "less";
    public T Forward<T>(T a, T b) where T : INum<T> => a < b;
}

internal readonly struct LessOrEqualOp : IComparison
{
    public static string Name => "lessOrEqual";
    public T Forward<T>(T a, T b) where T : INum<T> => a <= b;
}

public partial class Tensor
{
    /// <summary>Where the elements are equal, as a Bool tensor; for the same object use <c>is</c>, <c>ReferenceEquals</c> or <c>is null</c>.
    /// torch.eq.</summary>
    public static Tensor operator ==(Tensor a, Tensor b) => Binary(new EqualOp(), a, b);
    /// <summary>Where the elements differ. torch.ne.</summary>
    public static Tensor operator !=(Tensor a, Tensor b) => Binary(new NotEqualOp(), a, b);
    /// <summary>Where a is greater. torch.gt.</summary>
    public static Tensor operator >(Tensor a, Tensor b) => Binary(new GreaterOp(), a, b);
    /// <summary>Where a is greater or equal. torch.ge.</summary>
    public static Tensor operator >=(Tensor a, Tensor b) => Binary(new GreaterOrEqualOp(), a, b);
    /// <summary>Where a is less. torch.lt.</summary>
    public static Tensor operator <(Tensor a, Tensor b) => Binary(new LessOp(), a, b);
    /// <summary>Where a is less or equal. torch.le.</summary>
    public static Tensor operator <=(Tensor a, Tensor b) => Binary(new LessOrEqualOp(), a, b);

    /// <summary>Where the elements equal a plain number.</summary>
    public static Tensor operator ==(Tensor a, Scalar b) => Binary(new EqualOp(), a, Wrap(b));
    /// <summary>Where the elements differ from a plain number.</summary>
    public static Tensor operator !=(Tensor a, Scalar b) => Binary(new NotEqualOp(), a, Wrap(b));
    /// <summary>Where the elements are greater than a plain number.</summary>
    public static Tensor operator >(Tensor a, Scalar b) => Binary(new GreaterOp(), a, Wrap(b));
    /// <summary>Where the elements are at least a plain number.</summary>
    public static Tensor operator >=(Tensor a, Scalar b) => Binary(new GreaterOrEqualOp(), a, Wrap(b));
    /// <summary>Where the elements are less than a plain number.</summary>
    public static Tensor operator <(Tensor a, Scalar b) => Binary(new LessOp(), a, Wrap(b));
    /// <summary>Where the elements are at most a plain number.</summary>
    public static Tensor operator <=(Tensor a, Scalar b) => Binary(new LessOrEqualOp(), a, Wrap(b));

    /// <summary>Whether it is the same object; == compares element by element.</summary>
    public override bool Equals([NotNullWhen(true)] object? obj) => ReferenceEquals(this, obj);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

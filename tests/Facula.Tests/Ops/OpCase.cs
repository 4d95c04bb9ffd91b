using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Facula.Tests.Ops;

/// <summary>The types an operation takes; it must refuse the others with an ArgumentException.</summary>
[Flags]
public enum Types
{
    Bool = 1,
    Integers = 2,
    Floats = 4,
    Numbers = Integers | Floats,
    All = Bool | Numbers,
}

/// <summary>The type of an operation's result.</summary>
public enum Gives
{
    /// <summary>The type all operands promote to.</summary>
    Same,
    /// <summary>That, but int64 of bool: powers.</summary>
    Number,
    /// <summary>That, if it is floating-point; else float32.</summary>
    Float,
    /// <summary>That, if it is floating-point; else int64: sums.</summary>
    Sum,
    /// <summary>That of the first operand: operations in place.</summary>
    First,
    Bool,
    /// <summary>Bool, but uint8 of uint8.</summary>
    Truth,
    Int64,
}

/// <summary>
/// One operand: a shape, written [3, 4], and what its elements are like. Those without a type of their own take the type a test is about.
/// </summary>
[CollectionBuilder(typeof(Arg), nameof(Create))]
public sealed record Arg(int[] Shape) : IEnumerable<int>
{
    public double Low { get; init; } = -4;
    public double High { get; init; } = 4;

    /// <summary>A type that does not vary: Int64 for indices, Bool for masks.</summary>
    public DType? Type { get; init; }

    /// <summary>No two elements are equal, nor close: for operations that order them.</summary>
    public bool Distinct { get; init; }

    /// <summary>Values that elements keep away from, because the operation has no derivative there.</summary>
    public double[] Kinks { get; init; } = [];

    public static Arg Create(ReadOnlySpan<int> shape) => new(shape.ToArray());

    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)Shape).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => Shape.GetEnumerator();
}

/// <summary>What one line of the table says; the suite derives its tests from it.</summary>
public sealed record OpCase(string Name, Func<Tensor[], Tensor[]> Function, Arg[] Args)
{
    /// <summary>The text of the function: which of Tensor's members are covered is read from it.</summary>
    public string Source { get; init; } = "";

    public Types Types { get; init; } = Types.All;

    public Gives Gives { get; init; } = Gives.Same;

    /// <summary>Each element of the result depends on the elements at the same place alone. The operands broadcast and may have any shape.</summary>
    public bool IsElementwise { get; init; }

    public bool HasGradient { get; init; } = true;

    public bool HasSecondGradient { get; init; } = true;

    /// <summary>Defined on a part of the numbers only, and NaN elsewhere.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Operands may cancel: errors are measured against the larger of result and operands.</summary>
    public bool Cancels { get; init; }

    /// <summary>
    /// The error allowed against the result in float64, in units of the last place: of each element where the operation is element-wise, of
    /// the largest element otherwise. Gradients are allowed <see cref="GradientUlps"/> of the largest. On x86 machines from before 2013, which
    /// round a multiplication and the addition after it one by one, twice as much.
    /// </summary>
    public double Ulps { get => Fma.IsSupported || AdvSimd.IsSupported ? field : 2 * field; init; } = 2;

    public double GradientUlps => 4 * Ulps + 8;

    /// <summary>The operands at a size that is cut into parts for several threads.</summary>
    public Arg[]? Large { get; init; }

    /// <summary>Whether one operand may be bool where the other is not.</summary>
    public bool MixesBool { get; init; } = true;

    public bool Takes(DType type) => Types.HasFlag(type.IsFloatingPoint ? Types.Floats : type.IsInteger ? Types.Integers : Types.Bool);

    public DType ResultOf(params ReadOnlySpan<DType> operands)
    {
        DType type = operands[0];
        foreach (DType operand in operands) type = DType.Promote(type, operand);
        return Gives switch
        {
            Gives.Same => type,
            Gives.Number => type == DType.Bool ? DType.Int64 : type,
            Gives.Float => type.IsFloatingPoint ? type : DType.Float32,
            Gives.Sum => type.IsFloatingPoint ? type : DType.Int64,
            Gives.First => operands[0],
            Gives.Bool => DType.Bool,
            Gives.Truth => type == DType.UInt8 ? type : DType.Bool,
            _ => DType.Int64,
        };
    }

    public override string ToString() => Name;
}

using System.Runtime.CompilerServices;

namespace Facula.Tests.Ops;

/// <summary>
/// The table of all operations, one line each. From a line the suite derives: parity with the reference backend, forward and gradient, in
/// every type; gradients and their gradients against central differences; strided, broadcast, empty and rank-0 operands; NaN and
/// infinities; odd lengths; the same bits for any number of threads; and all of that again for every width of vectors.
/// </summary>
public static partial class OpCases
{
    private static readonly Lazy<Dictionary<string, OpCase>> Table = new(() =>
        new OpCase[][] { Elementwise, Activations, Reductions, Views, Indexing, Linalg, NN, Convolutions, Pooling, Normalization }.SelectMany(family => family)
            .ToDictionary(c => c.Name));

    public static IReadOnlyCollection<OpCase> All => Table.Value.Values;

    public static OpCase Find(string name) => Table.Value[name];

    /// <summary>An element-wise operation of one tensor.</summary>
    private static OpCase Unary(string name, Func<Tensor, Tensor> function, (double Low, double High)? domain = null, Gives gives = Gives.Float,
        Types types = Types.All, double[]? kinks = null, bool gradient = true, bool partial = false, double ulps = 2,
        [CallerArgumentExpression(nameof(function))] string source = "")
    {
        (double low, double high) = domain ?? (-4, 4);
        Arg x = new([3, 4]) { Low = low, High = high, Kinks = kinks ?? [] };
        return new(name, t => [function(t[0])], [x])
        {
            Source = source,
            Types = types,
            Gives = gives,
            IsElementwise = true,
            HasGradient = gradient && gives is not (Gives.Bool or Gives.Truth or Gives.Int64),
            IsPartial = partial,
            Ulps = ulps,
            Large = [x with { Shape = [50_003] }],
        };
    }

    /// <summary>An element-wise operation of two tensors that broadcast.</summary>
    private static OpCase Binary(string name, Func<Tensor, Tensor, Tensor> function, (double Low, double High)? domain = null,
        (double Low, double High)? second = null, Gives gives = Gives.Same, Types types = Types.All, bool gradient = true, bool partial = false,
        bool cancels = false, double ulps = 2, bool mixesBool = true, [CallerArgumentExpression(nameof(function))] string source = "")
    {
        (double low, double high) = domain ?? (-4, 4);
        (double low2, double high2) = second ?? (low, high);
        Arg a = new([3, 4]) { Low = low, High = high }, b = new([3, 4]) { Low = low2, High = high2 };
        return new(name, t => [function(t[0], t[1])], [a, b])
        {
            Source = source,
            Types = types,
            Gives = gives,
            MixesBool = mixesBool,
            IsElementwise = true,
            HasGradient = gradient && gives is not (Gives.Bool or Gives.Truth or Gives.Int64),
            IsPartial = partial,
            Cancels = cancels,
            Ulps = ulps,
            Large = [a with { Shape = [50_003] }, b with { Shape = [50_003] }],
        };
    }

    /// <summary>Any operation. The shapes are those of its operands; <see cref="Index"/>, <see cref="Mask"/> and their kin say more about one.</summary>
    private static OpCase Op(string name, Func<Tensor[], Tensor> function, Arg[] shapes, Arg[]? large = null, Gives gives = Gives.Same,
        Types types = Types.All, bool gradient = true, bool second = true, double ulps = 8,
        [CallerArgumentExpression(nameof(function))] string source = "") =>
        Op(name, t => [function(t)], shapes, large, gives, types, gradient, second, ulps, source);

    /// <summary>An operation with several results.</summary>
    private static OpCase Op(string name, Func<Tensor[], Tensor[]> function, Arg[] shapes, Arg[]? large = null, Gives gives = Gives.Same,
        Types types = Types.All, bool gradient = true, bool second = true, double ulps = 8,
        [CallerArgumentExpression(nameof(function))] string source = "") =>
        new(name, function, shapes)
        {
            Source = source,
            Types = types,
            Gives = gives,
            HasGradient = gradient && gives is not (Gives.Bool or Gives.Truth or Gives.Int64),
            HasSecondGradient = second,
            Ulps = ulps,
            Large = large,
        };

    /// <summary>Indices from 0 to below, exclusive.</summary>
    private static Arg Index(int below, params int[] shape) => new(shape) { Type = DType.Int64, Low = 0, High = below - 1 };

    /// <summary>Truth values.</summary>
    private static Arg Mask(params int[] shape) => new(shape) { Type = DType.Bool, Low = 0, High = 1 };

    /// <summary>Elements between two numbers.</summary>
    private static Arg Between(double low, double high, params int[] shape) => new(shape) { Low = low, High = high };

    /// <summary>Elements no two of which are close.</summary>
    private static Arg Distinct(params int[] shape) => new(shape) { Distinct = true };
}

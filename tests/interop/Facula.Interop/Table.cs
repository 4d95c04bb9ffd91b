using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Interop;

/// <summary>Facula's side of the table of operations: a line for each, by PyTorch's name, whose other side is in ../operations.py.</summary>
internal static partial class Table
{
    public static readonly Dictionary<string, Func<Arguments, Tensor[]>> Operations = new(
        [.. Elementwise, .. Reductions, .. Views, .. Indexing, .. Layers, .. Creation, .. Training]);

    private static KeyValuePair<string, Func<Arguments, Tensor[]>> Line(string name, Func<Arguments, Tensor> operation) => new(name, a => [operation(a)]);

    private static KeyValuePair<string, Func<Arguments, Tensor[]>> Lines(string name, Func<Arguments, Tensor[]> operation) => new(name, operation);

    private static KeyValuePair<string, Func<Arguments, Tensor[]>> Pair(string name, Func<Arguments, (Tensor A, Tensor B)> operation) => new(name, a =>
    {
        (Tensor first, Tensor second) = operation(a);
        return [first, second];
    });

    /// <summary>An operator of two tensors, or of a tensor and a number on either side.</summary>
    private static KeyValuePair<string, Func<Arguments, Tensor[]>> Operator(string name, Func<Tensor, Tensor, Tensor> tensors,
        Func<Tensor, Scalar, Tensor> number, Func<Scalar, Tensor, Tensor> numberFirst) =>
        Line(name, a => !a.IsTensor(0) ? numberFirst(a.N(0), a.T(1)) : a.IsTensor(1) ? tensors(a.T(0), a.T(1)) : number(a.T(0), a.N(1)));

    private static KeyValuePair<string, Func<Arguments, Tensor[]>>[] Elementwise =>
    [
        Line("abs", a => a.T(0).Abs()), Line("neg", a => -a.T(0)), Line("exp", a => a.T(0).Exp()), Line("expm1", a => a.T(0).Expm1()),
        Line("log", a => a.T(0).Log()), Line("log1p", a => a.T(0).Log1p()), Line("sin", a => a.T(0).Sin()), Line("cos", a => a.T(0).Cos()),
        Line("tan", a => a.T(0).Tan()), Line("tanh", a => a.T(0).Tanh()), Line("sigmoid", a => a.T(0).Sigmoid()), Line("erf", a => a.T(0).Erf()),
        Line("erfc", a => a.T(0).Erfc()), Line("sqrt", a => a.T(0).Sqrt()), Line("rsqrt", a => a.T(0).Rsqrt()), Line("reciprocal", a => a.T(0).Reciprocal()),
        Line("square", a => a.T(0).Square()), Line("sign", a => a.T(0).Sign()), Line("floor", a => a.T(0).Floor()), Line("ceil", a => a.T(0).Ceil()),
        Line("trunc", a => a.T(0).Trunc()), Line("round", a => a.T(0).Round()), Line("isnan", a => a.T(0).IsNaN()), Line("isinf", a => a.T(0).IsInf()),
        Line("logical_not", a => !a.T(0)), Line("clone", a => a.T(0).Clone()), Line("contiguous", a => a.T(0).Contiguous()),
        Line("relu", a => a.T(0).Relu()), Line("relu6", a => a.T(0).Relu6()), Line("selu", a => a.T(0).Selu()), Line("silu", a => a.T(0).Silu()),
        Line("mish", a => a.T(0).Mish()), Line("hardsigmoid", a => a.T(0).HardSigmoid()), Line("hardswish", a => a.T(0).HardSwish()),
        Line("logsigmoid", a => a.T(0).LogSigmoid()), Line("softsign", a => a.T(0).Softsign()), Line("leaky_relu", a => a.T(0).LeakyRelu(a.D(1))),
        Line("elu", a => a.T(0).Elu(a.D(1))), Line("hardtanh", a => a.T(0).HardTanh(a.D(1), a.D(2))), Line("softplus", a => a.T(0).Softplus(a.D(1), a.D(2))),
        Line("gelu", a => a.T(0).Gelu(a.S(1) == "tanh" ? GeluApproximation.Tanh : GeluApproximation.None)),
        Line("clamp", a => a.T(0).Clamp(a.NOrNull(1), a.NOrNull(2))), Line("clamp_tensor", a => a.T(0).Clamp(a.TOrNull(1), a.TOrNull(2))),
        Line("to", a => a.T(0).To(a.Type(1))), Line("relu_", a => a.T(0).Clone().ReluInPlace()),
        Line("clamp_", a => a.T(0).Clone().ClampInPlace(a.NOrNull(1), a.NOrNull(2))),

        Operator("add", (x, y) => x + y, (x, y) => x + y, (x, y) => x + y), Operator("sub", (x, y) => x - y, (x, y) => x - y, (x, y) => x - y),
        Operator("mul", (x, y) => x * y, (x, y) => x * y, (x, y) => x * y), Operator("div", (x, y) => x / y, (x, y) => x / y, (x, y) => x / y),
        Operator("remainder", (x, y) => x % y, (x, y) => x % y, (x, y) => x % y),
        Operator("pow", (x, y) => x.Pow(y), (x, y) => x.Pow(y), Tensor.Pow),
        Operator("eq", (x, y) => x == y, (x, y) => x == y, (x, y) => y == x), Operator("ne", (x, y) => x != y, (x, y) => x != y, (x, y) => y != x),
        Operator("gt", (x, y) => x > y, (x, y) => x > y, (x, y) => y < x), Operator("ge", (x, y) => x >= y, (x, y) => x >= y, (x, y) => y <= x),
        Operator("lt", (x, y) => x < y, (x, y) => x < y, (x, y) => y > x), Operator("le", (x, y) => x <= y, (x, y) => x <= y, (x, y) => y >= x),
        Operator("floor_divide", (x, y) => x.FloorDivide(y), (x, y) => x.FloorDivide(y), (x, y) => ((Tensor)x).FloorDivide(y)),
        Line("maximum", a => a.T(0).Maximum(a.T(1))), Line("minimum", a => a.T(0).Minimum(a.T(1))),
        Line("logical_and", a => a.T(0) & a.T(1)), Line("logical_or", a => a.T(0) | a.T(1)), Line("logical_xor", a => a.T(0) ^ a.T(1)),
        Line("add_alpha", a => a.T(0).Add(a.T(1), a.N(2))), Line("sub_alpha", a => a.T(0).Subtract(a.T(1), a.N(2))),
        Line("add_", a => a.T(0).Clone().AddInPlace(a.T(1))), Line("sub_", a => a.T(0).Clone().SubtractInPlace(a.T(1))),
        Line("mul_", a => a.T(0).Clone().MultiplyInPlace(a.T(1))), Line("div_", a => a.T(0).Clone().DivideInPlace(a.T(1))),
        Line("lerp", a => a.IsTensor(2) ? a.T(0).Lerp(a.T(1), a.T(2)) : a.T(0).Lerp(a.T(1), a.D(2))),
        Line("isclose", a => a.T(0).IsClose(a.T(1), a.D(2), a.D(3), a.B(4))), Line("where", a => Tensor.Where(a.T(0), a.T(1), a.T(2))),
        Line("masked_fill", a => a.IsTensor(2) ? a.T(0).MaskedFill(a.T(1), a.T(2)) : a.T(0).MaskedFill(a.T(1), a.N(2))),
        Line("masked_fill_", a => a.T(0).Clone().MaskedFillInPlace(a.T(1), a.N(2))),
        Line("copy_", a => a.T(0).Clone().CopyInPlace(a.T(1))), Line("fill_", a => a.T(0).Clone().FillInPlace(a.N(1))),
    ];

    private static KeyValuePair<string, Func<Arguments, Tensor[]>>[] Reductions =>
    [
        Line("sum", a => a.IsNull(1) ? a.T(0).Sum(a.TypeOrNull(3)) : a.T(0).Sum(a.Is(1), a.B(2), a.TypeOrNull(3))),
        Line("mean", a => a.IsNull(1) ? a.T(0).Mean(a.TypeOrNull(3)) : a.T(0).Mean(a.Is(1), a.B(2), a.TypeOrNull(3))),
        Line("prod", a => a.IsNull(1) ? a.T(0).Prod(a.TypeOrNull(3)) : a.T(0).Prod(a.I(1), a.B(2), a.TypeOrNull(3))),
        Line("amax", a => a.T(0).AMax(a.Is(1), a.B(2))), Line("amin", a => a.T(0).AMin(a.Is(1), a.B(2))),
        Line("max", a => a.T(0).Max()), Line("min", a => a.T(0).Min()),
        Pair("max_dim", a => a.T(0).Max(a.I(1), a.B(2))), Pair("min_dim", a => a.T(0).Min(a.I(1), a.B(2))),
        Line("argmax", a => a.IsNull(1) ? a.T(0).ArgMax() : a.T(0).ArgMax(a.I(1), a.B(2))),
        Line("argmin", a => a.IsNull(1) ? a.T(0).ArgMin() : a.T(0).ArgMin(a.I(1), a.B(2))),
        Line("var", a => a.T(0).Var(a.Is(1), a.B(2), a.I(3))), Line("std", a => a.T(0).Std(a.Is(1), a.B(2), a.I(3))),
        Line("norm", a => a.T(0).Norm(a.D(1), a.Is(2), a.B(3))), Line("logsumexp", a => a.T(0).LogSumExp(a.Is(1), a.B(2))),
        Line("any", a => a.IsNull(1) ? a.T(0).Any() : a.T(0).Any(a.I(1), a.B(2))), Line("all", a => a.IsNull(1) ? a.T(0).All() : a.T(0).All(a.I(1), a.B(2))),
        Line("count_nonzero", a => a.IsNull(1) ? a.T(0).CountNonZero() : a.T(0).CountNonZero(a.Is(1))),
        Line("cumsum", a => a.T(0).CumSum(a.I(1), a.TypeOrNull(2))),
        Line("softmax", a => a.T(0).Softmax(a.I(1))), Line("log_softmax", a => a.T(0).LogSoftmax(a.I(1))), Line("softmin", a => a.T(0).Softmin(a.I(1))),
    ];

    private static KeyValuePair<string, Func<Arguments, Tensor[]>>[] Views =>
    [
        Line("reshape", a => a.T(0).Reshape(a.Is(1))), Line("view", a => a.T(0).View(a.Is(1))), Line("flatten", a => a.T(0).Flatten(a.I(1), a.I(2))),
        Line("unflatten", a => a.T(0).Unflatten(a.I(1), a.Is(2))), Line("squeeze", a => a.IsNull(1) ? a.T(0).Squeeze() : a.T(0).Squeeze(a.I(1))),
        Line("unsqueeze", a => a.T(0).Unsqueeze(a.I(1))), Line("transpose", a => a.T(0).Transpose(a.I(1), a.I(2))),
        Line("permute", a => a.T(0).Permute(a.Is(1))),
        Line("movedim", a => a.T(0).MoveDim(a.Is(1), a.Is(2))), Line("narrow", a => a.T(0).Narrow(a.I(1), a.I(2), a.I(3))),
        Line("select", a => a.T(0).Select(a.I(1), a.I(2))), Line("expand", a => a.T(0).Expand(a.Is(1))), Line("broadcast_to", a => a.T(0).BroadcastTo(a.Is(1))),
        Line("repeat", a => a.T(0).Repeat(a.Is(1))), Line("tile", a => a.T(0).Tile(a.Is(1))),
        Line("repeat_interleave", a => a.IsNull(2) ? a.T(0).RepeatInterleave(a.I(1)) : a.T(0).RepeatInterleave(a.I(1), a.I(2))),
        Line("flip", a => a.T(0).Flip(a.Is(1))), Line("roll", a => a.IsNull(2) ? a.T(0).Roll(a.Is(1)) : a.T(0).Roll(a.Is(1), a.Is(2))),
        Line("diagonal", a => a.T(0).Diagonal(a.I(1), a.I(2), a.I(3))), Line("tril", a => a.T(0).Tril(a.I(1))), Line("triu", a => a.T(0).Triu(a.I(1))),
        Lines("split", a => a.IsList(1) ? a.T(0).Split(a.Is(1), a.I(2)) : a.T(0).Split(a.I(1), a.I(2))), Lines("chunk", a => a.T(0).Chunk(a.I(1), a.I(2))),
        Lines("unbind", a => a.T(0).Unbind(a.I(1))), Line("cat", a => Tensor.Cat(a.Ts(0), a.I(1))), Line("stack", a => Tensor.Stack(a.Ts(0), a.I(1))),
    ];

    private static KeyValuePair<string, Func<Arguments, Tensor[]>>[] Indexing =>
    [
        Line("getitem", a => a.T(0)[a.Index(1)]),
        Line("setitem", a =>
        {
            Tensor y = a.T(0).Clone();
            y[a.Index(1)] = a.IsTensor(2) ? a.T(2) : a.N(2);
            return y;
        }),
        Line("gather", a => a.T(0).Gather(a.I(1), a.T(2))),
        Line("scatter", a => a.IsTensor(3) ? a.T(0).Scatter(a.I(1), a.T(2), a.T(3)) : a.T(0).Scatter(a.I(1), a.T(2), a.N(3))),
        Line("scatter_add", a => a.T(0).ScatterAdd(a.I(1), a.T(2), a.T(3))), Line("index_select", a => a.T(0).IndexSelect(a.I(1), a.T(2))),
        Line("index_add", a => a.T(0).IndexAdd(a.I(1), a.T(2), a.T(3), a.NOrNull(4))), Line("masked_select", a => a.T(0).MaskedSelect(a.T(1))),
        Line("nonzero", a => a.T(0).NonZero()), Lines("where_indices", a => Tensor.Where(a.T(0))), Line("one_hot", a => a.T(0).OneHot(a.I(1))),
        Pair("sort", a => a.T(0).Sort(a.I(1), a.B(2))), Line("argsort", a => a.T(0).ArgSort(a.I(1), a.B(2))),
        Pair("topk", a => a.T(0).TopK(a.I(1), a.I(2), a.B(3))), Line("embedding", a => F.Embedding(a.T(0), a.T(1), a.IOrNull(2))),
    ];
}

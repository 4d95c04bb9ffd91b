using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests;

/// <summary>Operands on two devices: an error that names the operation's devices and what to do, in whatever place the stranger is.</summary>
public sealed class TwoDevicesTests
{
    /// <summary>An operation of tensors, each of which is once on another device than the others.</summary>
    private sealed record Case(string Name, Tensor[] Inputs, Func<Tensor[], object> Run);

    private static Tensor X(params int[] shape) => Tensor.Linspace(0.1, 0.9, (int)new Shape(shape).Elements).Reshape(shape);

    private static Tensor Indices(params int[] shape) => Tensor.Zeros(new Shape(shape), DType.Int64);

    private static Case Of(string name, Func<Tensor, Tensor, object> run) => new(name, [X(2, 3), X(2, 3)], t => run(t[0], t[1]));

    private static Case OfThree(string name, Tensor a, Tensor b, Tensor c, Func<Tensor, Tensor, Tensor, object> run) => new(name, [a, b, c],
        t => run(t[0], t[1], t[2]));

    private static object InPlace(Action act)
    {
        act();
        return true;
    }

    private static readonly Case[] Cases =
    [
        Of("+", (a, b) => a + b), Of("-", (a, b) => a - b), Of("*", (a, b) => a * b), Of("/", (a, b) => a / b), Of("%", (a, b) => a % b),
        Of("==", (a, b) => a == b), Of("!=", (a, b) => a != b),
        Of("<", (a, b) => a < b), Of("<=", (a, b) => a <= b), Of(">", (a, b) => a > b), Of(">=", (a, b) => a >= b),
        Of("Pow", (a, b) => a.Pow(b)), Of("Maximum", (a, b) => a.Maximum(b)), Of("Minimum", (a, b) => a.Minimum(b)),
        Of("FloorDivide", (a, b) => a.FloorDivide(b)), Of("Add scaled", (a, b) => a.Add(b, 2)),
        Of("IsClose", (a, b) => a.IsClose(b)), Of("AllClose", (a, b) => a.AllClose(b)), Of("Lerp", (a, b) => a.Lerp(b, 0.5)),
        Of("LerpInPlace", (a, b) => a.Clone().LerpInPlace(b, 0.5)),
        Of("+=", (a, b) => InPlace(() => { Tensor c = a.Clone(); c += b; })), Of("*=", (a, b) => InPlace(() => { Tensor c = a.Clone(); c *= b; })),
        Of("Clamp", (a, b) => a.Clamp(min: b)),
        Of("And", (a, b) => (a > 0) & (b > 0)), Of("Cat", (a, b) => Tensor.Cat([a, b])), Of("Stack", (a, b) => Tensor.Stack([a, b])),
        Of("MatMul", (a, b) => a.MatMul(b.T)), Of("Outer", (a, b) => a[0].Outer(b[0])), Of("Dot", (a, b) => a[0].Dot(b[0])),
        Of("Bmm", (a, b) => a.Unsqueeze(0).Bmm(b.T.Unsqueeze(0))), Of("MatMul vector", (a, b) => a.MatMul(b[0])),
        Of("MseLoss", (a, b) => F.MseLoss(a, b)), Of("L1Loss", (a, b) => F.L1Loss(a, b)), Of("SmoothL1Loss", (a, b) => F.SmoothL1Loss(a, b)),
        Of("HuberLoss", (a, b) => F.HuberLoss(a, b)),
        Of("BinaryCrossEntropy", (a, b) => F.BinaryCrossEntropy(a, b)), Of("BinaryCrossEntropyWithLogits", (a, b) => F.BinaryCrossEntropyWithLogits(a, b)),
        Of("KlDiv", (a, b) => F.KlDiv(a, b)),
        Of("CosineSimilarity", (a, b) => F.CosineSimilarity(a, b)), Of("CrossEntropy of probabilities", (a, b) => F.CrossEntropy(a, b)),
        Of("Grad", (a, b) => InPlace(() => a.Detach().Grad = b)),
        Of("Backward", (a, b) => InPlace(() => { Tensor leaf = a.Clone().Detach(); leaf.RequiresGrad = true; (leaf * 2).Backward(b); })),
        new("CrossEntropy", [X(2, 3), Indices(2)], t => F.CrossEntropy(t[0], t[1])), new("NllLoss", [X(2, 3), Indices(2)], t => F.NllLoss(t[0], t[1])),
        OfThree("CrossEntropy weighted", X(2, 3), Indices(2), X(3), (a, b, c) => F.CrossEntropy(a, b, c)),
        OfThree("NllLoss weighted", X(2, 3), Indices(2), X(3), (a, b, c) => F.NllLoss(a, b, c)),
        OfThree("BinaryCrossEntropy weighted", X(2, 3), X(2, 3), X(3), (a, b, c) => F.BinaryCrossEntropy(a, b, c)),
        OfThree("BinaryCrossEntropyWithLogits weighted", X(2, 3), X(2, 3), X(3), (a, b, c) => F.BinaryCrossEntropyWithLogits(a, b, posWeight: c)),
        OfThree("Where", X(2, 3) > 0.5, X(2, 3), X(2, 3), Tensor.Where), OfThree("Lerp of tensors", X(2, 3), X(2, 3), X(2, 3), (a, b, c) => a.Lerp(b, c)),
        OfThree("AddMm", X(2, 2), X(2, 3), X(3, 2), (a, b, c) => a.AddMm(b, c)),
        OfThree("Clamp of both", X(2, 3), X(2, 3), X(2, 3), (a, b, c) => a.Clamp(b, c)),
        OfThree("Cat of three", X(2, 3), X(2, 3), X(2, 3), (a, b, c) => Tensor.Cat([a, b, c])),
        new("Gather", [X(2, 3), Indices(2, 3)], t => t[0].Gather(1, t[1])), new("IndexSelect", [X(2, 3), Indices(2)], t => t[0].IndexSelect(1, t[1])),
        new("Scatter number", [X(2, 3), Indices(2, 3)], t => t[0].Scatter(1, t[1], 1)),
        OfThree("Scatter", X(2, 3), Indices(2, 3), X(2, 3), (a, b, c) => a.Scatter(1, b, c)),
        OfThree("ScatterAdd", X(2, 3), Indices(2, 3), X(2, 3), (a, b, c) => a.ScatterAdd(1, b, c)),
        OfThree("IndexAdd", X(2, 3), Indices(2), X(2, 2), (a, b, c) => a.IndexAdd(1, b, c)),
        new("MaskedFill", [X(2, 3), X(2, 3) > 0.5], t => t[0].MaskedFill(t[1], 0)), new("MaskedSelect", [X(2, 3), X(2, 3) > 0.5], t => t[0].MaskedSelect(t[1])),
        new("MaskedFillInPlace", [X(2, 3), X(2, 3) > 0.5], t => t[0].Clone().MaskedFillInPlace(t[1], 0)),
        new("Put", [X(2, 3), X(3)], t => InPlace(() => t[0].Clone()[0] = t[1])),
        OfThree("Linear", X(2, 3), X(4, 3), X(4), (a, b, c) => F.Linear(a, b, c)), new("Embedding", [Indices(2), X(4, 3)], t => F.Embedding(t[0], t[1])),
        OfThree("Conv2d", X(1, 2, 5, 5), X(3, 2, 3, 3), X(3), (a, b, c) => F.Conv2d(a, b, c)),
        OfThree("ConvTranspose2d", X(1, 2, 5, 5), X(2, 3, 3, 3), X(3), (a, b, c) => F.ConvTranspose2d(a, b, c)),
        OfThree("LayerNorm", X(2, 3), X(3), X(3), (a, b, c) => F.LayerNorm(a, [3], b, c)),
        OfThree("GroupNorm", X(2, 4, 3), X(4), X(4), (a, b, c) => F.GroupNorm(a, 2, b, c)), new("RmsNorm", [X(2, 3), X(3)], t => F.RmsNorm(t[0], [3], t[1])),
        OfThree("BatchNorm", X(2, 4, 3), X(4), X(4), (a, b, c) => F.BatchNorm(a, b, c)),
        new("BatchNorm weighted", [X(2, 4, 3), X(4), X(4), X(4), X(4)], t => F.BatchNorm(t[0], t[1], t[2], t[3], t[4])),
        OfThree("InstanceNorm", X(2, 4, 3), X(4), X(4), (a, b, c) => F.InstanceNorm(a, weight: b, bias: c)),
        new("MaxUnpool2d", [X(1, 1, 2, 2), Indices(1, 1, 2, 2)], t => F.MaxUnpool2d(t[0], t[1], 2)),
    ];

    /// <summary>Of what stands between brackets, the processor is not elsewhere: index tensors may be there, as in PyTorch.</summary>
    private static readonly Case[] Indexed =
    [
        new("Take by index", [X(2, 3), Indices(2)], t => t[0][t[1]]),
        new("Mask", [X(2, 3), X(2, 3) > 0.5], t => t[0][t[1]]),
        new("Put by index", [X(2, 3), Indices(2)], t => InPlace(() => t[0].Clone()[t[1]] = 1)),
        new("Put by mask", [X(2, 3), X(2, 3) > 0.5], t => InPlace(() => t[0].Clone()[t[1]] = 1)),
    ];

    [Fact]
    public void Index_tensors_may_be_on_the_processor_but_not_elsewhere()
    {
        foreach (Case test in Indexed)
        {
            test.Run(test.Inputs);
            test.Run([test.Inputs[0].To(Device.Reference), test.Inputs[1]]);
            string message = Assert.ThrowsAny<ArgumentException>(() => test.Run([test.Inputs[0], test.Inputs[1].To(Device.Reference)])).Message;
            foreach (string part in (string[])["cpu", "reference", "To("]) Assert.True(message.Contains(part, StringComparison.Ordinal),
                $"{test.Name}: {message}");
        }
    }

    private static Parameter Learned(Tensor value) => new(value.Clone());

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void An_operand_elsewhere_is_an_error_that_names_both_devices_and_the_remedy(string name)
    {
        Case test = Assert.Single(Cases, c => c.Name == name);
        test.Run(test.Inputs);
        for (int stranger = 0; stranger < test.Inputs.Length; stranger++)
        {
            var inputs = (Tensor[])test.Inputs.Clone();
            inputs[stranger] = inputs[stranger].To(Device.Reference);
            string message = Assert.ThrowsAny<ArgumentException>(() => test.Run(inputs)).Message;
            foreach (string part in (string[])["cpu", "reference", "To("]) Assert.True(message.Contains(part, StringComparison.Ordinal),
                $"{name}, operand {stranger}: {message}");
        }
    }

    [Fact]
    public void Layers_refuse_input_from_elsewhere()
    {
        foreach ((Module<Tensor, Tensor> layer, Tensor input) in new (Module<Tensor, Tensor>, Tensor)[]
        {
            (new Linear(3, 2), X(2, 3)), (new Conv2d(2, 3, 3), X(1, 2, 5, 5)), (new ConvTranspose2d(2, 3, 3), X(1, 2, 5, 5)), (new BatchNorm1d(3), X(2, 3)),
            (new BatchNorm1d(3).Eval(), X(2, 3)),
            (new LayerNorm(3), X(2, 3)), (new GroupNorm(1, 3), X(2, 3, 4)), (new RmsNorm(3), X(2, 3)), (new Embedding(4, 3), Indices(2)),
            (new Sequential { new Linear(3, 2), new Relu() }, X(2, 3)),
            (new InstanceNorm2d(2, affine: true), X(1, 2, 5, 5)),
        })
        {
            layer.Call(input);
            string message = Assert.ThrowsAny<ArgumentException>(() => layer.Call(input.To(Device.Reference))).Message;
            foreach (string part in (string[])["cpu", "reference", "To("]) Assert.True(message.Contains(part, StringComparison.Ordinal), $"{layer}: {message}");
        }
    }

    [Fact]
    public void Optimizers_refuse_gradients_from_elsewhere()
    {
        foreach (Func<Parameter, Optimizer> make in (Func<Parameter, Optimizer>[])[p => new Sgd([p], 0.1), p => new Sgd([p], 0.1, momentum: 0.9),
            p => new Adam([p]), p => new AdamW([p]), p => new RmsProp([p]), p => new Adagrad([p])])
        {
            // The parameter has moved after a step, and what the optimizer remembers has not; or its gradient has, and it has not.
            Parameter moved = Learned(X(3));
            Optimizer optimizer = make(moved);
            moved.Grad = X(3);
            optimizer.Step();
            Tensor gradient = X(3);
            moved.Grad = gradient;
            gradient.MoveData(null, Device.Reference, false);
            string message = Assert.ThrowsAny<InvalidOperationException>(optimizer.Step).Message;
            foreach (string part in (string[])["cpu", "reference", "To("]) Assert.True(message.Contains(part, StringComparison.Ordinal),
                $"{optimizer}: {message}");
        }
    }
}

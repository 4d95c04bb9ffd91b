using Facula.NN;

namespace Facula.Tests.NN;

/// <summary>A copy of a module has all that the module has, and shares nothing with it.</summary>
public partial class CloneTests
{
    private abstract partial class Base : Module<Tensor, Tensor>
    {
        protected virtual Linear Hidden { get; } = new(3, 3);

        [Buffer]
        private readonly Tensor _mean = Tensor.Ones([3]);

        public override Tensor Forward(Tensor input) => Hidden.Call(input) - _mean;
    }

    private interface IHead
    {
        Linear Head { get; }
    }

    private sealed partial class Net<T>(T tail, int width) : Base, IHead where T : Module<Tensor, Tensor>
    {
        Linear IHead.Head { get; } = new(3, 3);

        protected override Linear Hidden { get; } = new(3, 3);

        public T Tail { get; } = tail;

        public required Parameter Scale { get; init; }

        [field: Buffer(Persistent = false)]
        public Tensor? Seen { get; private set; }

        private readonly ModuleList<Linear> _list = [new(3, 3), new(3, 3)];
        private readonly ModuleDict<Relu> _named = new() { ["a"] = new() };
        private readonly ParameterList _parameters = new(new Parameter(Tensor.Full([3], 2.0)));
        private Linear? _late;
        private Linear _alias = null!;

        public int Width => width;

        public Net<T> Tie()
        {
            _alias = _list[0];
            _late = new Linear(3, 3) { Weight = _list[1].Weight };
            return this;
        }

        public override Tensor Forward(Tensor input)
        {
            Seen = input.Detach().Clone();
            Tensor x = base.Forward(input) * Scale * _parameters[0];
            foreach (Linear layer in _list) x = _named["a"].Call(layer.Call(x));
            return Tail.Call(_alias.Call(_late!.Call(x)));
        }
    }

    private class ByHand : Module<Tensor, Tensor>
    {
        protected Linear Layer = new(2, 2);

        protected internal override void VisitMembers(MemberVisitor visitor) => visitor.Child("layer", Layer);

        public override Tensor Forward(Tensor input) => Layer.Call(input);
    }

    private sealed class ClonedByHand : ByHand
    {
        protected internal override void VisitMembers(MemberVisitor visitor) => base.VisitMembers(visitor);

        protected internal override void CloneMembers(ModuleCloner cloner) => cloner.Child(ref Layer);
    }

    private static Net<Sequential> Make() =>
        new Net<Sequential>(new Sequential(new Linear(3, 2), new BatchNorm1d(2), new Dropout(0.5)), 7) { Scale = new(Tensor.Full([3], 0.5)) }.Tie();

    [Fact]
    public void A_copy_computes_the_same_and_shares_nothing()
    {
        Net<Sequential> model = Make(), copy;
        Tensor x = Tensor.Randn([4, 3], generator: new(1));
        model.Call(x).Sum().Backward();
        model.Eval();
        copy = model.Clone();
        Assert.Equal(model.Call(x).ToArray<float>(), copy.Call(x).ToArray<float>());
        Assert.Equal(model.ToString(), copy.ToString());
        Assert.Equal(7, copy.Width);
        Assert.False(copy.IsTraining || copy.Tail.IsTraining);
        Assert.Equal(model.NamedParameters().Select(p => p.Name), copy.NamedParameters().Select(p => p.Name));
        Assert.Equal(model.StateDict().Keys, copy.StateDict().Keys);
        Assert.Empty(model.Modules().Intersect(copy.Modules()));
        Assert.Empty(model.Parameters().Cast<Tensor>().Concat(model.Buffers()).Intersect(copy.Parameters().Cast<Tensor>().Concat(copy.Buffers()),
            ReferenceEqualityComparer.Instance));
        Assert.All(copy.Parameters(), parameter => Assert.Null(parameter.Grad));

        float[] before = model.Call(x).ToArray<float>();
        foreach (Tensor tensor in (IEnumerable<Tensor>)[.. copy.Parameters(), .. copy.Buffers()]) Init.Constant(tensor, 3);
        Assert.Equal(before, model.Call(x).ToArray<float>());
    }

    [Fact]
    public void What_a_module_shares_within_itself_its_copy_shares_and_freezes_what_it_froze()
    {
        Net<Sequential> model = Make();
        model.Tail.RequiresGradInPlace(false);
        Net<Sequential> copy = model.Clone();
        Assert.Equal(model.Parameters().Count, copy.Parameters().Count);
        Assert.Equal(model.Parameters().Select(p => p.RequiresGrad), copy.Parameters().Select(p => p.RequiresGrad));
        Init.Constant(copy.NamedParameters().Single(p => p.Name == "list.1.weight").Parameter, 5);
        Assert.Equal(5, copy.StateDict()["late.weight"][0, 0].Item());
        Assert.NotEqual(5, model.StateDict()["late.weight"][0, 0].Item());
    }

    [Fact]
    public void Hooks_come_along_and_lists_grow_apart()
    {
        int calls = 0;
        var model = new Sequential(new Linear(2, 2));
        model.RegisterForwardHook((_, _, ref _) => calls++);
        Sequential copy = model.Clone();
        copy.Call(Tensor.Ones([1, 2]));
        Assert.Equal(1, calls);
        copy.Add(new Relu());
        Assert.Single(model);
    }

    [Fact]
    public void Every_layer_can_be_cloned()
    {
        Tensor x = Tensor.Randn([2, 4, 8, 8], generator: new(1));
        foreach (Module<Tensor, Tensor> layer in (Module<Tensor, Tensor>[])[new Conv2d(4, 2, 3), new ConvTranspose2d(4, 2, 3), new BatchNorm2d(4),
            new GroupNorm(2, 4), new LayerNorm(8),
            new RmsNorm(8), new InstanceNorm2d(4, affine: true), new Linear(8, 2), new MaxPool2d(2), new Upsample(scaleFactor: 2), new LeakyRelu(0.3),
            new Dropout2d(0), new Softmax(1)])
        {
            Module<Tensor, Tensor> copy = layer.Clone();
            Assert.NotSame(layer, copy);
            Assert.Equal(layer.Call(x).ToArray<float>(), copy.Call(x).ToArray<float>());
        }
        var loss = new CrossEntropyLoss(Tensor.Ones([3])).Clone();
        Assert.NotNull(loss.Weight);
    }

    [Fact]
    public void Who_shows_members_by_hand_says_how_they_are_copied()
    {
        string message = Assert.Throws<InvalidOperationException>(() => new Sequential(new ByHand()).Clone()).Message;
        Assert.Contains("0.layer", message);
        Assert.Contains("CloneMembers", message);
        var model = new ClonedByHand();
        ClonedByHand copy = model.Clone();
        Assert.Equal(model.Call(Tensor.Ones([1, 2])).ToArray<float>(), copy.Call(Tensor.Ones([1, 2])).ToArray<float>());
        Assert.Empty(model.Parameters().Intersect(copy.Parameters()));
    }
}

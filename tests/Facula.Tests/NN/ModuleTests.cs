using Facula.NN;

namespace Facula.Tests.NN;

internal sealed partial class Mlp : Module<Tensor, Tensor>
{
    private readonly Linear linear1 = new(4, 3);
    private readonly Linear linear2 = new(3, 2);
    private readonly Dropout _dropout = new(0.25);

    public override Tensor Forward(Tensor input) => _dropout.Call(linear2.Call(Functional.Relu(linear1.Call(input))));
}

internal sealed partial class Running : Module<Tensor, Tensor>
{
    [Buffer] public Tensor RunningMean { get; } = Tensor.Zeros(3);
    [Buffer(Persistent = false)] public Tensor Scratch { get; } = Tensor.Ones(2);
    [Buffer] public Tensor NumBatchesTracked { get; } = Tensor.Full([], 7);
    public Parameter Weight { get; } = new(Tensor.Ones(3));

    public override Tensor Forward(Tensor input) => input * Weight + RunningMean;
}

internal sealed partial class Tied : Module<Tensor, Tensor>
{
    public Linear Encoder { get; } = new(3, 3);
    public Linear Decoder { get; }
    public Parameter Alias { get; }

    public Tied()
    {
        Decoder = Encoder;
        Alias = Encoder.Weight;
    }

    public override Tensor Forward(Tensor input) => Decoder.Call(Encoder.Call(input)).MatMul(Alias);
}

internal sealed partial class Nested : Module<Tensor, Tensor>
{
    public Running Norm { get; } = new();
    public Mlp Body { get; } = new();
    [StateName("out")] public Linear? Head { get; init; }

    public override Tensor Forward(Tensor input) => Body.Call(input);
}

public sealed class ModuleTests
{
    [Fact]
    public void Members_are_listed_in_order_under_PyTorchs_names()
    {
        var model = new Mlp();
        Assert.Equal(["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"], model.NamedParameters().Select(p => p.Name));
        Assert.Equal(["", "linear1", "linear2", "dropout"], model.NamedModules().Select(m => m.Name));
        Assert.Equal(["linear1", "linear2", "dropout"], model.NamedChildren().Select(c => c.Name));
        Assert.Equal(["net.linear1.weight", "net.linear1.bias", "net.linear2.weight", "net.linear2.bias"], model.NamedParameters("net").Select(p => p.Name));
        Assert.Empty(model.Parameters(recurse: false));
        Assert.Equal(4, model.Modules().Count);
    }

    [Fact]
    public void State_has_parameters_then_persistent_buffers_then_children()
    {
        var model = new Nested { Head = new(2, 2, bias: false) };
        Assert.Equal(
        [
            "norm.weight", "norm.running_mean", "norm.num_batches_tracked", "body.linear1.weight", "body.linear1.bias", "body.linear2.weight",
            "body.linear2.bias", "out.weight",
        ], model.StateDict().Keys);
        Assert.Equal(["norm.running_mean", "norm.scratch", "norm.num_batches_tracked"], model.NamedBuffers().Select(b => b.Name));
        Assert.DoesNotContain("out.weight", new Nested().StateDict().Keys);
    }

    [Fact]
    public void State_is_a_copy_without_history()
    {
        var layer = new Linear(2, 2);
        float[] before = layer.Weight.ToArray<float>();
        IReadOnlyDictionary<string, Tensor> state = layer.StateDict();
        Assert.False(state["weight"].RequiresGrad);
        Init.Constant(layer.Weight, 3);
        Assert.Equal(before, state["weight"].ToArray<float>());
        layer.LoadStateDict(state);
        Assert.Equal(before, layer.Weight.ToArray<float>());
    }

    [Fact]
    public void Shared_parameters_and_modules_are_listed_once_but_saved_under_every_name()
    {
        var model = new Tied();
        Assert.Equal(["alias", "encoder.bias"], model.NamedParameters().Select(p => p.Name));
        Assert.Single(model.Children());
        Assert.Equal(["alias", "encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"], model.StateDict().Keys);
        model.To(DType.Float64);
        Assert.Same(model.Encoder.Weight, model.Alias);
        Assert.Equal(DType.Float64, model.Alias.DType);
    }

    [Fact]
    public void Loading_copies_converts_and_reports_differences()
    {
        Mlp from = new(), to = new();
        var state = from.StateDict().ToDictionary(entry => entry.Key, entry => entry.Value.To(DType.Float64));
        LoadResult result = to.LoadStateDict(state);
        Assert.Empty(result.MissingKeys);
        Assert.Empty(result.UnexpectedKeys);
        foreach ((Parameter a, Parameter b) in from.Parameters().Zip(to.Parameters())) Assert.Equal(a.ToArray<float>(), b.ToArray<float>());
        Assert.Equal(DType.Float32, to.Parameters()[0].DType);

        state.Remove("linear1.bias");
        state["extra"] = Tensor.Zeros(1);
        result = to.LoadStateDict(state, strict: false);
        Assert.Equal(["linear1.bias"], result.MissingKeys);
        Assert.Equal(["extra"], result.UnexpectedKeys);
    }

    [Fact]
    public void Loading_what_does_not_fit_is_an_error_that_lists_everything_and_changes_nothing()
    {
        var model = new Mlp();
        float[] before = model.Parameters()[0].ToArray<float>();
        var state = model.StateDict().ToDictionary(entry => entry.Key, entry => entry.Value.OnesLike());
        state.Remove("linear1.bias");
        state.Remove("linear2.weight");
        state["linear2.bias"] = Tensor.Zeros(5);
        state["extra.weight"] = Tensor.Zeros(1);
        var error = Assert.Throws<ArgumentException>(() => model.LoadStateDict(state));
        // The text of PyTorch's error but for "torch.Size(...)" around shapes.
        Assert.Equal(
            "Error(s) in loading state_dict for Mlp:\n" +
            "\tMissing key(s) in state_dict: \"linear1.bias\", \"linear2.weight\".\n" +
            "\tUnexpected key(s) in state_dict: \"extra.weight\".\n" +
            "\tsize mismatch for linear2.bias: copying a param with shape [5] from checkpoint, the shape in current model is [2].", error.Message);
        Assert.Equal(before, model.Parameters()[0].ToArray<float>());
        Assert.Throws<ArgumentException>(() => model.LoadStateDict(state, strict: false));
    }

    [Fact]
    public void Modes_reach_every_module()
    {
        var model = new Nested();
        Assert.All(model.Modules(), m => Assert.True(m.IsTraining));
        Nested same = model.Eval();
        Assert.Same(model, same);
        Assert.All(model.Modules(), m => Assert.False(m.IsTraining));
        model.Body.Train();
        Assert.False(model.IsTraining);
        Assert.True(model.Body.IsTraining);
        Tensor x = Tensor.Ones(1000, 4);
        Assert.Equal(0.25, model.Body.Eval().Train().Call(x).ToArray<float>().Count(v => v == 0) / 2000.0, 0.06);
        Assert.DoesNotContain(0, model.Body.Eval().Call(x).ToArray<float>());
    }

    [Fact]
    public void Moving_keeps_the_identity_of_parameters_and_their_gradients()
    {
        var model = new Nested();
        Parameter weight = model.Parameters()[0], other = model.Body.Parameters()[0];
        model.Body.Call(Tensor.Ones(2, 4)).Sum().Backward();
        float[] gradient = other.Grad!.ToArray<float>();
        model.To(DType.Float64);
        Assert.Same(weight, model.Parameters()[0]);
        Assert.Equal(DType.Float64, weight.DType);
        Assert.Equal(DType.Float64, model.Norm.RunningMean.DType);
        Assert.Equal(DType.Int64, model.Norm.NumBatchesTracked.DType);
        Assert.Equal(DType.Float64, other.Grad!.DType);
        Assert.Equal(gradient, other.Grad!.ToArray<float>());
        Assert.True(weight.RequiresGrad && weight.IsLeaf);

        // A gradient computed after the move is of the new type.
        model.ZeroGrad();
        model.Eval().Body.Call(Tensor.Ones([2, 4], DType.Float64)).Sum().Backward();
        Assert.Equal(DType.Float64, other.Grad!.DType);

        model.To(Device.Reference);
        Assert.All(model.Parameters(), p => Assert.Equal(Device.Reference, p.Device));
        Assert.All(model.Buffers(), b => Assert.Equal(Device.Reference, b.Device));
        Assert.Throws<ArgumentException>(() => model.To(DType.Int64));
    }

    [Fact]
    public void Gradients_are_cleared_and_freezing_stops_them()
    {
        var model = new Mlp().Eval();
        model.Call(Tensor.Ones(2, 4)).Sum().Backward();
        model.ZeroGrad(setToNone: false);
        Assert.All(model.Parameters(), p => Assert.All(p.Grad!.ToArray<float>(), v => Assert.Equal(0, v)));
        model.ZeroGrad();
        Assert.All(model.Parameters(), p => Assert.Null(p.Grad));
        model.RequiresGradInPlace(false);
        Assert.False(model.Call(Tensor.Ones(2, 4)).RequiresGrad);
        model.RequiresGradInPlace();
        Assert.True(model.Call(Tensor.Ones(2, 4)).RequiresGrad);
    }

    [Fact]
    public void Apply_visits_children_before_their_parent()
    {
        var seen = new List<string>();
        new Mlp().Apply(m => seen.Add(m.GetType().Name));
        Assert.Equal(["Linear", "Linear", "Dropout", "Mlp"], seen);
    }

    [Fact]
    public void Hooks_see_and_change_what_goes_in_and_comes_out()
    {
        var layer = new Identity();
        Tensor one = Tensor.Ones(1);
        var log = new List<string>();
        IDisposable pre = layer.RegisterForwardPreHook((Module module, ref Tensor input) =>
        {
            log.Add("pre");
            input = input + 1;
        });
        IDisposable post = layer.RegisterForwardHook((Module module, Tensor input, ref Tensor output) =>
        {
            log.Add($"post {input.Item()}");
            output = output * 10;
        });
        Assert.Equal(20, layer.Call(one).Item());
#pragma warning disable FAC010 // Forward leaves out the hooks: that is what is tested.
        Assert.Equal(1, layer.Forward(one).Item());
#pragma warning restore FAC010
        Assert.Equal(["pre", "post 2"], log);
        pre.Dispose();
        pre.Dispose();
        Assert.Equal(10, layer.Call(one).Item());
        post.Dispose();
        Assert.Equal(1, layer.Call(one).Item());

        // A hook may take itself away.
        IDisposable? once = null;
        once = layer.RegisterForwardHook((_, _, ref output) =>
        {
            once!.Dispose();
            output = output * 2;
        });
        Assert.Equal(2, layer.Call(one).Item());
        Assert.Equal(1, layer.Call(one).Item());
    }

    [Fact]
    public void A_module_is_a_function()
    {
        Func<Tensor, Tensor> model = new Linear(3, 2);
        Assert.Equal([5, 2], model(Tensor.Ones(5, 3)).Shape);
    }

    [Fact]
    public void A_parameter_shares_the_elements_it_is_made_of()
    {
        Tensor data = Tensor.Zeros(2);
        var parameter = new Parameter(data);
        data.FillInPlace(5);
        Assert.Equal([5, 5], parameter.ToArray<float>());
        Assert.True(parameter.RequiresGrad && parameter.IsLeaf);
        Assert.False(new Parameter(data, requiresGrad: false).RequiresGrad);
        Assert.Throws<InvalidOperationException>(() => new Parameter(Tensor.Full([2], 1)));
        data.Dispose();
        Assert.Equal([5, 5], parameter.ToArray<float>());
        Assert.StartsWith("Parameter containing:\n", parameter.ToString(), StringComparison.Ordinal);
    }
}

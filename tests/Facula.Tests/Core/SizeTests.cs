using Facula.Data;
using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests.Core;

/// <summary>Sizes that do not fit, ranks beyond 64, nesting without end: an error that says so, never memory that is not the tensor's.</summary>
public sealed class SizeTests
{
    private static Tensor Huge => Tensor.Zeros([1, 1, 1]).Expand(1 << 30, 1 << 30, 4);

    public static TheoryData<string, Action> TooLarge => new()
    {
        { "Zeros", () => Tensor.Zeros([1 << 30, 1 << 30, 4]) },
        { "Ones", () => Tensor.Ones([int.MaxValue, int.MaxValue, int.MaxValue]) },
        { "Randn", () => Tensor.Randn([1 << 30, 1 << 30, 4]) },
        { "Clone", () => Huge.Clone() },
        { "To", () => Huge.To(DType.Float64) },
        { "Stack", () => Tensor.Stack([Huge, Huge]) },
        { "exp", () => Huge.Exp() },
        { "add", () => (Huge + 1).ToString() },
        { "Flip", () => Huge.Flip(0) },
        { "CountNonZero", () => Huge.NonZero() },
        { "SafeTensors", () => Facula.IO.SafeTensors.Save(Path.Combine(Path.GetTempPath(), "facula-never-written"), [new("huge", Huge), new("again", Huge)]) },
        { "OneHot", () => Tensor.Zeros([1, 1], DType.Int64).Expand(1 << 30, 1 << 30).OneHot(4) },
        { "Gather", () => Huge.Gather(0, Tensor.Zeros([1, 1, 1], DType.Int64).Expand(1 << 30, 1 << 30, 4)) },
        { "Expand", () => Tensor.Zeros([1]).Expand(int.MaxValue, int.MaxValue, int.MaxValue) },
        { "Repeat", () => Tensor.Zeros([2]).Repeat(int.MaxValue) },
        { "Repeat", () => Tensor.Zeros([1]).Repeat(1 << 30, 1 << 30, 4) },
        { "RepeatInterleave", () => Tensor.Zeros([2]).RepeatInterleave(int.MaxValue, 0) },
        { "Flatten", () => Tensor.Zeros([1, 1], DType.UInt8).Expand(1 << 16, 1 << 16).Flatten() },
        { "Pad", () => F.Pad(Tensor.Zeros([2]), [int.MaxValue, 0]) },
        { "Pad", () => F.Pad(Tensor.Zeros([2]), [int.MaxValue, int.MaxValue], PaddingMode.Replicate) },
        { "Conv2d", () => F.Conv2d(Tensor.Zeros([1, 1, 6, 6]), Tensor.Zeros([1, 1, 3, 3]), padding: int.MaxValue) },
        { "Conv1d", () => F.Conv1d(Tensor.Zeros([1, 1, 6]), Tensor.Zeros([1, 1, 3]), stride: int.MaxValue, padding: int.MaxValue) },
        { "ConvTranspose1d", () => F.ConvTranspose1d(Tensor.Zeros([1, 1, 6]), Tensor.Zeros([1, 1, 3]), stride: int.MaxValue) },
        { "MaxUnpool1d", () => F.MaxUnpool1d(Tensor.Zeros([1, 1, 6]), Tensor.Zeros([1, 1, 6], DType.Int64), 2, stride: int.MaxValue) },
        { "Unfold", () => F.Unfold(Tensor.Zeros([1, 1, 6, 6]), 2, padding: int.MaxValue) },
        { "Interpolate", () => F.Interpolate(Tensor.Zeros([1, 1, 6]), scaleFactor: 1e18) },
        { "PixelShuffle", () => F.PixelShuffle(Tensor.Zeros([1, 1, 6, 6]), int.MaxValue) },
        { "Multinomial", () => Tensor.Ones([2, 2]).Multinomial(1 << 30, replacement: true) },
        { "Arange", () => Tensor.Arange(long.MinValue, long.MaxValue) },
    };

    [Theory, MemberData(nameof(TooLarge))]
    public void What_does_not_fit_is_said_with_its_operation(string operation, Action run)
    {
        Exception error = Assert.ThrowsAny<Exception>(run);
        Assert.True(error is ArgumentException or OutOfMemoryException, error.ToString());
        Assert.StartsWith(operation, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void What_there_is_no_room_for_is_said_with_shape_and_bytes()
    {
        string message = Assert.Throws<OutOfMemoryException>(() => Huge.Clone()).Message;
        Assert.Contains("[1073741824, 1073741824, 4]", message);
        Assert.Contains($"{(Int128)(1L << 62) * 4} bytes", message);
    }

    [Fact]
    public void What_is_repeated_is_written_once()
    {
        Tensor one = Tensor.Zeros([1, 1, 1]), vast = one.Expand(1 << 30, 1 << 30, 4);
        vast.FillInPlace(1);
        Assert.Equal(1, one.Item());
        vast[TensorIndex.Ellipsis] = Tensor.Full([1], 2.0);
        Assert.Equal(2, one.Item());
    }

    [Fact]
    public void Views_stay_within_their_tensor()
    {
        Tensor x = Tensor.Arange(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Narrow(0, 1, int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Narrow(0, int.MinValue, 1));
        Assert.Equal([1], x[TensorIndex.Slice(1, step: int.MaxValue)].ToArray<long>());
        Assert.Equal([0], x[TensorIndex.Slice(step: int.MaxValue)].ToArray<long>());
        Assert.Equal(0, x[TensorIndex.Slice(10, step: int.MaxValue)].Count);
        Assert.Equal([10L], x.Split(int.MaxValue).Select(part => part.Count));
        Assert.Single(x.Chunk(1));
        Assert.Throws<InvalidOperationException>(() => x.Alias(new Layout([11], [1], 0)));
        Assert.Throws<InvalidOperationException>(() => x.Alias(new Layout([2], [9], 1)));
    }

    [Fact]
    public void A_number_has_no_dimensions()
    {
        Assert.StartsWith("Size: a tensor of rank 0", Assert.Throws<ArgumentException>(() => Tensor.Zeros([]).Size(0)).Message);
        Assert.StartsWith("Narrow: a tensor of rank 0", Assert.Throws<ArgumentException>(() => Tensor.Zeros([]).Narrow(0, 0, 1)).Message);
    }

    [Fact]
    public void Ranks_end_at_64()
    {
        int[] most = [.. Enumerable.Repeat(1, 64)], more = [.. Enumerable.Repeat(1, 1_000_000)];
        Assert.Equal(64, Tensor.Zeros(most).Rank);
        Assert.StartsWith("Zeros: a tensor has at most 64 dimensions, but 1000000", Assert.Throws<ArgumentException>(() => Tensor.Zeros(more)).Message);
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([1]).Reshape(more));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([1]).Expand(more));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([1]).Repeat(more));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(most).Unsqueeze(0));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([1])[[.. Enumerable.Repeat(TensorIndex.NewAxis, 100)]]);
    }

    [Fact]
    public void What_is_remembered_of_one_parameter_is_of_no_use_to_another()
    {
        var parameter = new Parameter(Tensor.Ones([1000]));
        var optimizer = new Sgd([parameter], learningRate: 0.1, momentum: 0.9);
        parameter.Grad = Tensor.Ones([1000]);
        optimizer.Step();
        ParameterState state = optimizer.ParameterGroups[0].States[0];
        Assert.Throws<ArgumentException>(() => state.Prepare(state.Names, Tensor.Ones([2])));
        optimizer = new Sgd([parameter], learningRate: 0.1, momentum: 0.9);
        optimizer.ParameterGroups[0].States[0].Prepare(state.Names, Tensor.Ones([2]));
        Assert.Contains("momentum_buffer has shape [2]", Assert.Throws<ArgumentException>(optimizer.Step).Message);
    }

    [Fact]
    public void Modules_nested_too_deeply_are_an_error()
    {
        Module<Tensor, Tensor> deep = new Identity();
        for (int i = 0; i < 100_000; i++) deep = new Sequential(deep);
        foreach (Action use in (Action[])[() => deep.Parameters(), () => deep.StateDict(), () => deep.Train(), () => deep.To(DType.Float64),
            () => deep.ToString(),
            () => deep.Apply(_ => { }), () => deep.Summary([1]), () => deep.Call(Tensor.Zeros([1]))])
        {
            Assert.Contains("nested", Assert.Throws<InvalidOperationException>(use).Message);
        }
    }

    [Fact]
    public void A_module_within_itself_is_an_error()
    {
        var list = new ModuleList<Module>();
        list.Add(list);
        foreach (Action use in (Action[])[() => list.Parameters(), () => list.StateDict(), () => list.ToString(), () => list.Apply(_ => { })])
            Assert.Throws<InvalidOperationException>(use);
    }

    [Fact]
    public void Datasets_may_be_nested_deeply()
    {
        Dataset<(Tensor, Tensor)> deep = new TensorDataset(Tensor.Zeros([1]), Tensor.Zeros([1]));
        for (int i = 0; i < 200_000; i++) deep = new Subset<(Tensor, Tensor)>(deep, [0]);
        // Where the compiler makes jumps of the calls, the stack does not grow.
        foreach (Action use in (Action[])[() => _ = deep[0], () => _ = new DataLoader(deep)])
            Assert.True(Record.Exception(use) is null or InvalidOperationException);
    }

    [Fact]
    public void Graphs_may_be_deep()
    {
        Tensor x = Tensor.Ones([1], requiresGrad: true), y = x, view = x * 1;
        for (int i = 0; i < 200_000; i++) (y, view) = (y * 1, view.Reshape(i % 2 == 0 ? [1, 1] : [1]));
        (y.Sum() + view.Sum()).Backward();
        Assert.Equal(2, x.Grad!.Item());
        Assert.StartsWith("tensor([1.], grad_fn=", y.ToString());
    }

    [Fact]
    public void Places_in_lists_and_shapes_are_checked_by_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shape([2, 3])[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModuleList<Module>()[0]);
        Assert.Throws<ArgumentException>(() => new Sequential()["absent"]);
        Assert.Throws<ArgumentException>(() => new ModuleDict<Module>()["absent"]);
        Assert.StartsWith("IndexSelect: index 7",
            Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros([5]).IndexSelect(0, Tensor.From([7L]))).Message);
        Assert.StartsWith("Tanh: input is null", Assert.Throws<ArgumentNullException>(() => F.Tanh(null!)).Message);
    }
}

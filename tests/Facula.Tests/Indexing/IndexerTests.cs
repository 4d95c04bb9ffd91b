using System.Runtime.CompilerServices;
using static Facula.TensorIndex;

namespace Facula.Tests.Indexing;

public class IndexerTests
{
    private static readonly (string Name, Func<Tensor, Tensor> Get, int[] Shape, long[] Values)[] Gets =
    [
        Case(x => x[0], [3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        Case(x => x[^1], [3, 4], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Case(x => x[-1, -2], [4], [16, 17, 18, 19]),
        Case(x => x[1, 2, 3], [], [23]),
        Case(x => x[..], [2, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Case(x => x[0..1], [1, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        Case(x => x[.., 1..], [2, 2, 4], [4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23]),
        Case(x => x[.., .., ^2..], [2, 3, 2], [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23]),
        Case(x => x[.., 1..^1, 0], [2, 1], [4, 16]),
        Case(x => x[0..100, 2..50], [2, 1, 4], [8, 9, 10, 11, 20, 21, 22, 23]),
        Case(x => x[1..1], [0, 3, 4], []),
        Case(x => x[.., 2..1], [2, 0, 4], []),
        Case(x => x[NewAxis, 0], [1, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        Case(x => x[0, NewAxis, .., NewAxis, 1], [1, 3, 1], [1, 5, 9]),
        Case(x => x[Ellipsis, 0], [2, 3], [0, 4, 8, 12, 16, 20]),
        Case(x => x[0, Ellipsis], [3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        Case(x => x[1, Ellipsis, 2, 3], [], [23]),
        Case(x => x[1, 2, 3, Ellipsis], [], [23]),
        Case(x => x[.., Slice(null, null, 2)], [2, 2, 4], [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23]),
        Case(x => x[All, All, Slice(1, null, 2)], [2, 3, 2], [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23]),
        Case(x => x[All, All, Slice(-3, -1)], [2, 3, 2], [1, 2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22]),
        Case(x => x[Ellipsis, Slice(0, 4, 3)], [2, 3, 2], [0, 3, 4, 7, 8, 11, 12, 15, 16, 19, 20, 23]),
        Case(x => x[Ellipsis, Slice(-100, 100, 100)], [2, 3, 1], [0, 4, 8, 12, 16, 20]),
        Case(x => x[I(1, 0, 1)], [3, 3, 4],
            [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Case(x => x[.., I(2, 0)], [2, 2, 4], [8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15]),
        Case(x => x[Ellipsis, I(-1, 0, -4)], [2, 3, 3], [3, 0, 0, 7, 4, 4, 11, 8, 8, 15, 12, 12, 19, 16, 16, 23, 20, 20]),
        Case(x => x[I(1, 0), I(2, -3)], [2, 4], [20, 21, 22, 23, 0, 1, 2, 3]),
        Case(x => x[I(1, 0), .., I(2, 3)], [2, 3], [14, 18, 22, 3, 7, 11]),
        Case(x => x[.., I(1, 0), I(2, 3)], [2, 2], [6, 3, 18, 15]),
        Case(x => x[I(1, 0).Reshape(2, 1), I(0, 2)], [2, 2, 4], [12, 13, 14, 15, 20, 21, 22, 23, 0, 1, 2, 3, 8, 9, 10, 11]),
        Case(x => x[I(1), I(0, 2), I(3)], [2], [15, 23]),
        Case(x => x[0, .., I(1, 2)], [3, 2], [1, 2, 5, 6, 9, 10]),
        Case(x => x[I(0, 1), 2, I(1, 3)], [2], [9, 23]),
        Case(x => x[I(0, 1), NewAxis, I(1, 2)], [2, 1, 4], [4, 5, 6, 7, 20, 21, 22, 23]),
        Case(x => x[NewAxis, I(0, 1)], [1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Case(x => x[I(0, 1), 1.., 0], [2, 2], [4, 8, 16, 20]),
        Case(x => x[1.., I(0, 2), ..2], [1, 2, 2], [12, 13, 20, 21]),
        Case(x => x[I(0, 1, 1).Reshape(3, 1), 0, I(1, 2)], [3, 2], [1, 2, 13, 14, 13, 14]),
        Case(x => x[I(), ..1], [0, 1, 4], []),
        Case(x => x[S(1)], [3, 4], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Case(x => x[S(-1), I(0, 2)], [2, 4], [12, 13, 14, 15, 20, 21, 22, 23]),
        Case(x => x[M(true, false)], [1, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        Case(x => x[0, M(true, false, true)], [2, 4], [0, 1, 2, 3, 8, 9, 10, 11]),
        Case(x => x[Ellipsis, M(false, true, true, false)], [2, 3, 2], [1, 2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22]),
        Case(x => x[x % 5 == 0], [5], [0, 5, 10, 15, 20]),
        Case(x => x[x < 0], [0], []),
        Case(x => x[M(true, true), .., I(0, 3)], [2, 3], [0, 4, 8, 15, 19, 23]),
        Case(x => x[.., x[0] % 3 == 0], [2, 4], [0, 3, 6, 9, 12, 15, 18, 21]),
        Case(x => x[x[.., .., 0] >= 4, 1..], [5, 3], [5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23]),
        Case(x => x[x[.., .., 0] >= 4, 1], [5], [5, 9, 13, 17, 21]),
        Case(x => x[Tensor.From(true)], [1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Case(x => x[Tensor.From(false), 0], [0, 3, 4], []),
        Case(x => x[I(1, 0), M(true, false, true)], [2, 4], [12, 13, 14, 15, 8, 9, 10, 11]),
        Case(x => x[.., M(true, false, true), I(1, 2)], [2, 2], [1, 10, 13, 22]),
        Case(x => x.Permute(2, 0, 1)[1..3, I(1, 0), I(0, 2)], [2, 2], [13, 9, 14, 10]),
        Case(x => x.Permute(2, 0, 1)[I(3, 0), .., I(1, 2)], [2, 2], [7, 19, 8, 20]),
        Case(x => x.Permute(2, 0, 1)[I(3, 1)], [2, 2, 3], [3, 7, 11, 15, 19, 23, 1, 5, 9, 13, 17, 21]),
        Case(x => x.Permute(2, 0, 1)[x.Permute(2, 0, 1) % 7 == 0], [4], [0, 21, 14, 7]),
        Case(x => x.Permute(2, 0, 1)[Slice(1, null, 2), I(1, 1)], [2, 2, 3], [13, 17, 21, 13, 17, 21, 15, 19, 23, 15, 19, 23]),
    ];

    private static readonly (string Name, Action<Tensor> Set, long[] Values)[] Sets =
    [
        Set(x => x[0] = -1, [-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Set(x => x[1, 2, 3] = -5, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, -5]),
        Set(x => x[..] = 7, [7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7]),
        Set(x => x[.., 1..] = Tensor.Arange(8).Reshape(2, 1, 4), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 12, 13, 14, 15, 4, 5, 6, 7, 4, 5, 6, 7]),
        Set(x => x[0] = Tensor.Arange(4), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Set(x => x[0, 1] = Tensor.Arange(4).Reshape(1, 1, 4), [0, 1, 2, 3, 0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Set(x => x[Ellipsis, Slice(1, null, 2)] = I(-1, -2), [0, -1, 2, -2, 4, -1, 6, -2, 8, -1, 10, -2, 12, -1, 14, -2, 16, -1, 18, -2, 20, -1, 22, -2]),
        Set(x => x[I(1, 0), I(2, 0)] = I(1, 2).Reshape(2, 1), [2, 2, 2, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 1, 1, 1, 1]),
        Set(x => x[.., I(2, 0), I(1, 3)] = I(-1, -2), [0, 1, 2, -2, 4, 5, 6, 7, 8, -1, 10, 11, 12, 13, 14, -2, 16, 17, 18, 19, 20, -1, 22, 23]),
        Set(x => x[I(1, 0), .., I(1, 3)] = I(-1, -2, -3), [0, 1, 2, -1, 4, 5, 6, -2, 8, 9, 10, -3, 12, -1, 14, 15, 16, -2, 18, 19, 20, -3, 22, 23]),
        Set(x => x[x % 5 == 0] = -1, [-1, 1, 2, 3, 4, -1, 6, 7, 8, 9, -1, 11, 12, 13, 14, -1, 16, 17, 18, 19, -1, 21, 22, 23]),
        Set(x => x[M(false, true)] = Tensor.Arange(4), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]),
        Set(x => x[x < 4] = I(9, 8, 7, 6), [9, 8, 7, 6, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Set(x => x[0, M(true, false, true), 1..3] = I(1, 2).Reshape(2, 1),
            [0, 1, 1, 3, 4, 5, 6, 7, 8, 2, 2, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Set(x => x[1.., M(true, false, true)] = 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0, 16, 17, 18, 19, 0, 0, 0, 0]),
        Set(x => x[.., 0, 0] = 2.9, [2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 2, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Set(x => x[1, .., 0] = Tensor.From([1.9f, -1.9f, 0.5f]), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 13, 14, 15, -1, 17, 18, 19, 0, 21, 22, 23]),
        Set(x => x[0] = true, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        Set(x => x[I(0, 1), NewAxis, 0..2] = I(3), [3, 3, 3, 3, 3, 3, 3, 3, 8, 9, 10, 11, 3, 3, 3, 3, 3, 3, 3, 3, 20, 21, 22, 23]),
    ];

    public static TheoryData<string> GetNames => [.. Gets.Select(c => c.Name)];

    public static TheoryData<string> SetNames => [.. Sets.Select(c => c.Name)];

    // x = arange(24).reshape(2, 3, 4). Expected values: PyTorch 1.13.0; where a mask of rank 2 is followed by another index, which PyTorch applies to
    // the wrong dimension, NumPy 1.24.
    [Theory]
    [MemberData(nameof(GetNames))]
    public void Get_gives_what_PyTorch_gives(string name)
    {
        (_, Func<Tensor, Tensor> get, int[] shape, long[] values) = Gets.Single(c => c.Name == name);
        foreach (Device device in new[] { Device.Cpu, Device.Reference })
        {
            Tensor y = get(Numbers().To(device));
            Assert.Equal(shape, y.Shape.ToArray());
            Assert.Equal(values, y.ToArray<long>());
        }
    }

    [Theory]
    [MemberData(nameof(SetNames))]
    public void Set_writes_what_PyTorch_writes(string name)
    {
        (_, Action<Tensor> set, long[] values) = Sets.Single(c => c.Name == name);
        Tensor x = Numbers();
        set(x);
        Assert.Equal(values, x.ToArray<long>());

        // The same through a tensor in a graph, where the assignment is recorded.
        Tensor leaf = Numbers().To(DType.Float64);
        leaf.RequiresGrad = true;
        Tensor y = leaf * 1;
        set(y);
        Assert.Equal(values, y.To(DType.Int64).ToArray<long>());
        Assert.Contains(y.GradFn, new[] { "copySlices", "set", "where" });
    }

    [Fact]
    public void Get_with_integers_and_ranges_is_a_view()
    {
        Tensor x = Numbers();
        Tensor part = x[1, .., 1..3];
        part.FillInPlace(0);
        Assert.Equal(0, x[1, 2, 2].Item<long>());
        Assert.Equal(11, x[0, 2, 3].Item<long>());
    }

    [Fact]
    public void Get_with_an_index_tensor_is_a_copy()
    {
        Tensor x = Numbers();
        x[I(0, 1)].FillInPlace(0);
        Assert.Equal(23, x[1, 2, 3].Item<long>());
    }

    [Fact]
    public void Compound_assignment_changes_the_part()
    {
        Tensor x = Numbers();
        x[0] += 100;
        x[x >= 100] -= 100;
        x[.., I(0, 2), 1] *= -1;
        Assert.Equal([0, -1, 2, 3, 4, 5, 6, 7, 8, -9, 10, 11, 12, -13, 14, 15, 16, 17, 18, 19, 20, -21, 22, 23], x.ToArray<long>());
    }

    [Fact]
    public void Set_where_an_index_names_an_element_twice_keeps_the_last_value()
    {
        foreach (Device device in new[] { Device.Cpu, Device.Reference })
        {
            Tensor x = Tensor.Zeros([4], DType.Float32, device);
            x[I(2, 0, 2, 2).To(device)] = Tensor.From([1f, 2f, 3f, 4f]).To(device);
            Assert.Equal([2, 0, 4, 0], x.ToArray<float>());
        }
    }

    [Fact]
    public void Set_gradient_goes_to_the_value_that_stays()
    {
        Tensor x = Tensor.From([1f, 2f, 3f], requiresGrad: true), value = Tensor.From([4f, 5f, 6f], requiresGrad: true);
        Tensor y = x * 1;
        y[I(1, 1, 0)] = value;
        (y * Tensor.From([10f, 20f, 30f])).Sum().Backward();
        Assert.Equal([6, 5, 3], y.ToArray<float>());
        Assert.Equal([0, 0, 30], x.Grad!.ToArray<float>());
        Assert.Equal([0, 20, 10], value.Grad!.ToArray<float>());
    }

    [Fact]
    public void Set_from_an_overlapping_view_reads_it_whole_first()
    {
        Tensor x = Tensor.Arange(6);
        x[1..] = x[..^1];
        Assert.Equal([0, 0, 1, 2, 3, 4], x.ToArray<long>());
        x[I(0, 1, 2)] = x[3..];
        Assert.Equal([2, 3, 4, 2, 3, 4], x.ToArray<long>());
        x[.., NewAxis] = x.Flip(0)[.., NewAxis];
        Assert.Equal([4, 3, 2, 4, 3, 2], x.ToArray<long>());
    }

    [Fact]
    public void Set_converts_the_value_and_takes_it_from_another_device_if_it_is_a_number()
    {
        Tensor x = Tensor.Zeros([2], DType.Int32, Device.Reference);
        x[0] = Tensor.From(2.9);
        x[1] = 3;
        Assert.Equal([2, 3], x.ToArray<int>());
        Assert.Throws<ArgumentException>(() => x[..] = Tensor.Ones(2));
    }

    [Fact]
    public void Set_of_a_large_part_is_the_same_for_any_number_of_threads()
    {
        Tensor rows = (Tensor.Arange(100_000) * 7919) % 1000, values = Tensor.Arange(100_000 * 8).Reshape(-1, 8).To(DType.Float32);
        float[][] results = [.. new[] { 1, 2, 5 }.Select(count =>
        {
            int before = CpuSettings.ThreadCount;
            try
            {
                CpuSettings.ThreadCount = count;
                Tensor x = Tensor.Zeros(1000, 8);
                x[rows] = values;
                return x.ToArray<float>();
            }
            finally
            {
                CpuSettings.ThreadCount = before;
            }
        })];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    public static TheoryData<string, string> Errors => new()
    {
        { "5", "Index: index 5 is out of range for dimension 0, which has size 2" },
        { "^3", "Index: index ^3 is out of range for dimension 0, which has size 2" },
        { "0, -4", "Index: index ^4 is out of range for dimension 1, which has size 3" },
        { "I(0, 2)", "Index: index 2 (element 1 of the index) is out of range for dimension 0, which has size 2" },
        { ".., I(0), I(0, -5)", "Index: index -5 (element 1 of the index) is out of range for dimension 2, which has size 4" },
    };

    private static readonly Dictionary<string, Func<Tensor, Tensor>> ErrorCases = new()
    {
        ["5"] = x => x[5],
        ["^3"] = x => x[^3],
        ["0, -4"] = x => x[0, -4],
        ["I(0, 2)"] = x => x[I(0, 2)],
        [".., I(0), I(0, -5)"] = x => x[.., I(0), I(0, -5)],
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Get_out_of_range_names_index_dimension_and_size(string name, string message)
    {
        foreach (Device device in new[] { Device.Cpu, Device.Reference })
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => ErrorCases[name](Numbers().To(device)));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Set_out_of_range_changes_nothing()
    {
        Tensor x = Numbers();
        Assert.Throws<ArgumentOutOfRangeException>(() => x[I(0, 1, 7)] = 5);
        Assert.Equal(Numbers().ToArray<long>(), x.ToArray<long>());
    }

    [Fact]
    public void Wrong_indices_are_refused()
    {
        Tensor x = Numbers();
        Assert.Contains("4 dimensions are indexed", Assert.Throws<ArgumentException>(() => x[0, 0, 0, 0]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => x[Ellipsis, 0, Ellipsis]);
        Assert.Contains("mask of shape [3]", Assert.Throws<ArgumentException>(() => x[M(true, false, true)]).Message, StringComparison.Ordinal);
        Assert.Contains("float32", Assert.Throws<ArgumentException>(() => x[Tensor.From([0f, 1f])]).Message, StringComparison.Ordinal);
        Assert.Contains("uint8", Assert.Throws<ArgumentException>(() => x[Tensor.From([(byte)0, (byte)1])]).Message, StringComparison.Ordinal);
        Assert.Contains("do not broadcast", Assert.Throws<ArgumentException>(() => x[I(0, 1), I(0, 1, 2)]).Message, StringComparison.Ordinal);
        Assert.Contains("[5]", Assert.Throws<ArgumentException>(() => x[0, 0] = Tensor.Arange(5)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => x[(Tensor)null!]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Slice(0, 1, 0));
    }

    [Fact]
    public void Set_on_a_leaf_that_requires_gradients_is_refused_but_allowed_without_recording()
    {
        Tensor x = Tensor.Ones([3], requiresGrad: true);
        Assert.Throws<InvalidOperationException>(() => x[0] = 5);
        using (Autograd.NoGrad()) x[0] = 5;
        Assert.Equal([5, 1, 1], x.ToArray<float>());
    }

    [Fact]
    public void Set_in_a_graph_is_noticed_by_what_was_saved_before()
    {
        Tensor x = Tensor.Ones([3], requiresGrad: true), y = x * 1, z = y * y;
        y[0] = 5;
        Assert.Contains("multiply", Assert.Throws<InvalidOperationException>(() => z.Sum().Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_tensor_changed_after_use_is_noticed()
    {
        Tensor x = Tensor.Ones([3], requiresGrad: true), rows = I(0, 1), y = x[rows];
        rows[0] = 2;
        Assert.Throws<InvalidOperationException>(() => y.Sum().Backward());
    }

    [Fact]
    public void Index_tensors_may_be_of_any_signed_integer_type() =>
        Assert.Equal([3L, 1L], Tensor.Arange(4)[Tensor.From([(sbyte)3, (sbyte)-3])].ToArray<long>());

    private static Tensor Numbers() => Tensor.Arange(24).Reshape(2, 3, 4);

    private static Tensor I(params long[] index) => Tensor.From(index);

    private static Tensor S(long index) => Tensor.From(index);

    private static Tensor M(params bool[] mask) => Tensor.From(mask);

    private static (string, Func<Tensor, Tensor>, int[], long[]) Case(Func<Tensor, Tensor> get, int[] shape, long[] values,
        [CallerArgumentExpression(nameof(get))] string name = "") => (name, get, shape, values);

    private static (string, Action<Tensor>, long[]) Set(Action<Tensor> set, long[] values,
        [CallerArgumentExpression(nameof(set))] string name = "") => (name, set, values);
}

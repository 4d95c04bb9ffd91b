using CsCheck;

namespace Facula.Tests.View;

/// <summary>Random chains of views against the same chain applied to a plain array.</summary>
public class LayoutPropertyTests
{
    private static readonly Gen<int[]> Shapes = Gen.OneOf(Gen.Int[1, 4].Array[0, 4], Gen.Int[0, 3].Array[1, 4]);
    private static readonly Gen<(int, int, int, int)[]> Chains = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 99], Gen.Int[0, 99], Gen.Int[0, 99]).Array[0, 7];

    [Fact]
    public void A_chain_of_views_shows_what_the_chain_of_copies_holds() => Gen.Select(Shapes, Chains).Sample((shape, chain) =>
    {
        Tensor view = Numbers(shape);
        Plain plain = Plain.Numbers(shape);
        foreach ((int op, int a, int b, int c) in chain)
        {
            (Tensor next, Plain expected) = Step(view, plain, op, a, b, c);
            if (expected.Values.Length > 2000) break;
            (view, plain) = (next, expected);
        }
        Assert.Equal(plain.Shape, view.Shape.ToArray());
        Assert.Equal(plain.Values, view.ToArray<long>());
        Assert.Equal(plain.Values, view.Clone().ToArray<long>());
        Assert.Equal(plain.Values, view.To(DType.Float32).ToArray<long>());
        Assert.Equal(plain.Values, view.To(Device.Reference).ToArray<long>());
        Assert.Equal(plain.Values, (view + 0).ToArray<long>());
        Assert.Equal(plain.Values.Sum(), view.Sum().Item<long>());
    }, iter: 3000);

    [Fact]
    public void Writing_through_a_view_changes_exactly_what_it_shows() => Gen.Select(Shapes, Chains).Sample((shape, chain) =>
    {
        Tensor whole = Numbers(shape), view = whole;
        Plain plain = Plain.Numbers(shape);
        foreach ((int op, int a, int b, int c) in chain)
        {
            // Elements repeated by expanding cannot be written one by one, and what needs a copy is no view.
            if (op == 4) continue;
            (Tensor next, Plain expected) = Step(view, plain, op, a, b, c);
            if (!ReferenceEquals(next.Buffer, whole.Buffer)) continue;
            (view, plain) = (next, expected);
        }
        view.MultiplyInPlace(Tensor.From(-1L));
        long[] negated = [.. plain.Values];
        Assert.Equal([.. Enumerable.Range(0, (int)whole.Count).Select(i => negated.Contains(i) ? -i : i)], whole.ToArray<long>());
        view.CopyInPlace(Tensor.From(negated, plain.Shape));
        Assert.Equal(Numbers(shape).ToArray<long>(), whole.ToArray<long>());
        view.FillInPlace(-1);
        Assert.Equal([.. Enumerable.Range(0, (int)whole.Count).Select(i => negated.Contains(i) ? -1L : i)], whole.ToArray<long>());
    }, iter: 2000);

    [Fact]
    public void Reshape_needs_a_copy_exactly_where_no_strides_fit() => Gen.Select(Shapes, Chains, Gen.Int[0, 9999]).Sample((shape, chain, pick) =>
    {
        Tensor view = Numbers(shape);
        Plain plain = Plain.Numbers(shape);
        foreach ((int op, int a, int b, int c) in chain)
        {
            if (op == 5) continue;
            (Tensor next, Plain expected) = Step(view, plain, op, a, b, c);
            if (expected.Values.Length > 200) break;
            (view, plain) = (next, expected);
        }
        if (view.Count == 0) return;
        int[] target = Factorize((int)view.Count, pick);
        long[] offsets = Offsets(view.Layout);
        Layout? reshaped = view.Layout.Reshape(target);
        Assert.Equal(IsAffine(offsets, target), reshaped is not null);
        if (reshaped is not null) Assert.Equal(offsets, Offsets(reshaped));
    }, iter: 5000);

    [Fact]
    public void Copies_between_any_two_layouts_move_every_element() =>
        Gen.Select(Gen.Int[1, 40].Array[1, 3], Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 3]).Sample((shape, p, q, type) =>
    {
        DType dtype = new[] { DType.UInt8, DType.Int16, DType.Float32, DType.Int64 }[type];
        int[] from = Order(shape.Length, p), to = Order(shape.Length, q);
        Tensor x = Tensor.Arange(new Shape(shape).Elements).To(dtype).Reshape(shape).Permute(from).Contiguous().Permute(Inverse(from));
        Tensor y = Tensor.Zeros(new Shape(shape), dtype).Permute(to).Contiguous().Permute(Inverse(to));
        y.CopyInPlace(x);
        Assert.Equal(x.ToArray<long>(), y.ToArray<long>());
        Assert.Equal(Tensor.Arange(x.Count).To(dtype).ToArray<long>(), y.ToArray<long>());
    }, iter: 500);

    private static Tensor Numbers(int[] shape) => Tensor.Arange(new Shape(shape).Elements).Reshape(shape);

    private static (Tensor, Plain) Step(Tensor x, Plain plain, int op, int a, int b, int c)
    {
        int rank = plain.Shape.Length;
        int d = rank == 0 ? 0 : a % rank, e = rank == 0 ? 0 : b % rank, size = rank == 0 ? 0 : plain.Shape[d];
        switch (op)
        {
            case 0 when size > 0: return (x.Select(d, b % size), plain.Select(d, b % size));
            case 1 when rank > 0:
                int start = b % (size + 1), length = c % (size - start + 1);
                return (x.Narrow(d, start, length), plain.Slice(d, start, length, 1));
            case 2 when rank > 0:
                var index = new TensorIndex[rank];
                int first = b % (size + 1), step = c % 3 + 1;
                index[d] = TensorIndex.Slice(first, null, step);
                return (x[index], plain.Slice(d, first, (size - first + step - 1) / step, step));
            case 3 when rank > 0:
                int[] order = Order(rank, b);
                return (x.Permute(order), plain.Permute(order));
            case 4:
                int[] larger = [b % 3, .. plain.Shape.Select((s, i) => s == 1 && (c >> i & 1) == 1 ? 3 : s)];
                return (x.Expand(larger), plain.Expand(larger));
            case 5 when plain.Values.Length > 0:
                int[] target = Factorize(plain.Values.Length, 100 * b + c);
                return (x.Reshape(target), new(target, plain.Values));
            case 6: return (x.Squeeze(), new([.. plain.Shape.Where(s => s != 1)], plain.Values));
            case 7 when rank < 6:
                int at = b % (rank + 1);
                return (x.Unsqueeze(at), new([.. plain.Shape[..at], 1, .. plain.Shape[at..]], plain.Values));
            case 8 when rank > 1 && d != e: return (x.Diagonal(c % 5 - 2, d, e), plain.Diagonal(c % 5 - 2, d, e));
            case 9 when rank > 0:
                Tensor[] parts = x.Chunk(b % 3 + 1, d);
                int part = c % parts.Length, chunk = Math.Max(1, (size + b % 3) / (b % 3 + 1)), from = Math.Min(size, part * chunk);
                return (parts[part], plain.Slice(d, from, Math.Min(chunk, size - from), 1));
            default: return (x, plain);
        }
    }

    private static int[] Factorize(int count, int pick)
    {
        var sizes = new List<int>();
        for (int factor = 2; count > 1; pick = (pick * 7 + 3) % 10_007)
        {
            while (count % factor != 0) factor++;
            count /= factor;
            if (pick % 3 == 0 || sizes.Count == 0) sizes.Add(factor);
            else sizes[pick % sizes.Count] *= factor;
            if (pick % 5 == 0) sizes.Insert(pick % (sizes.Count + 1), 1);
        }
        return [.. sizes];
    }

    private static int[] Order(int rank, int pick)
    {
        var left = Enumerable.Range(0, rank).ToList();
        var order = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            order[i] = left[pick % left.Count];
            left.RemoveAt(pick % left.Count);
            pick = pick / 2 + i;
        }
        return order;
    }

    private static int[] Inverse(int[] order)
    {
        var inverse = new int[order.Length];
        for (int i = 0; i < order.Length; i++) inverse[order[i]] = i;
        return inverse;
    }

    private static long[] Offsets(Layout layout)
    {
        var offsets = new long[layout.Count];
        for (long i = 0; i < offsets.Length; i++)
        {
            long rest = i, offset = layout.Offset;
            for (int d = layout.Rank - 1; d >= 0; d--)
            {
                offset += rest % layout.Shape[d] * layout.Strides[d];
                rest /= layout.Shape[d];
            }
            offsets[i] = offset;
        }
        return offsets;
    }

    /// <summary>Whether some strides over the shape reproduce the offsets: each stride is then the first step along its dimension.</summary>
    private static bool IsAffine(long[] offsets, int[] shape)
    {
        long[] places = Layout.Contiguous(shape).Strides;
        var strides = new long[shape.Length];
        for (int d = 0; d < shape.Length; d++) strides[d] = shape[d] > 1 ? offsets[places[d]] - offsets[0] : 0;
        return Offsets(new Layout(shape, strides, offsets[0])).SequenceEqual(offsets);
    }

    /// <summary>A shape and its elements in row-major order; every operation moves them one by one.</summary>
    private sealed record Plain(int[] Shape, long[] Values)
    {
        public static Plain Numbers(int[] shape) => new(shape, [.. Enumerable.Range(0, (int)new Shape(shape).Elements).Select(i => (long)i)]);

        public Plain Select(int dim, int index) => Build([.. Shape[..dim], .. Shape[(dim + 1)..]], at => [.. at[..dim], index, .. at[dim..]]);

        public Plain Slice(int dim, int start, int length, int step) =>
            Build([.. Shape[..dim], length, .. Shape[(dim + 1)..]], at => [.. at[..dim], start + at[dim] * step, .. at[(dim + 1)..]]);

        public Plain Permute(int[] order) =>
            Build([.. order.Select(d => Shape[d])], at => [.. Enumerable.Range(0, order.Length).Select(d => at[Array.IndexOf(order, d)])]);

        public Plain Expand(int[] larger) => Build(larger, at => [.. Shape.Select((size, d) => size == 1 ? 0 : at[d + larger.Length - Shape.Length])]);

        public Plain Diagonal(int offset, int a, int b)
        {
            int length = Math.Max(0, Math.Min(Shape[a] + Math.Min(0, offset), Shape[b] - Math.Max(0, offset)));
            int[] kept = [.. Enumerable.Range(0, Shape.Length).Where(d => d != a && d != b)];
            return Build([.. kept.Select(d => Shape[d]), length], at =>
            {
                var source = new int[Shape.Length];
                for (int i = 0; i < kept.Length; i++) source[kept[i]] = at[i];
                (source[a], source[b]) = (at[^1] - Math.Min(0, offset), at[^1] + Math.Max(0, offset));
                return source;
            });
        }

        private Plain Build(int[] shape, Func<int[], int[]> source)
        {
            var values = new long[new Shape(shape).Elements];
            var at = new int[shape.Length];
            for (int i = 0; i < values.Length; i++)
            {
                int rest = i;
                for (int d = shape.Length - 1; d >= 0; d--)
                {
                    at[d] = rest % shape[d];
                    rest /= shape[d];
                }
                long place = 0;
                int[] from = source(at);
                for (int d = 0; d < Shape.Length; d++) place = place * Shape[d] + from[d];
                values[i] = Values[place];
            }
            return new(shape, values);
        }
    }
}

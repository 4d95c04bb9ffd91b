using CsCheck;

namespace Facula.Tests.Gradients;

/// <summary>Views and what they show, changed in place inside a graph. Values and errors as a run of PyTorch 1.13 gives them.</summary>
public class ViewInPlaceTests
{
    /// <summary>Runs on x = [1, 2, 3, 4] and a copy of it in the graph; the values of the result and the gradient of x of its sum.</summary>
    private static void Check(Func<Tensor, Tensor, Tensor> function, float[] values, float[] gradient)
    {
        Tensor x = Tensor.From([1f, 2f, 3f, 4f], requiresGrad: true), y = function(x, x * 1);
        Assert.Equal(values, y.Detach().Flatten().ToArray<float>());
        y.Sum().Backward();
        Assert.Equal(gradient, x.Grad!.ToArray<float>());
    }

    [Fact]
    public void A_changed_view_changes_the_history_of_its_base() => Check((x, y) =>
    {
        Tensor v = y[1..3];
        v *= x[..2];
        Assert.Equal("copySlices", y.GradFn);
        Assert.Equal("asStrided", v.GradFn);
        return y * Tensor.From([1f, 10f, 100f, 1000f]);
    }, [1, 20, 600, 4000], [21, 310, 200, 1000]);

    [Fact]
    public void A_changed_view_changes_the_history_of_other_views() => Check((x, y) =>
    {
        Tensor v = y[1..3], w = y[2..];
        v *= 3;
        return w * w;
    }, [81, 16], [0, 0, 54, 8]);

    [Fact]
    public void A_changed_base_changes_the_history_of_its_views()
    {
        Check((x, y) =>
        {
            Tensor v = y[1..3];
            y += x;
            return v * v;
        }, [16, 36], [0, 16, 24, 0]);
        Check((x, y) =>
        {
            Tensor v = (y * 2).Expand(2, 4), narrow = v[.., 1..], flat = y.Reshape(2, 2).T;
            y *= x;
            return Tensor.Cat([(narrow + y[1..]).Flatten(), flat.Flatten()]);
        }, [8, 15, 24, 8, 15, 24, 1, 9, 4, 16], [2, 16, 22, 28]);
        Check((x, y) =>
        {
            Tensor v = y.Expand(3, 4);
            y *= x;
            return v;
        }, [1, 4, 9, 16, 1, 4, 9, 16, 1, 4, 9, 16], [6, 12, 18, 24]);
    }

    [Fact]
    public void A_base_without_gradients_takes_part_through_a_view()
    {
        Check((x, y) =>
        {
            Tensor b = Tensor.Zeros(2, 4), other = b[.., 1];
            b[1] = x * x;
            Assert.True(b.RequiresGrad);
            Assert.True(other.RequiresGrad);
            Assert.False(other.IsLeaf);
            return b;
        }, [0, 0, 0, 0, 1, 4, 9, 16], [2, 4, 6, 8]);
        Check((x, y) =>
        {
            Tensor b = Tensor.Zeros(2, 4), row = b[0], part = row[1..3];
            part += x[..2];
            b[0][0] = x[3];
            return b * b;
        }, [16, 1, 4, 0, 0, 0, 0, 0], [2, 4, 0, 8]);
    }

    [Fact]
    public void Compound_assignment_through_the_indexer_changes_the_base() => Check((x, y) =>
    {
        y[0] += 1;
        y[1] *= x[3];
        y[2..] -= x[..2] * x[..2];
        return y * y;
    }, [4, 64, 4, 0], [4 - 8, 64, 4, 32]);

    [Fact]
    public void Every_way_to_change_a_view_is_recorded()
    {
        Check((x, y) =>
        {
            y[1..3].FillInPlace(5);
            return y * y;
        }, [1, 25, 25, 16], [2, 0, 0, 8]);
        Check((x, y) =>
        {
            y.Reshape(2, 2)[.., 0].CopyInPlace(x[2..]);
            return y;
        }, [3, 2, 4, 4], [0, 1, 1, 2]);
        Check((x, y) =>
        {
            Tensor v = (y *= 2)[1..];
            v[Tensor.From([0, 2])] = x[..2] * x[..2];
            return y;
        }, [2, 1, 6, 4], [4, 4, 2, 0]);
        Check((x, y) =>
        {
            Tensor v = (y *= 2)[1..];
            v[v > 5] = 0;
            return y;
        }, [2, 4, 0, 0], [2, 2, 0, 0]);
        Check((x, y) =>
        {
            Tensor v = (y *= 2)[..2];
            v[..] = y[2..] * 1;
            v += y[2..];
            return y * y;
        }, [144, 256, 36, 64], [0, 0, 120, 160]);
        Check((x, y) =>
        {
            y.Reshape(2, 2).T[0].ClampInPlace(max: 2);
            y[1..2].UniformInPlace(generator: new Generator(1));
            y[3..].MaskedFillInPlace(Tensor.From([true]), 7);
            return y[Tensor.From([0, 2, 3])];
        }, [1, 2, 7], [1, 0, 0, 0]);
    }

    [Fact]
    public void A_root_that_does_not_lie_in_rows_is_as_good() => Check((x, y) =>
    {
        Tensor d = Tensor.From([1f, 2f, 3f, 4f]).Reshape(2, 2).T.Detach(), v = d[.., 0];
        Assert.False(d.IsContiguous);
        v += x[..2];
        return d * d;
    }, [4, 9, 16, 16], [4, 8, 0, 0]);

    [Fact]
    public void What_a_change_would_spoil_is_noticed()
    {
        Tensor x = Tensor.Ones([4], requiresGrad: true), y = x * 1, z = y * y;
        y[0] += 1;
        Assert.Contains("'multiply'", Assert.Throws<InvalidOperationException>(() => z.Sum().Backward()).Message, StringComparison.Ordinal);
        y = x * 1;
        Tensor v = y.Detach();
        v[0] = x[1];
        Assert.False(y.GradFn == "copySlices");
        Assert.True(v.RequiresGrad);
    }

    [Fact]
    public void Overwriting_leaves_no_gradient_to_what_was_there()
    {
        Check((x, y) => y.CopyInPlace(Tensor.Zeros(4)), [0, 0, 0, 0], [0, 0, 0, 0]);
        Check((x, y) => y.CopyInPlace(x[1]), [2, 2, 2, 2], [0, 4, 0, 0]);
        Check((x, y) => y.NormalInPlace(0, 0), [0, 0, 0, 0], [0, 0, 0, 0]);
    }

    [Fact]
    public void Views_of_leaves_and_views_made_together_or_in_NoGrad_are_refused()
    {
        Tensor x = Tensor.Ones([4], requiresGrad: true);
        static string Refused(Action change) => Assert.Throws<InvalidOperationException>(change).Message;
        Assert.Contains("view of a leaf", Refused(() => x[1..3].AddInPlace(1)));
        Assert.Contains("leaf", Refused(() => x[1..3] = 1));
        foreach (Func<Tensor, Tensor[]> cut in (Func<Tensor, Tensor[]>[])[t => t.Split(2), t => t.Chunk(2), t => t.Unbind(),
            t => [t.Split(2)[0].Reshape(2, 1)]])
        {
            Assert.Contains("Split", Refused(() => cut(x * 1)[0].AddInPlace(1)));
            Assert.Contains("Split", Refused(() => cut(Tensor.Zeros(4))[0].AddInPlace(x[0])));
            Tensor y = x * 1, piece = cut(y)[0];
            y += 1;
            Assert.Contains("again", Refused(() => piece.Sum()));
            Assert.Contains("grad_fn", piece.ToString());
            cut(Tensor.Zeros(4))[0].AddInPlace(1);
        }
        foreach (Tensor root in (Tensor[])[x * 1, Tensor.Zeros(4)])
        {
            Tensor v;
            using (Autograd.NoGrad())
            {
                v = root[1..];
                v += 1;
            }
            Assert.Contains("NoGrad", Refused(() => v.AddInPlace(x[0])));
            Assert.Contains("NoGrad", Refused(() => v[..1].AddInPlace(x[0])));
            if (root.RequiresGrad) Assert.Contains("NoGrad", Refused(() => v.AddInPlace(1)));
            else v.AddInPlace(1);
        }
        Tensor late = Tensor.Zeros(4), part = late[1..];
        late.RequiresGrad = true;
        Assert.Contains("view of a leaf", Refused(() => part.AddInPlace(x[0])));
        using (Autograd.NoGrad()) x[0] = 5;
        Assert.Equal(5, x[0].Item());
    }

    [Fact]
    public void What_repeats_elements_is_filled_but_not_changed()
    {
        Tensor one = Tensor.Zeros(1), x = one.Expand(3);
        Assert.Contains("Clone", Assert.Throws<InvalidOperationException>(() => x.AddInPlace(1)).Message);
        Assert.Throws<InvalidOperationException>(() => x.ReluInPlace());
        Assert.Throws<InvalidOperationException>(() => x.CopyInPlace(Tensor.Ones(3)));
        Assert.Throws<InvalidOperationException>(() => x.UniformInPlace());
        Assert.Throws<InvalidOperationException>(() => x[1..] = Tensor.Ones(2));
        x.FillInPlace(2);
        Assert.Equal(2, one.Item());
        x[..2] = 3;
        Assert.Equal(3, one.Item());
    }

    /// <summary>Programs of views and changes, against differences of what they compute: nothing they could share with the rules under test.</summary>
    [Fact]
    public void Any_sequence_of_views_and_changes_has_the_right_gradients()
    {
        Gen<(int Kind, int At, int From)> step = Gen.Select(Gen.Int[0, 11], Gen.Int[0, 99], Gen.Int[0, 99]);
        Gen.Select(Gen.Bool, Gen.Bool, step.Array[1, 9]).Sample((inGraph, strided, steps) =>
        {
            Tensor Run(Tensor[] inputs)
            {
                Tensor a = inputs[0], b = inputs[1];
                Tensor root = inGraph ? a * 1 : Tensor.Full([2, 6], 0.5, DType.Float64);
                if (strided) root = inGraph ? root : root.T.Detach();
                List<Tensor> views = [root];
                foreach ((int kind, int at, int from) in steps)
                {
                    Tensor v = views[at % views.Count], w = views[from % views.Count];
                    Tensor Value() => b.Flatten()[(int)(from % b.Count)] * w.Flatten()[0].Clone();
                    switch (kind)
                    {
                        case 0 when v.Rank > 0: views.Add(v.T); break;
                        case 1 when v.Rank > 0: views.Add(v[0]); break;
                        case 2 when v.Rank > 0 && v.Length > 1: views.Add(v[1..]); break;
                        case 3: views.Add(v.Unsqueeze(0)[0].Unsqueeze(-1)[TensorIndex.Ellipsis, 0]); break;
                        case 4 when v.IsContiguous: views.Add(v.Reshape(-1)); break;
                        case 5: v.AddInPlace(Value()); break;
                        case 6: v.MultiplyInPlace(Value()); break;
                        case 7: v[TensorIndex.Ellipsis] = Value(); break;
                        case 8: v.FillInPlace(0.3); break;
                        case 9: v.DivideInPlace(1 + w.Flatten()[0].Clone().Square()); break;
                        case 10 when v.Rank > 0: v[Tensor.From([0, 0])] = b.Flatten()[0]; break;
                        case 11: v.CopyInPlace(w.Flatten()[0]); break;
                    }
                }
                return Tensor.Cat([.. views.Select((v, i) => (v * v * (i + 1)).Flatten())]).Sum() + a.Sum();
            }
            Tensor[] inputs = [Random(1), Random(2)];
            return Autograd.GradCheck(Run, inputs, raiseException: false) && Autograd.GradGradCheck(Run, inputs, raiseException: false);
        }, iter: 300);

        static Tensor Random(int seed)
        {
            Tensor x = Tensor.Rand([2, 6], DType.Float64, generator: new Generator(seed));
            x.RequiresGrad = true;
            return x;
        }
    }
}

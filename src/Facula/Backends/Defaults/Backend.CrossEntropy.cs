namespace Facula.Backends;

internal abstract partial class Backend
{
    /// <summary>
    /// Fused log-softmax and negative log-likelihood of class labels. logits [n, c], labels [n] Int64, weights [c] or null;
    /// losses [n] get each row's weighted loss, totals [] the sum of the weights that counted; logNorms [n] Float64 the log of each row's normaliser.
    /// A label outside 0 .. c-1 that is not the one to ignore is an error.
    /// </summary>
    public virtual void CrossEntropy(in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options, in Operand losses,
        in Operand logNorms, in Operand totals)
    {
        DType compute = logits.DType.Compute;
        int n = logits.Layout.Shape[0], c = logits.Layout.Shape[1];
        int[] column = [n, 1];
        Operand label = Column(labels), norm = Column(logNorms);
        using Scratch max = new(this, column, compute), sum = new(this, column, DType.Float64), exponentials = new(this, [n, c], compute);
        using Scratch picked = new(this, column, DType.Float64), counted = new(this, column, DType.Float64), loss = new(this, column, DType.Float64);
        if (c == 0) Fill(norm, double.NegativeInfinity);
        else
        {
            Reduce(new MaxReduce(), compute, max.Operand, logits);
            Map2(new ExpDifferenceMap(), compute, exponentials.Operand, logits, max.Operand);
            Reduce(new SumReduce(), DType.Float64, sum.Operand, exponentials.Operand);
            Map2(new AddLogMap(), DType.Float64, norm, max.Operand, sum.Operand);
        }
        WeightsOf(label, weights, options, counted.Operand, logits, picked.Operand);
        Map3(new ScaledDifferenceMap(1 - options.LabelSmoothing), DType.Float64, loss.Operand, norm, picked.Operand, counted.Operand);
        if (options.LabelSmoothing > 0)
        {
            using Scratch each = new(this, [n, c], DType.Float64), all = new(this, column, DType.Float64);
            Map3(new ScaledDifferenceMap(options.LabelSmoothing / c), DType.Float64, each.Operand, norm, logits, weights ?? Operand.Of(1.0));
            Reduce(new SumReduce(), DType.Float64, all.Operand, each.Operand);
            Map2(new AddMap(), DType.Float64, loss.Operand, loss.Operand, all.Operand);
        }
        Map2(new UnlessMap(options.IgnoreIndex, 0), DType.Float64, Column(losses), label, loss.Operand);
        Reduce(new SumReduce(), DType.Float64, totals, counted.Operand);
    }

    /// <summary>The gradient of the logits, given the gradient of each row's loss.</summary>
    public virtual void CrossEntropyGrad(in Operand gradients, in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options,
        in Operand logNorms, in Operand result)
    {
        int n = logits.Layout.Shape[0], c = logits.Layout.Shape[1];
        Operand label = Column(labels), g = Column(gradients);
        using Scratch shares = new(this, [n, c], DType.Float64), slopes = new(this, [n, c], DType.Float64);
        using Scratch classes = new(this, [1, c], DType.Int64), counted = new(this, [n, 1], DType.Float64);
        Iota(classes.Operand, 1);
        WeightsOf(label, weights, options, counted.Operand);
        Map2(new ExpDifferenceMap(), DType.Float64, shares.Operand, logits, Column(logNorms));
        Map3(new LessHotMap(), DType.Float64, slopes.Operand, shares.Operand, label, classes.Operand);
        Map2(new MultiplyMap(), DType.Float64, slopes.Operand, slopes.Operand, counted.Operand);
        Map(new ScaleMap(1 - options.LabelSmoothing), DType.Float64, slopes.Operand, slopes.Operand);
        if (options.LabelSmoothing > 0)
        {
            using var sum = new Scratch(this, [1, 1], DType.Float64);
            if (weights is { } w) Reduce(new SumReduce(), DType.Float64, sum.Operand, Row(w));
            Operand all = weights is null ? Operand.Of((double)c) : sum.Operand;
            Map3(new MultiplySubtractMap(), DType.Float64, shares.Operand, shares.Operand, all, weights ?? Operand.Of(1.0));
            Map2(new AddScaledMap(options.LabelSmoothing / c), DType.Float64, slopes.Operand, slopes.Operand, shares.Operand);
        }
        Map3(new ProductUnlessMap(options.IgnoreIndex), DType.Float64, result, slopes.Operand, g, label);
    }

    /// <summary>What each row counts, [n, 1], 0 where its label is to be ignored; and the logit of the label.</summary>
    private void WeightsOf(in Operand label, in Operand? weights, in CrossEntropyOptions options, in Operand counted, Operand? logits = null,
        Operand? picked = null)
    {
        using var known = new Scratch(this, label.Layout.Shape, DType.Int64);
        Map2(new UnlessMap(options.IgnoreIndex, 0), DType.Int64, known.Operand, label, label);
        if (logits is { } x && x.Layout.Shape[1] > 0)
        {
            using var logit = new Scratch(this, label.Layout.Shape, x.DType);
            Gather(x, known.Operand, logit.Operand, 1, IndexError.CrossEntropy);
            Copy(logit.Operand, picked!.Value);
        }
        else if (picked is { } none) Fill(none, 0.0);
        if (weights is { } w)
        {
            using var weight = new Scratch(this, label.Layout.Shape, w.DType);
            IndexSelect(w, View(known.Operand, label.Layout.Shape[0]), View(weight.Operand, label.Layout.Shape[0]), 0, IndexError.CrossEntropy);
            Map2(new UnlessMap(options.IgnoreIndex, 0), DType.Float64, counted, label, weight.Operand);
        }
        else Map2(new UnlessMap(options.IgnoreIndex, 0), DType.Float64, counted, label, Operand.Of(1.0));
    }

    /// <summary>[n] as [n, 1].</summary>
    private static Operand Column(in Operand x) => x.With(x.Layout.Unsqueeze(1));

    /// <summary>[n] as [1, n].</summary>
    private static Operand Row(in Operand x) => x.With(x.Layout.Unsqueeze(0));
}

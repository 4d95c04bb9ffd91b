namespace Facula;

/// <summary>What is done to one dimension by the part of an index that needs no copy.</summary>
internal readonly record struct IndexStep(IndexStepKind Kind, int Start = 0, int Length = 0, int Step = 1);

internal enum IndexStepKind : byte
{
    /// <summary>The dimension as it is.</summary>
    Keep,
    Slice,
    Select,
    /// <summary>A new dimension in front of the next.</summary>
    New,
}

/// <summary>Integers, ranges and new axes, all at once. Dimensions past the last step stay as they are.</summary>
internal readonly struct BasicIndexOp(IndexStep[] steps) : IViewOp
{
    public static string Name => "slice";

    public Layout Apply(Layout x)
    {
        int rank = x.Rank;
        foreach (IndexStep step in steps) rank += step.Kind == IndexStepKind.Select ? -1 : step.Kind == IndexStepKind.New ? 1 : 0;
        var shape = new int[rank];
        var strides = new long[rank];
        long offset = x.Offset;
        int d = 0, i = 0;
        foreach (IndexStep step in steps)
        {
            switch (step.Kind)
            {
                case IndexStepKind.Keep: (shape[i], strides[i++]) = (x.Shape[d], x.Strides[d++]); break;
                case IndexStepKind.New: (shape[i], strides[i++]) = (1, 1); break;
                case IndexStepKind.Select: offset += step.Start * x.Strides[d++]; break;
                default:
                    // An empty part starts nowhere, so that no layout points past its storage.
                    if (step.Length > 0) offset += step.Start * x.Strides[d];
                    (shape[i], strides[i++]) = (step.Length, x.Strides[d++] * step.Step);
                    break;
            }
        }
        for (; d < x.Rank; d++) (shape[i], strides[i++]) = (x.Shape[d], x.Strides[d]);
        return new(shape, strides, offset);
    }
}

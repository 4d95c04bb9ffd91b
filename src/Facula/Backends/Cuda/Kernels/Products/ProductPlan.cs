namespace Facula.Backends.Cuda;

/// <summary>A product of matrices or of stacks of them: sizes, and how the operands lie.</summary>
internal sealed class ProductPlan
{
    // Elements of a part are numbered in 32 bits.
    private const long MostShared = int.MaxValue;

    private readonly bool _hasCopies;

    /// <param name="a">[batch, M, K], or [M, K].</param>
    /// <param name="b">[batch, K, N], or [K, N].</param>
    /// <param name="y">[batch, M, N], or [M, N].</param>
    /// <param name="capability">Of the device, times ten.</param>
    /// <param name="allowTf32">Whether float32 may be rounded for tensor cores.</param>
    public ProductPlan(in Operand a, in Operand b, in Operand y, int capability, bool allowTf32)
    {
        _hasCopies = capability >= 80;
        Layout layout = y.Layout;
        (Batch, M, N, K) = (layout.Rank == 3 ? layout.Shape[0] : 1, layout.Shape[^2], layout.Shape[^1], a.Layout.Shape[^1]);
        DType type = DType.Promote(a.DType, b.DType);
        Compute = type.Compute;
        Method = !_hasCopies || a.DType != b.DType ? ProductMethod.Scalar
            : type == DType.Float16 || type == DType.BFloat16 ? ProductMethod.Half
            : type == DType.Float32 && allowTf32 ? ProductMethod.Tf32 : ProductMethod.Scalar;
        DType element = Method == ProductMethod.Scalar ? Compute : type;
        (AStrides, BStrides, YStrides) = (StridesOf(a.Layout), StridesOf(b.Layout), StridesOf(layout));
        A = Source(a, element, M, AStrides.Row, AStrides.Column, AStrides.Batch);
        B = Source(b, element, N, BStrides.Column, BStrides.Row, BStrides.Batch);
    }

    public int Batch { get; }

    public int M { get; }

    public int N { get; }

    public int K { get; }

    public DType Compute { get; }

    public ProductMethod Method { get; }

    public ProductSource A { get; }

    public ProductSource B { get; }

    public MatrixStrides AStrides { get; }

    public MatrixStrides BStrides { get; }

    public MatrixStrides YStrides { get; }

    /// <summary>Elements of the result.</summary>
    public long Elements => (long)Batch * M * N;

    /// <summary>The tile, or none where one operand is a vector, and how many blocks share the depth.</summary>
    public (ProductTile? Tile, int Parts) Choose(int processors)
    {
        ProductTile? tile = null;
        int parts;
        if (N == 1) parts = ProductChoice.Choose(OfVector(A, M), M, Batch, K, processors);
        else if (M == 1) parts = ProductChoice.Choose(OfVector(B, N), N, Batch, K, processors);
        else (tile, parts) = ProductChoice.Choose(Method, Compute, Batch, M, N, K, processors);
        return (tile, Elements > MostShared ? 1 : parts);
    }

    /// <summary>For N = 1.</summary>
    public VectorProduct MatrixTimesVector(in Operand a, in Operand b)
    {
        ProductSource matrix = OfVector(A, M);
        return new(matrix, M, AStrides.Batch, AStrides.Row, AStrides.Column, BStrides.Batch, BStrides.Row, VectorChunk(matrix, a, b, BStrides.Row,
            BStrides.Batch));
    }

    /// <summary>For M = 1.</summary>
    public VectorProduct VectorTimesMatrix(in Operand a, in Operand b)
    {
        ProductSource matrix = OfVector(B, N);
        return new(matrix, N, BStrides.Batch, BStrides.Column, BStrides.Row, AStrides.Batch, AStrides.Column,
            VectorChunk(matrix, b, a, AStrides.Column, AStrides.Batch));
    }

    // Chunks of a matrix that meets a vector are whole, and none goes by itself.
    private ProductSource OfVector(ProductSource matrix, int outer) =>
        matrix with { IsAsync = false, Chunk = (matrix.AlongDepth ? K : outer) % matrix.Chunk == 0 ? matrix.Chunk : 1 };

    private static int VectorChunk(ProductSource matrix, in Operand from, in Operand vector, long stride, long batchStride)
    {
        int chunk = matrix.Chunk;
        return matrix.AlongDepth && stride == 1 && vector.DType == from.DType && batchStride % chunk == 0 && vector.Layout.Offset % chunk == 0 ? chunk : 1;
    }

    public ProductKey Key(ProductTile tile, in ProductResult result)
    {
        // What passes through registers is never further on than one slice.
        if (!A.IsAsync && !B.IsAsync) tile = tile with { Stages = 2 };
        return new(Method, Compute, tile, A, B, result);
    }

    /// <summary>The depth of a block, whole slices; all of it where it is not shared.</summary>
    public static int DepthOfPart(int depth, int slice, int parts)
    {
        if (parts == 1) return depth;
        int slices = (depth + slice - 1) / slice;
        return (slices + parts - 1) / parts * slice;
    }

    /// <summary>From matrix to matrix, row to row, column to column; 0 where there is one only.</summary>
    public static MatrixStrides StridesOf(Layout layout)
    {
        return new(layout.Rank == 3 ? Of(0) : 0, Of(layout.Rank - 2), Of(layout.Rank - 1));

        long Of(int d) => layout.Shape[d] > 1 ? layout.Strides[d] : 0;
    }

    /// <summary>How many columns of 4 to 16 bytes can be written together: those of a row side by side, and no row beginning in between.</summary>
    public static int LanesOf(in Operand y, in MatrixStrides strides, int columns, int most)
    {
        for (int lanes = most; lanes > 1; lanes /= 2)
        {
            if (strides.Column == 1 && columns % lanes == 0 && strides.Row % lanes == 0 && strides.Batch % lanes == 0 && y.Layout.Offset % lanes == 0)
                return lanes;
        }
        return 1;
    }

    private ProductSource Source(in Operand x, DType element, int outer, long outerStride, long depthStride, long batchStride)
    {
        // Where neither dimension lies side by side, along the one with the smaller steps.
        bool alongDepth = outerStride != 1 && (depthStride == 1 || Math.Abs(depthStride) < Math.Abs(outerStride) || outer == 1);
        (long along, long across, int size) = alongDepth ? (depthStride, outerStride, K) : (outerStride, depthStride, outer);
        int chunk = 1;
        if (x.DType == element)
        {
            // Copies that go by themselves are of 4, 8 or 16 bytes, and may end within those; others are whole.
            ReadOnlySpan<int> sizes = _hasCopies ? [16, 8, 4] : [16];
            foreach (int bytes in sizes)
            {
                int elements = bytes / element.Size;
                if (elements < 2 || along != 1 || across % elements != 0 || batchStride % elements != 0 || x.Layout.Offset % elements != 0) continue;
                if (!_hasCopies && size % elements != 0) continue;
                chunk = elements;
                break;
            }
        }
        return new(x.DType, alongDepth, chunk, _hasCopies && x.DType == element && chunk * element.Size >= 4);
    }
}

/// <summary>A product of a matrix and a vector.</summary>
internal readonly record struct VectorProduct(
    ProductSource Matrix, int Rows, long MatrixBatch, long MatrixOuter, long MatrixDepth, long VectorBatch, long VectorDepth, int VectorChunk);

using Facula;

namespace Bench;

/// <summary>Matrix products: square ones in every transposition, and the skinny ones that the tutorial's models are made of.</summary>
static class MatmulCases
{
    public static void Register()
    {
        foreach (int n in (int[])[64, 128, 256, 512, 1024, 2048])
        {
            foreach (string layout in (string[])["NN", "NT", "TN", "TT"])
                Cases.Add($"matmul-{n}-{layout}", () => Product((n, n, layout[0] == 'T'), (n, n, layout[1] == 'T')));
        }

        (int In, int Out)[] layers = [(784, 256), (784, 32), (784, 10), (256, 10), (32, 10)];
        foreach ((int input, int output) in layers)
        {
            Cases.Add($"mm-fwd-128x{input}x{output}", () => Product((128, input, false), (output, input, true)));
            Cases.Add($"mm-dw-{output}x128x{input}", () => Product((128, output, true), (128, input, false)));
            Cases.Add($"mm-dx-128x{output}x{input}", () => Product((128, output, false), (output, input, false)));
        }
    }

    /// <summary>Each operand is stored as rows by columns, and multiplied as a transposed view of that where it says so.</summary>
    static Action Product((int Rows, int Columns, bool Transposed) left, (int Rows, int Columns, bool Transposed) right)
    {
        Tensor a = Operand(left), b = Operand(right);
        return () => _ = a.MatMul(b);
    }

    static Tensor Operand((int Rows, int Columns, bool Transposed) shape)
    {
        Tensor stored = Tensor.Randn(shape.Rows, shape.Columns);
        return shape.Transposed ? stored.T : stored;
    }
}

namespace Facula.Backends;

internal abstract partial class Backend
{
    /// <summary>
    /// y[n, k, ..] = sum over channels and kernel of x[n, c, ..] w[k, c / groups, ..] , then the epilogue, whose bias is [k]. x [n, c, space..],
    /// w [k, c / groups, kernel..], y [n, k, space..] of one floating-point type and any layout, with one to three dimensions of space.
    /// </summary>
    public abstract void Convolution(in Operand x, in Operand w, in Operand y, Window window, int groups, in Epilogue epilogue);

    /// <summary>The gradient of a convolution's input, given that of its output: also what a transposed convolution computes.</summary>
    public abstract void ConvolutionInputGrad(in Operand g, in Operand w, in Operand x, Window window, int groups);

    /// <summary>The gradient of a convolution's weight and, where it is given, of its bias, given that of its output, and its input.</summary>
    public abstract void ConvolutionWeightGrad(in Operand g, in Operand x, in Operand w, in Operand? bias, Window window, int groups);
}

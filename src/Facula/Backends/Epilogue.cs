using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends;

/// <summary>What becomes of each element of a kernel's result before it is written, or in a second pass: activation(result + bias + residual).</summary>
/// <param name="Bias">One number for each column of a product, or each channel; null for none.</param>
/// <param name="Activation">What is applied last.</param>
/// <param name="Residual">Of the result's shape and type, and any layout; null for none.</param>
internal readonly record struct Epilogue(Operand? Bias, ActivationKind Activation = ActivationKind.None, Operand? Residual = null)
{
    /// <summary>The activation that a kernel applies which knows no residual: none where one has to be added first, in <see cref="Backend.Finish"/>.</summary>
    public ActivationKind FirstActivation => Residual is null ? Activation : ActivationKind.None;
}

internal enum ActivationKind
{
    None,
    /// <summary>0 for what is negative; NaN stays.</summary>
    Relu,
}

internal abstract partial class Backend
{
    /// <summary>
    /// Does what a kernel that knows biases and activations leaves of an epilogue with a residual. Every kernel that takes an epilogue and cannot do
    /// all of it ends with this.
    /// </summary>
    protected internal void Finish(in Operand y, in Epilogue epilogue)
    {
        if (epilogue.Residual is not { } residual) return;
        DType compute = y.DType.Compute;
        if (epilogue.Activation == ActivationKind.Relu) Map2(new AddReluMap(), compute, y, y, residual);
        else Map2(new AddMap(), compute, y, y, residual);
    }

    private readonly struct AddReluMap : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Invoke<T>(T a, T b) where T : INum<T>
        {
            T sum = a + b;
            return T.Select(sum < T.Zero, T.Zero, sum);
        }
    }
}

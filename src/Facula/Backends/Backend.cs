using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends;

/// <summary>
/// The one seam between tensors and machines: memory, and families of kernels over (buffer, layout, type). A backend never sees a tensor, a
/// graph or a device. Results are allocated by the caller; reading operands have been broadcast to the result's shape.
/// What maps and <see cref="Copy"/> read may be plain numbers (<see cref="Operand.Immediate"/>), which are arguments; all else is memory of the backend's
/// own.
/// </summary>
internal abstract partial class Backend
{
    // Elements for which nobody need be told the size.
    private const long FewElements = 1 << 16;

    /// <summary>Uninitialised memory of the device.</summary>
    /// <exception cref="OutOfMemoryException">There is no room.</exception>
    public abstract Buffer Allocate(long bytes);

    /// <summary>Bytes in use, bytes held in all, in use or kept for later, and the most that was in use at once; 0 where a backend does not count.</summary>
    public virtual (long Allocated, long Reserved, long PeakAllocated) MemoryUse => default;

    /// <summary>From now on the peak is counted anew.</summary>
    public virtual void ResetPeakMemory() { }

    /// <summary>Gives back what is kept for later.</summary>
    public virtual void TrimMemory() { }

    /// <summary>Uninitialised memory for the elements of a layout without gaps: the one place where elements become bytes.</summary>
    /// <exception cref="OutOfMemoryException">There is no room; the message says for what.</exception>
    public Buffer Allocate(Layout dense, DType type, [CallerMemberName] string operation = "") =>
        dense.Count <= FewElements ? Allocate(dense.Count * type.Size) : AllocateMuch(dense, type, operation);

    private Buffer AllocateMuch(Layout dense, DType type, string operation)
    {
        Int128 bytes = (Int128)dense.Count * type.Size;
        try
        {
            // More than any block of memory can be, and not to be rounded up in 64 bits.
            if (bytes > long.MaxValue / 2) throw new OutOfMemoryException("No memory is so large.");
            return Allocate((long)bytes);
        }
        catch (OutOfMemoryException error)
        {
            throw new OutOfMemoryException($"{operation}: a {type.PyTorchName} tensor of shape {dense} needs {bytes} bytes, which there is no room for. " +
                error.Message, error);
        }
    }

    /// <summary>
    /// The layout of a new tensor [n, c, space..] that a convolution, a pooling, a normalisation of channels, or the gradient of one, will fill: row-major, or,
    /// where the backend's kernels work in that order, channels-last. Element-wise operations hand it on to their results; kernels take every layout as an
    /// operand.
    /// </summary>
    public virtual Layout ResultLayout(int[] shape, [CallerMemberName] string operation = "") => Layout.Contiguous(shape, operation);

    /// <summary>
    /// Writes bytes of the host into a buffer of the device, from a byte of it on. Kernels called later see them;
    /// the device need not have finished when this returns, but the source may then be changed.
    /// </summary>
    public abstract void Upload(ReadOnlySpan<byte> from, Buffer to, long at);

    /// <summary>
    /// Reads bytes of a buffer of the device, from a byte of it on. Waits for the kernels that were called before, and raises what they have left to be raised.
    /// </summary>
    public abstract void Download(Buffer from, long at, Span<byte> to);

    /// <summary>Waits for all kernels that were called before, and raises what they have left to be raised.</summary>
    public virtual void Synchronize() { }

    /// <summary>Memory of the host that bytes pass through on their way from or to the device: a device that reads locked pages faster locks them.</summary>
    public virtual HostBuffer AllocateStaging(long bytes) => HostBuffer.AllocatePinned(bytes);

    /// <summary>
    /// Whether kernels are done when they return, so that looking at an element costs no more than reading it. Then errors about values
    /// (indices, labels, probabilities, integer divisors of 0) come at once. Elsewhere a backend raises those about indices and labels, at the latest, with
    /// the next read, and of the others the result is undefined.
    /// </summary>
    public virtual bool IsImmediate => false;

    /// <summary>Every element of y becomes the value.</summary>
    public abstract void Fill(in Operand y, Scalar value);

    /// <summary>Every element of y becomes its coordinate along a dimension.</summary>
    public abstract void Iota(in Operand y, int dim);

    /// <summary>y = x, converting the type; any layouts of the same shape.</summary>
    public abstract void Copy(in Operand x, in Operand y);

    /// <summary>y = f(a), computed in the given type. The operands broadcast to y.</summary>
    public abstract void Map<TMap>(TMap map, DType compute, in Operand y, in Operand a) where TMap : struct, IMap1;

    /// <summary>y = f(a, b).</summary>
    public abstract void Map2<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b) where TMap : struct, IMap2;

    /// <summary>y = f(a, b, c).</summary>
    public abstract void Map3<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c) where TMap : struct, IMap3;

    /// <summary>
    /// y = the reduction of x over the dimensions in which y has size 1 and x has not. y has the rank of x, or rank 0 where all are reduced.
    /// A sum whose result float32 can hold is right even where float32 cannot hold it on the way, or loses terms below <see cref="IReduce.Least"/>.
    /// </summary>
    public abstract void Reduce<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x) where TReduce : struct, IReduce;

    /// <summary>
    /// y = alpha a @ b + beta y, then the epilogue, whose bias is along the last dimension; for rank-2 operands, or rank-3 ones with equal leading size.
    /// </summary>
    public abstract void MatMul(in Operand a, in Operand b, in Operand y, double alpha, double beta, in Epilogue epilogue);

    /// <summary>
    /// y[.., i, ..] = x[.., index[.., i, ..], ..] along a dimension; index has y's shape, which in the other dimensions is at most x's.
    /// Here and in the next, indices are Int64, and one outside 0 .. size-1 is an <see cref="ArgumentOutOfRangeException"/>: at once where the backend
    /// <see cref="IsImmediate"/>, else at the latest with the next read, and once. It names the operation.
    /// </summary>
    public abstract void Gather(in Operand x, in Operand index, in Operand y, int dim, [CallerMemberName] string operation = "");

    /// <summary>
    /// y[.., index[.., i, ..], ..] = x[.., i, ..], or += where adding, in order of i whatever the number of threads; x has index's shape.
    /// </summary>
    public abstract void Scatter(in Operand x, in Operand index, in Operand y, int dim, bool add, [CallerMemberName] string operation = "");

    /// <summary>
    /// Sorts along a dimension, stably; NaN counts as the largest. Values and Int64 indices may be shorter than x there: then only that many come out.
    /// </summary>
    public abstract void Sort(in Operand x, in Operand values, in Operand indices, int dim, bool descending);
}

/// <summary>A parameter, its gradient and up to three states; all contiguous, of one shape and type.</summary>
internal readonly record struct UpdateTarget(Operand Parameter, Operand Gradient, Operand? State1 = null, Operand? State2 = null, Operand? State3 = null);

/// <summary>What cross-entropy leaves out and smooths.</summary>
internal readonly record struct CrossEntropyOptions(long IgnoreIndex, double LabelSmoothing);

/// <summary>What random numbers are like: uniform in [low, high), normal (mean low, deviation high), integers in [low, high), or 1
/// with probability low.</summary>
internal readonly record struct Distribution(DistributionKind Kind, double Low, double High, long LowInteger = 0, long HighInteger = 0);

internal enum DistributionKind
{
    Uniform,
    Normal,
    Integer,
    Bernoulli,
}

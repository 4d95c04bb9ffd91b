using Facula.Backends;
using Facula.Numerics;

namespace Facula;

// What is checked of elements.

internal static partial class Check
{
    /// <summary>Refuses a tensor with an element that is NaN or outside [0, 1]; what says which tensor it is.</summary>
    public static void Probabilities(string operation, Tensor x, string what)
    {
        // Where looking would have to wait for the device, nobody looks.
        if (x.Count == 0 || !x.Device.Backend.IsImmediate) return;
        using Tensor outside = Tensor.Allocate(Layout.Scalar, DType.Float32, x.Device);
        x.Device.Backend.Reduce(new OutsideOp(), x.DType.Compute, outside.Operand, x.Operand);
        if (outside.Item() != 0)
            throw new ArgumentException($"{operation}: all elements of {what} must be probabilities, between 0 and 1, but some are not; of logits take the " +
                $"Sigmoid first.");
    }

    /// <summary>1 if an element is outside [0, 1], else 0.</summary>
    private readonly struct OutsideOp : IReduce
    {
        public double Identity => 0;
        public bool IsSum => false;
        public T Prepare<T>(T x) where T : INum<T> => T.Select(T.And(x >= T.Zero, x <= T.One), T.Zero, T.One);
        public T Combine<T>(T a, T b) where T : INum<T> => T.Max(a, b);
        public T Finish<T>(T y) where T : INum<T> => y;
    }
}

namespace Facula.Backends;

internal abstract partial class Backend
{
    /// <summary>
    /// y = the largest element in each window of x, NaN counting as the largest, or 0 where it is negative and rectified; -infinity where a window is empty. x [n, c, space..],
    /// y [n, c, space'..] of one floating-point type. taps, channels-last of the plan's type, get the element of the kernel that stood over it, the first of
    /// several (the last NaN), or nowhere where rectified and not positive.
    /// </summary>
    public abstract void MaxPool(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, bool rectify);

    /// <summary>The gradient of x: at each element, the sum of the gradients of the windows in which it was the largest.</summary>
    public abstract void MaxPoolGrad(in Operand g, in Operand taps, in Operand x, PoolPlan plan);

    /// <summary>y = the sum of each window of x, divided by the number of elements that the plan counts. x [n, c, space..], y [n, c, space'..] of one floating-point type.</summary>
    public abstract void AveragePool(in Operand x, in Operand y, PoolPlan plan);

    /// <summary>The gradient of x: at each element, the sum of the gradients of the windows that read it, each divided as its sum was.</summary>
    public abstract void AveragePoolGrad(in Operand g, in Operand x, PoolPlan plan);
}

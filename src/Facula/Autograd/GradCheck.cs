using System.Globalization;

namespace Facula;

public static partial class Autograd
{
    /// <summary>
    /// Compares the gradients of a function with central differences, element by element. Write it beside every operation of your own.
    /// torch.autograd.gradcheck.
    /// </summary>
    /// <param name="function">From the inputs to a floating-point tensor; it must give the same result every time.</param>
    /// <param name="inputs">Those that require gradients are checked and must be Float64: in less precision the differences are noise.
    /// Keep away from kinks.</param>
    /// <param name="eps">How far an element is moved to either side.</param>
    /// <param name="atol">The absolute error allowed.</param>
    /// <param name="rtol">The error allowed, relative to the difference quotient.</param>
    /// <param name="raiseException">Whether to throw an error that says where the gradient is wrong, instead of returning false.</param>
    /// <returns>Whether all gradients agree.</returns>
    /// <exception cref="ArgumentException">No input requires gradients, or one that does is not Float64, or repeats elements (an expanded view).</exception>
    /// <exception cref="InvalidOperationException">A gradient is wrong; the message names input, element, analytic and numeric value.</exception>
    public static bool GradCheck(Func<Tensor[], Tensor> function, Tensor[] inputs, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3,
        bool raiseException = true)
    {
        ArgumentNullException.ThrowIfNull(function);
        return GradCheck(x => [function(x)], inputs, eps, atol, rtol, raiseException);
    }

    /// <summary>The same for a function with several results; those that are not floating-point or require no gradient are left out.</summary>
    public static bool GradCheck(Func<Tensor[], Tensor[]> function, Tensor[] inputs, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3,
        bool raiseException = true)
    {
        ArgumentNullException.ThrowIfNull(function);
        Check.NoneNull(inputs);
        return new GradientChecker("GradCheck", function, inputs, eps, atol, rtol).Run(raiseException);
    }

    /// <summary>
    /// Compares the gradients of a function's gradients with central differences: whether it may be used with createGraph. torch.autograd.gradgradcheck.
    /// </summary>
    /// <inheritdoc cref="GradCheck(Func{Tensor[], Tensor}, Tensor[], double, double, double, bool)"/>
    public static bool GradGradCheck(Func<Tensor[], Tensor> function, Tensor[] inputs, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3,
        bool raiseException = true)
    {
        ArgumentNullException.ThrowIfNull(function);
        return GradGradCheck(x => [function(x)], inputs, eps, atol, rtol, raiseException);
    }

    /// <summary>The same for a function with several results; those that are not floating-point or require no gradient are left out.</summary>
    public static bool GradGradCheck(Func<Tensor[], Tensor[]> function, Tensor[] inputs, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3,
        bool raiseException = true)
    {
        ArgumentNullException.ThrowIfNull(function);
        Check.NoneNull(inputs);
        int count = inputs.Length;
        int[] checkedInputs = [.. Enumerable.Range(0, count).Where(i => inputs[i].RequiresGrad)];
        Tensor[] results = GradientChecker.Differentiable(function(inputs));
        // Any cotangents will do as long as they are not all alike; as inputs of their own they are differentiated too.
        Tensor[] cotangents = [.. results.Select((y, i) => GradientChecker.Cotangent(y, i))];

        Tensor[] Gradients(Tensor[] x)
        {
            Tensor[] outputs = GradientChecker.Differentiable(function(x[..count]));
            Tensor[] wanted = [.. checkedInputs.Select(i => x[i])];
            // An input whose gradient is zero everywhere may have none.
            Tensor?[] gradients = Grad(outputs, wanted, x[count..], createGraph: true, allowUnused: true);
            return [.. gradients.OfType<Tensor>()];
        }

        return new GradientChecker("GradGradCheck", Gradients, [.. inputs, .. cotangents], eps, atol, rtol).Run(raiseException);
    }
}

/// <summary>One run of a gradient check.</summary>
internal sealed class GradientChecker(string name, Func<Tensor[], Tensor[]> function, Tensor[] inputs, double eps, double atol, double rtol)
{
    public static Tensor[] Differentiable(Tensor[] results) => [.. results.Where(y => y.DType.IsFloatingPoint && y.RequiresGrad)];

    public static Tensor Cotangent(Tensor y, int seed)
    {
        var values = new double[y.Count];
        for (int i = 0; i < values.Length; i++) values[i] = 0.5 + Math.Abs(Math.Sin(1 + i + 17 * seed));
        Tensor cotangent = Tensor.From(values, y.Shape).To(y.DType, y.Device).Detach();
        cotangent.RequiresGrad = true;
        return cotangent;
    }

    public bool Run(bool raiseException)
    {
        CheckInputs();
        Tensor[] results = Differentiable(function(inputs));
        // Before anything is moved: what a gradient rule has saved is the inputs themselves.
        double[][][] analytic = [.. results.Select(Jacobian)];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!inputs[i].RequiresGrad) continue;
            for (long element = 0; element < inputs[i].Count; element++)
            {
                double[][] numeric = DifferenceQuotients(i, element, results.Length);
                for (int o = 0; o < results.Length; o++)
                {
                    for (int k = 0; k < numeric[o].Length; k++)
                    {
                        double expected = numeric[o][k], actual = analytic[o][i][k * inputs[i].Count + element];
                        if (Math.Abs(actual - expected) <= atol + rtol * Math.Abs(expected)) continue;
                        if (!raiseException) return false;
                        string of = results.Length > 1 ? $"output {o}, " : "";
                        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                            $"{name}: the gradient of {of}element {Index(results[o], k)} with respect to input {i}, element {Index(inputs[i], element)}, " +
                            $"is {actual} by backward but {expected} by differences (allowed: {atol} + {rtol} relative)."));
                    }
                }
            }
        }
        return true;
    }

    private void CheckInputs()
    {
        bool any = false;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!inputs[i].RequiresGrad) continue;
            any = true;
            if (inputs[i].DType != DType.Float64)
                throw new ArgumentException($"{name}: input {i} is {inputs[i].DType.PyTorchName}; " +
                    "differences need float64, convert it with To(DType.Float64).");
            for (int d = 0; d < inputs[i].Rank; d++)
            {
                if (inputs[i].Layout.Strides[d] == 0 && inputs[i].Layout.Shape[d] > 1)
                    throw new ArgumentException($"{name}: input {i} of shape {inputs[i].Shape} repeats elements, which cannot be moved one by one; " +
                        "Clone() it.");
            }
        }
        if (!any) throw new ArgumentException($"{name}: no input requires gradients, so there is nothing to check.");
    }

    /// <summary>For each input the derivatives of every element of the result, one row an element.</summary>
    private double[][] Jacobian(Tensor result)
    {
        Tensor[] wanted = [.. inputs.Where(x => x.RequiresGrad)];
        var rows = new double[inputs.Length][];
        for (int i = 0; i < inputs.Length; i++) rows[i] = new double[result.Count * inputs[i].Count];
        var oneHot = new double[result.Count];
        for (int k = 0; k < oneHot.Length; k++)
        {
            oneHot[k] = 1;
            Tensor seed = Tensor.From(oneHot, result.Shape).To(result.DType, result.Device);
            oneHot[k] = 0;
            Tensor?[] gradients = Autograd.Grad([result], wanted, [seed], retainGraph: true, allowUnused: true);
            for (int i = 0, w = 0; i < inputs.Length; i++)
            {
                if (!inputs[i].RequiresGrad || gradients[w++] is not { } gradient) continue;
                gradient.To(Device.Cpu).ToArray<double>().CopyTo(rows[i], k * inputs[i].Count);
            }
        }
        return rows;
    }

    private double[][] DifferenceQuotients(int input, long element, int outputs)
    {
        Tensor x = inputs[input];
        var single = new Layout([], [], x.Layout.OffsetOf(element));
        double value = x.Alias(single).Item<double>();
        double[][] above = At(value + eps), below = At(value - eps);
        Move(value);
        for (int o = 0; o < outputs; o++)
        {
            for (int k = 0; k < above[o].Length; k++) above[o][k] = (above[o][k] - below[o][k]) / (2 * eps);
        }
        return above;

        void Move(double to)
        {
            x.Device.Backend.Fill(x.Operand.With(single), to);
            // Nothing else tells backends that elements have changed.
            x.Buffer.Derived = null;
        }

        double[][] At(double to)
        {
            Move(to);
            return [.. Differentiable(function(inputs)).Select(y => y.To(Device.Cpu).ToArray<double>())];
        }
    }

    private static Shape Index(Tensor x, long element)
    {
        var index = new int[x.Rank];
        for (int d = x.Rank - 1; d >= 0; d--)
        {
            index[d] = (int)(element % x.Layout.Shape[d]);
            element /= x.Layout.Shape[d];
        }
        return index;
    }
}

namespace Facula;

/// <summary>Recording modes and gradients as a function. torch.autograd.</summary>
public static partial class Autograd
{
    /// <summary>Operations on this thread are not recorded until the result is disposed. torch.no_grad.</summary>
    public static GradModeScope NoGrad() => new(false, GradMode.IsInference, GradMode.DetectsAnomaly);

    /// <summary>Operations are recorded again inside <see cref="NoGrad"/>. torch.enable_grad.</summary>
    public static GradModeScope EnableGrad() => new(true, false, GradMode.DetectsAnomaly);

    /// <summary>Like <see cref="NoGrad"/>, and what is computed can never become part of a graph. torch.inference_mode.</summary>
    public static GradModeScope InferenceMode() => new(false, true, GradMode.DetectsAnomaly);

    /// <summary>
    /// Anomaly mode, on this thread until the result is disposed: operations remember where they were called, and backward stops at the first gradient that is
    /// not a number with an error that names the operation: <c>using (Autograd.DetectAnomaly()) loss.Backward();</c>, around forward as well to learn where.
    /// Slow, and waits for the device at each operation. torch.autograd.detect_anomaly.
    /// </summary>
    public static GradModeScope DetectAnomaly() => new(GradMode.IsEnabled, GradMode.IsInference, true);

    /// <summary>Whether operations on this thread are recorded. torch.is_grad_enabled.</summary>
    public static bool IsGradEnabled => GradMode.IsEnabled;

    /// <summary>Whether this thread is in <see cref="DetectAnomaly"/>. torch.is_anomaly_enabled.</summary>
    public static bool IsAnomalyEnabled => GradMode.DetectsAnomaly;

    /// <summary>
    /// The gradients of the sum of the outputs with respect to the inputs, without touching anyone's <see cref="Tensor.Grad"/>. torch.autograd.grad.
    /// </summary>
    /// <param name="outputs">What is differentiated; each a single number unless its gradient is given.</param>
    /// <param name="inputs">With respect to what; each must require gradients.</param>
    /// <param name="gradOutputs">The gradient with respect to each output; null entries mean 1.</param>
    /// <param name="retainGraph">Keep the graph for another use; by default what createGraph is.</param>
    /// <param name="createGraph">Record the computation, so that the gradients can be differentiated again.</param>
    /// <param name="allowUnused">Give null for an input that the outputs do not depend on, instead of an error.</param>
    /// <exception cref="InvalidOperationException">An input requires no gradient, or the outputs do not depend on it.</exception>
    public static Tensor[] Grad(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor?>? gradOutputs = null,
        bool? retainGraph = null, bool createGraph = false, bool allowUnused = false)
    {
        Check.NoneNull(outputs);
        Check.NoneNull(inputs);
        for (int i = 0; i < inputs.Count; i++)
        {
            if (!inputs[i].RequiresGrad)
                throw new InvalidOperationException($"Autograd.Grad: input {i} of shape {inputs[i].Shape} does not require gradients.");
        }
        if (gradOutputs is not null && gradOutputs.Count != outputs.Count)
            throw new ArgumentException($"Autograd.Grad: {outputs.Count} outputs but {gradOutputs.Count} gradients.", nameof(gradOutputs));
        Tensor?[] results = Engine.Run([.. outputs], gradOutputs is null ? new Tensor?[outputs.Count] : [.. gradOutputs], [.. inputs],
            retainGraph ?? createGraph, createGraph);
        for (int i = 0; i < results.Length; i++)
        {
            if (results[i] is null && !allowUnused)
            {
                throw new InvalidOperationException($"Autograd.Grad: the outputs do not depend on input {i} of shape {inputs[i].Shape}; " +
                    "pass allowUnused: true to get null for it.");
            }
        }
        return results!;
    }

    /// <summary>The gradient of one output with respect to one input; see the other overload.</summary>
    public static Tensor Grad(Tensor output, Tensor input, Tensor? gradOutput = null, bool? retainGraph = null, bool createGraph = false) =>
        Grad([output], [input], [gradOutput], retainGraph, createGraph)[0];
}

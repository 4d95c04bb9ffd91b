namespace Facula.Optim;

/// <summary>Keeps gradients from becoming too large. torch.nn.utils.</summary>
public static class GradientClipping
{
    extension(IEnumerable<Tensor> parameters)
    {
        /// <summary>
        /// Scales all gradients by one factor, so that the norm of all their elements together is at most maxNorm; those that are shorter stay as they
        /// are. <c>model.Parameters().ClipGradNorm(1)</c>. torch.nn.utils.clip_grad_norm_.
        /// </summary>
        /// <param name="maxNorm">The largest norm.</param>
        /// <param name="normType">The order of the norm; infinity for the largest magnitude.</param>
        /// <param name="errorIfNonFinite">Whether a norm that is infinite or NaN is an error; to find out waits for the device.</param>
        /// <returns>The norm before, a single number; 0 where there are no gradients.</returns>
        /// <exception cref="InvalidOperationException">The norm is infinite or NaN and that is an error.</exception>
        public Tensor ClipGradNorm(double maxNorm, double normType = 2, bool errorIfNonFinite = false)
        {
            Check.Limit("ClipGradNorm", maxNorm);
            Check.Number("ClipGradNorm", normType);
            using GradModeScope scope = Autograd.NoGrad();
            Tensor[] gradients = Gradients(parameters);
            if (gradients.Length == 0) return Tensor.Zeros();
            // The norm of the norms is the norm of all, and no number larger than it comes up on the way.
            Device device = gradients[0].Device;
            Tensor norms = Tensor.Zeros([gradients.Length], gradients[0].DType, device);
            for (int i = 0; i < gradients.Length; i++) norms.Select(0, i).CopyInPlace(gradients[i].Norm(normType).To(device));
            Tensor total = norms.Norm(normType);
            if (errorIfNonFinite && !double.IsFinite(total.Item<double>()))
            {
                throw new InvalidOperationException($"ClipGradNorm: the norm of the gradients is {total.Item<double>()}. " +
                    "Pass errorIfNonFinite: false to scale them by it anyway, or find where it comes from inside Autograd.DetectAnomaly().");
            }
            Tensor factor = (maxNorm / (total + 1e-6)).Clamp(max: 1.0);
            foreach (Tensor gradient in gradients) gradient.MultiplyInPlace(factor.To(gradient.Device));
            return total;
        }

        /// <summary>Moves every element of the gradients that is outside ±clipValue to the nearer of the two. torch.nn.utils.clip_grad_value_.</summary>
        public void ClipGradValue(double clipValue)
        {
            Check.Limit("ClipGradValue", clipValue);
            using GradModeScope scope = Autograd.NoGrad();
            foreach (Tensor gradient in Gradients(parameters)) gradient.ClampInPlace(-clipValue, clipValue);
        }
    }

    private static Tensor[] Gradients(IEnumerable<Tensor> parameters) =>
        [.. Check.NoneNull(parameters, operation: "Clipping gradients").Select(parameter => parameter.GradToUse).OfType<Tensor>()];
}

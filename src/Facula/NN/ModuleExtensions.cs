namespace Facula.NN;

/// <summary>What changes a module and gives it back as what it is: <c>MnistModel model = new MnistModel().To(device).Eval();</c></summary>
public static class ModuleExtensions
{
    extension<T>(T module) where T : Module
    {
        /// <summary>
        /// A copy with parameters, buffers and modules of its own, which shares within itself what this one does; gradients are left behind, hooks come along.
        /// What fields hold besides, such as functions, generators and lists, both have in common. Python's copy.deepcopy.
        /// </summary>
        /// <exception cref="InvalidOperationException">A class shows its members by hand and does not override <see cref="Module.CloneMembers"/>.</exception>
        public T Clone() => (T)Check.NotNull(module).DeepCopy();

        /// <summary>Moves parameters, buffers and gradients to a device, in place. torch.nn.Module.to.</summary>
        /// <param name="device">Where to.</param>
        /// <param name="nonBlocking">torch's non_blocking. Changes nothing today: the elements are there when this returns. See
        /// <see cref="Tensor.To(Device, bool)"/>.</param>
        /// <exception cref="NotSupportedException">The device is not there.</exception>
        public T To(Device device, bool nonBlocking = false)
        {
            ArgumentNullException.ThrowIfNull(device);
            Check.NotNull(module).Move(null, device, nonBlocking);
            return module;
        }

        /// <summary>Moves parameters, buffers and gradients to a device, and converts those of floating-point type, in place. torch.nn.Module.to.</summary>
        /// <param name="dtype">A floating-point type.</param>
        /// <param name="device">Where to.</param>
        /// <param name="nonBlocking">torch's non_blocking. Changes nothing today: the elements are there when this returns. See
        /// <see cref="Tensor.To(Device, bool)"/>.</param>
        /// <exception cref="ArgumentException">The type is no floating-point type.</exception>
        /// <exception cref="NotSupportedException">The device is not there.</exception>
        public T To(DType dtype, Device device, bool nonBlocking = false)
        {
            ArgumentNullException.ThrowIfNull(device);
            Check.NotNull(module).Move(FloatingPoint(dtype), device, nonBlocking);
            return module;
        }

        /// <summary>Converts floating-point parameters, buffers and gradients to a floating-point type, in place. torch.nn.Module.to.</summary>
        /// <exception cref="ArgumentException">The type is no floating-point type.</exception>
        public T To(DType dtype)
        {
            Check.NotNull(module).Move(FloatingPoint(dtype), null, nonBlocking: false);
            return module;
        }

        /// <summary>Puts the module and all within it in training mode, or out of it. torch.nn.Module.train.</summary>
        public T Train(bool mode = true)
        {
            foreach (Module part in Check.NotNull(module).Modules()) part.IsTraining = mode;
            return module;
        }

        /// <summary>Puts the module and all within it in evaluation mode. torch.nn.Module.eval.</summary>
        public T Eval() => Check.NotNull(module).Train(false);

        /// <summary>
        /// Calls the function with every module within this one, children first, then with this one; to initialise, say. torch.nn.Module.apply.
        /// </summary>
        public T Apply(Action<Module> action)
        {
            ArgumentNullException.ThrowIfNull(action);
            // Says so where the modules are nested too deeply, or without end.
            Check.NotNull(module).NamedModules();
            ApplyTo(module);
            return module;

            void ApplyTo(Module part)
            {
                foreach (Module child in part.Children()) ApplyTo(child);
                action(part);
            }
        }

        /// <summary>Says of all parameters whether they require gradients; false freezes the module. torch.nn.Module.requires_grad_.</summary>
        public T RequiresGradInPlace(bool requiresGrad = true)
        {
            foreach (Parameter parameter in Check.NotNull(module).Parameters()) parameter.RequiresGrad = requiresGrad;
            return module;
        }
    }

    extension(Tensor tensor)
    {
        /// <summary>Lets the tensor stand for its elements on another device and, where they are floating-point numbers, in another type.</summary>
        internal void MoveData(DType? type, Device? device, bool nonBlocking)
        {
            using GradModeScope scope = Autograd.NoGrad();
            Tensor moved = tensor.To(tensor.DType.IsFloatingPoint ? type ?? tensor.DType : tensor.DType, device ?? tensor.Device, nonBlocking);
            if (ReferenceEquals(moved, tensor)) return;
            tensor.ReplaceData(moved);
            moved.Dispose();
        }
    }

    private static DType FloatingPoint(DType dtype) => dtype.IsFloatingPoint ? dtype
        : throw new ArgumentException($"To: a module computes in floating-point types, not in {dtype.PyTorchName}.", nameof(dtype));
}

namespace Facula.Data;

/// <summary>What a loader with a device can move; implement <see cref="IDeviceMovable{TSelf}"/>.</summary>
public interface IDeviceMovable
{
    /// <summary>It on a device.</summary>
    object To(Device device, bool nonBlocking);
}

/// <summary>
/// A batch, or part of one, of a type of one's own that a <see cref="DataLoader{TBatch}"/> with a device can move:
/// <c>record Batch(Tensor Ids, Tensor Mask) : IDeviceMovable&lt;Batch&gt;</c>. PyTorch looks for a method pin_memory.
/// </summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IDeviceMovable<TSelf> : IDeviceMovable where TSelf : IDeviceMovable<TSelf>
{
    /// <summary>It, with its tensors on a device: <c>new(Ids.To(device, nonBlocking), Mask.To(device, nonBlocking))</c>.</summary>
    /// <param name="device">Where to.</param>
    /// <param name="nonBlocking">What to hand on to <see cref="Tensor.To(Device, bool)"/>.</param>
    new TSelf To(Device device, bool nonBlocking);

    object IDeviceMovable.To(Device device, bool nonBlocking) => To(device, nonBlocking);
}

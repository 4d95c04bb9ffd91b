using System.Collections.Concurrent;

namespace Facula.Backends.Cuda;

/// <summary>The kernels of a family on one device. Each is written and compiled when it is first asked for, once.</summary>
/// <param name="write">The kernel for a key and a device of this compute capability, times ten.</param>
internal sealed class KernelCache<TKey>(Func<TKey, int, CudaKernel> write) where TKey : struct, IEquatable<TKey>
{
    private readonly ConcurrentDictionary<TKey, CudaFunction> _functions = [];
    private readonly Lock _gate = new();

    public CudaFunction Get(CudaDevice device, TKey key) => _functions.TryGetValue(key, out CudaFunction? function) ? function : Load(device, key);

    private CudaFunction Load(CudaDevice device, TKey key)
    {
        lock (_gate)
        {
            // Another thread may have been faster. What has failed is tried again: there may have been no room.
            if (_functions.TryGetValue(key, out CudaFunction? function)) return function;
            return _functions[key] = device.Load(write(key, device.Properties.Capability));
        }
    }
}

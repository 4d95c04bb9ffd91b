namespace Facula.GpuCheck;

/// <summary>What is wrong is said, once, and the device goes on.</summary>
internal static class ErrorChecks
{
    public static (string, Func<IEnumerable<string>>)[] All(Device device) =>
    [
        ("an index out of range", () => Refuses<ArgumentOutOfRangeException>(device, () =>
        {
            Tensor rows = Tensor.Ones(3, 2).To(device), index = Tensor.From([0L, 3]).To(device);
            rows[index].ToArray<float>();
        })),
        ("too much memory", () => Refuses<OutOfMemoryException>(device, () =>
        {
            long bytes = device.Backend is Backends.Cuda.CudaBackend cuda ? cuda.Device.Properties.TotalMemory : 0;
            // A tensor has at most so many elements; two of them are too much for every device there is.
            int rows = (int)Math.Min(int.MaxValue, bytes / 8 / 1024 + 1024);
            var kept = new List<Tensor>();
            for (int i = 0; i < 2; i++) kept.Add(Tensor.Empty([rows, 1024], DType.Float64, device));
        })),
    ];

    private static IEnumerable<string> Refuses<T>(Device device, Action action) where T : Exception
    {
        string? got = "nothing";
        try
        {
            action();
        }
        catch (T)
        {
            got = null;
        }
        catch (Exception e)
        {
            got = $"{e.GetType().Name}: {e.Message}";
        }
        if (got is not null) yield return $"{typeof(T).Name} was expected, and there was {got}.";
        Tensor after = Tensor.Arange(5f, device: device) + 1;
        if (!after.ToArray<float>().AsSpan().SequenceEqual([1, 2, 3, 4, 5])) yield return "the device does not go on.";
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cuda;

/// <summary>
/// A device that works: its context, its streams and memory, and the calls of its driver, each of which is checked. Everything may be called from any thread.
/// </summary>
internal sealed partial class CudaDevice
{
    private const int RecentOperations = 8;

    // The device whose context this thread has.
    [ThreadStatic] private static CudaDevice? t_current;
    // CUDA's own switch is heard as well, so that the operation is named.
    private static volatile bool s_waitsAfterLaunch = Environment.GetEnvironmentVariable("CUDA_LAUNCH_BLOCKING") == "1";

    private readonly nint _context;
    private readonly string?[] _recent = new string[RecentOperations];
    private CudaException? _lost;
    private long _launches;
    private LaunchRecorder? _recorder;

    public CudaDevice(CudaProperties properties, string name)
    {
        (Properties, Name) = (properties, $"{name} ({properties.Name})");
        Check(Driver.RetainContext(properties.Ordinal, out _context), "start");
        Enter("start");
        Check(Driver.CreateStream(out nint compute), "start");
        Compute = compute;
        Memory = new(this);
        Errors = new(this);
        (_smallUploads, _largeUploads) = (new(this, SmallSlotBytes), new(this, LargeSlotBytes));
        (_smallSlots, _largeSlots) = (new(this, SmallSlotBytes), new(this, LargeSlotBytes));
    }

    /// <summary>Whether products of Float32 may be computed with 10 bits behind the point.</summary>
    public static bool AllowsTf32 { get; set; }

    /// <summary>Whether every launch is waited for, so that an error is that of the operation which is named.</summary>
    public static bool WaitsAfterLaunch { get => s_waitsAfterLaunch; set => s_waitsAfterLaunch = value; }

    public CudaProperties Properties { get; }

    public string Name { get; }

    public ICudaDriver Driver => Properties.Driver;

    public CachingAllocator Memory { get; }

    public DeferredErrors Errors { get; }

    /// <summary>The stream of all kernels.</summary>
    public nint Compute { get; }

    /// <summary>Kernels that have been launched.</summary>
    public long Launches => Volatile.Read(ref _launches);

    /// <summary>Before the driver is called: it works on this device, which is not lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enter(string operation)
    {
        if (!ReferenceEquals(t_current, this) || _lost is not null) EnterAnew(operation);
    }

    private void EnterAnew(string operation)
    {
        if (_lost is not null) ThrowLost();
        Check(Driver.SetContext(_context), operation);
        t_current = this;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Check(CudaResult result, string operation)
    {
        if (result != CudaResult.Success) Fail(result, operation);
    }

    [DoesNotReturn]
    private void Fail(CudaResult result, string operation, LaunchArguments? arguments = null)
    {
        if (_lost is not null) ThrowLost();
        string message = $"{operation}{arguments?.Describe()}: {CudaError.Describe(result)} on {Name}.";
        if (!CudaError.IsFinal(result)) throw new CudaException(message, (int)result, operation);
        if (!WaitsAfterLaunch)
        {
            message += $" Kernels run by themselves, so that an earlier one may have done it; the last were {string.Join(", ", Recent())}. " +
                "Cuda.WaitAfterLaunch, or CUDA_LAUNCH_BLOCKING=1 in the environment, has each waited for and finds which.";
        }
        var error = new CudaException(message + " The device is lost to this process, which must be started again to use it.", (int)result, operation);
        // Another thread may have found it first.
        Interlocked.CompareExchange(ref _lost, error, null);
        ThrowLost();
    }

    /// <summary>A new exception with the words of the first, which it has within: its stack is that of the call that has found it.</summary>
    [DoesNotReturn]
    private void ThrowLost() => throw new CudaException(_lost!.Message, _lost.Code, _lost.Operation, _lost);

    /// <summary>The last operations, the latest first.</summary>
    private IEnumerable<string> Recent()
    {
        long last = Launches;
        for (int i = 0; i < RecentOperations; i++)
        {
            if (_recent[(last - i) & (RecentOperations - 1)] is { } operation) yield return operation;
        }
    }

    /// <summary>Gives a kernel to the compute stream. Nothing waits, and nothing is allocated.</summary>
    public void Launch(CudaFunction function, CudaGrid grid, LaunchArguments arguments, string operation)
    {
        Enter(operation);
        long number = Interlocked.Increment(ref _launches);
        _recent[number & (RecentOperations - 1)] = operation;
        LaunchRecorder? recorder = Volatile.Read(ref _recorder);
        nint start = recorder?.Begin(operation) ?? 0;
        CudaResult result = Driver.Launch(function.Handle, grid, function.SharedBytes, Compute, arguments.Packed);
        if (result == CudaResult.Success) recorder?.End(start, operation, arguments.OperandBytes);
        if (result == CudaResult.Success && s_waitsAfterLaunch) result = Driver.SynchronizeStream(Compute);
        if (result != CudaResult.Success) Fail(result, operation, arguments);
    }

    /// <summary>From now on every launch is recorded, until the recorder is stopped; one at a time.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public LaunchRecorder Record()
    {
        Enter("Profile");
        var recorder = new LaunchRecorder(this);
        if (Interlocked.CompareExchange(ref _recorder, recorder, null) is not null)
            throw new InvalidOperationException($"Profile: {Name} is being profiled already; dispose of that profile first.");
        Memory.ResetPeak();
        return recorder;
    }

    public void EndRecord() => Volatile.Write(ref _recorder, null);

    /// <summary>Compiles a kernel.</summary>
    public CudaFunction Load(CudaKernel kernel)
    {
        string operation = $"Compiling {kernel.Name}";
        Enter(operation);
        CudaResult result = Driver.LoadModule(kernel.Ptx, out nint module, out string log);
        if (result == CudaResult.OutOfMemory)
        {
            // Kernels lie in the device's memory as well.
            Memory.Empty();
            result = Driver.LoadModule(kernel.Ptx, out module, out log);
        }
        if (result != CudaResult.Success)
        {
            if (_lost is not null || CudaError.IsFinal(result)) Fail(result, operation);
            throw new CudaException($"{operation}: {CudaError.Describe(result)} on {Name}. The compiler says: {(log.Length > 0 ? log.Trim() : "nothing")}",
                (int)result, operation);
        }
        Check(Driver.GetFunction(module, kernel.Name, out nint function), operation);
        // What every block may have without being asked for.
        if (kernel.SharedBytes > 48 << 10) Check(Driver.SetSharedBytes(function, kernel.SharedBytes), operation);
        return new(kernel.Name, function, kernel.Threads, kernel.SharedBytes);
    }

    /// <summary>Bytes of the device that nobody uses, and all.</summary>
    public (long Free, long Total) ReadMemory()
    {
        const string Operation = "GetMemoryInfo";
        Enter(Operation);
        Check(Driver.GetMemory(out ulong free, out ulong total), Operation);
        return ((long)free, (long)total);
    }

    public override string ToString() => Name;
}

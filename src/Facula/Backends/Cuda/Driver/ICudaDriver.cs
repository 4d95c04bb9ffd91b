namespace Facula.Backends.Cuda;

/// <summary>
/// The calls of the CUDA driver that Facula makes, one method for one function of its API, whose name is in the documentation; handles and device pointers
/// are what the driver gives. Implemented by the driver itself, by the emulator, and by drivers that fail on purpose. Thread-safe, but a context is current
/// on one thread (<see cref="SetContext"/>).
/// </summary>
internal unsafe interface ICudaDriver
{
    /// <summary>Starts the driver. cuInit.</summary>
    CudaResult Initialize();

    /// <summary>The version of CUDA that it knows: 1000 times the major number and 10 times the minor one. cuDriverGetVersion.</summary>
    CudaResult GetVersion(out int version);

    /// <summary>cuDeviceGetCount.</summary>
    CudaResult GetDeviceCount(out int count);

    /// <summary>cuDeviceGetName.</summary>
    CudaResult GetDeviceName(int device, out string name);

    /// <summary>Bytes of memory. cuDeviceTotalMem.</summary>
    CudaResult GetTotalMemory(int device, out ulong bytes);

    /// <summary>cuDeviceGetAttribute.</summary>
    CudaResult GetAttribute(CudaAttribute attribute, int device, out int value);

    /// <summary>The context that a process has of a device. cuDevicePrimaryCtxRetain.</summary>
    CudaResult RetainContext(int device, out nint context);

    /// <summary>Makes a context the one that this thread works with. cuCtxSetCurrent.</summary>
    CudaResult SetContext(nint context);

    /// <summary>Waits for all that the context has been given. cuCtxSynchronize.</summary>
    CudaResult SynchronizeContext();

    /// <summary>Compiles PTX. What the compiler says when it fails is in the log. cuModuleLoadDataEx.</summary>
    CudaResult LoadModule(string ptx, out nint module, out string log);

    /// <summary>cuModuleUnload.</summary>
    CudaResult UnloadModule(nint module);

    /// <summary>An entry of a module. cuModuleGetFunction.</summary>
    CudaResult GetFunction(nint module, string name, out nint function);

    /// <summary>The bytes of dynamic shared memory that a function may be launched with; beyond 48 KB it must be told. cuFuncSetAttribute.</summary>
    CudaResult SetSharedBytes(nint function, int bytes);

    /// <summary>
    /// Starts a kernel, whose arguments are packed as its parameters lie: each at a multiple of its own size. cuLaunchKernel with
    /// CU_LAUNCH_PARAM_BUFFER_POINTER.
    /// </summary>
    CudaResult Launch(nint function, CudaGrid grid, int sharedBytes, nint stream, ReadOnlySpan<byte> arguments);

    /// <summary>cuMemAlloc.</summary>
    CudaResult Allocate(ulong bytes, out ulong pointer);

    /// <summary>cuMemFree.</summary>
    CudaResult Free(ulong pointer);

    /// <summary>cuMemGetInfo.</summary>
    CudaResult GetMemory(out ulong free, out ulong total);

    /// <summary>Locked memory of the host, which the device copies from and to by itself. cuMemHostAlloc.</summary>
    CudaResult AllocateHost(ulong bytes, out nint pointer);

    /// <summary>cuMemFreeHost.</summary>
    CudaResult FreeHost(nint pointer);

    /// <summary>cuMemcpyHtoDAsync.</summary>
    CudaResult CopyToDevice(ulong to, nint from, ulong bytes, nint stream);

    /// <summary>cuMemcpyDtoHAsync.</summary>
    CudaResult CopyToHost(nint to, ulong from, ulong bytes, nint stream);

    /// <summary>cuMemcpyDtoDAsync.</summary>
    CudaResult CopyOnDevice(ulong to, ulong from, ulong bytes, nint stream);

    /// <summary>Sets bytes. cuMemsetD8Async.</summary>
    CudaResult Set(ulong pointer, byte value, ulong bytes, nint stream);

    /// <summary>A stream that does not wait for the default one. cuStreamCreate with CU_STREAM_NON_BLOCKING.</summary>
    CudaResult CreateStream(out nint stream);

    /// <summary>cuStreamDestroy.</summary>
    CudaResult DestroyStream(nint stream);

    /// <summary>Waits for all that a stream has been given. cuStreamSynchronize.</summary>
    CudaResult SynchronizeStream(nint stream);

    /// <summary>What the stream is given from now on waits for the event. cuStreamWaitEvent.</summary>
    CudaResult WaitFor(nint stream, nint @event);

    /// <summary>With timing only where it is asked for, as that costs. cuEventCreate.</summary>
    CudaResult CreateEvent(bool timing, out nint @event);

    /// <summary>cuEventDestroy.</summary>
    CudaResult DestroyEvent(nint @event);

    /// <summary>The event has happened when the stream has done all that it has been given until now. cuEventRecord.</summary>
    CudaResult Record(nint @event, nint stream);

    /// <summary><see cref="CudaResult.Success"/> where it has happened, else <see cref="CudaResult.NotReady"/>. cuEventQuery.</summary>
    CudaResult Query(nint @event);

    /// <summary>cuEventSynchronize.</summary>
    CudaResult SynchronizeEvent(nint @event);

    /// <summary>Milliseconds from one to the other. cuEventElapsedTime.</summary>
    CudaResult GetElapsed(nint start, nint end, out float milliseconds);

    /// <summary>What the stream is given from now on is recorded instead of done, in the thread-local mode. cuStreamBeginCapture.</summary>
    CudaResult BeginCapture(nint stream);

    /// <summary>cuStreamEndCapture.</summary>
    CudaResult EndCapture(nint stream, out nint graph);

    /// <summary>cuGraphInstantiateWithFlags.</summary>
    CudaResult Instantiate(nint graph, out nint executable);

    /// <summary>cuGraphLaunch.</summary>
    CudaResult LaunchGraph(nint executable, nint stream);

    /// <summary>cuGraphDestroy.</summary>
    CudaResult DestroyGraph(nint graph);

    /// <summary>cuGraphExecDestroy.</summary>
    CudaResult DestroyExecutable(nint executable);
}

/// <summary>Blocks in three directions, and threads in one block.</summary>
internal readonly record struct CudaGrid(int X, int Y, int Z, int Threads);

/// <summary>CUdevice_attribute: those that Facula asks for.</summary>
internal enum CudaAttribute
{
    MaxSharedMemoryPerBlock = 8,
    MultiprocessorCount = 16,
    Integrated = 18,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    MaxSharedMemoryPerBlockOptin = 97,
}

/// <summary>CUresult: those that Facula tells apart. Any other number is possible.</summary>
internal enum CudaResult
{
    Success = 0,
    InvalidValue = 1,
    OutOfMemory = 2,
    NotInitialized = 3,
    Deinitialized = 4,
    NoDevice = 100,
    InvalidDevice = 101,
    InvalidContext = 201,
    InvalidPtx = 218,
    UnsupportedPtxVersion = 222,
    NotFound = 500,
    NotReady = 600,
    IllegalAddress = 700,
    LaunchOutOfResources = 701,
    LaunchTimeout = 702,
    MisalignedAddress = 716,
    IllegalInstruction = 715,
    LaunchFailed = 719,
    SystemNotReady = 802,
    StreamCaptureUnsupported = 900,
    StreamCaptureInvalidated = 901,
}

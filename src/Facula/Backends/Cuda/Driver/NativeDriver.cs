using System.Runtime.InteropServices;
using System.Text;

namespace Facula.Backends.Cuda;

/// <summary>
/// The driver of this machine, by pointers to its functions, which are looked up by name at run time: a machine without it is a value, and no exception.
/// Signatures are those of cuda.h in version 11.8; the numbers behind the names are part of what the driver exports.
/// </summary>
internal sealed unsafe class NativeDriver : ICudaDriver
{
    private const int LogBytes = 16 << 10;

    // CUjit_option, CUfunction_attribute, and flags of allocations, streams, events and captures.
    private const int ErrorLogBuffer = 5, ErrorLogSize = 6, MaxDynamicSharedBytes = 8;
    private const uint PortableMemory = 1, NonBlockingStream = 1, WithoutTiming = 2;
    private const int ThreadLocalCapture = 1;

    private readonly delegate* unmanaged<uint, int> _initialize;
    private readonly delegate* unmanaged<int*, int> _version, _deviceCount;
    private readonly delegate* unmanaged<int*, int, int> _device;
    private readonly delegate* unmanaged<byte*, int, int, int> _deviceName;
    private readonly delegate* unmanaged<nuint*, int, int> _totalMemory;
    private readonly delegate* unmanaged<int*, int, int, int> _attribute;
    private readonly delegate* unmanaged<nint*, int, int> _retainContext;
    private readonly delegate* unmanaged<nint, int> _setContext, _unloadModule, _destroyStream, _synchronizeStream, _destroyEvent, _query, _synchronizeEvent;
    private readonly delegate* unmanaged<int> _synchronizeContext;
    private readonly delegate* unmanaged<nint*, byte*, uint, int*, void**, int> _loadModule;
    private readonly delegate* unmanaged<nint*, nint, byte*, int> _function;
    private readonly delegate* unmanaged<nint, int, int, int> _setFunction;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launch;
    private readonly delegate* unmanaged<ulong*, nuint, int> _allocate;
    private readonly delegate* unmanaged<ulong, int> _free;
    private readonly delegate* unmanaged<nuint*, nuint*, int> _memory;
    private readonly delegate* unmanaged<void**, nuint, uint, int> _allocateHost;
    private readonly delegate* unmanaged<void*, int> _freeHost;
    private readonly delegate* unmanaged<ulong, void*, nuint, nint, int> _copyToDevice;
    private readonly delegate* unmanaged<void*, ulong, nuint, nint, int> _copyToHost;
    private readonly delegate* unmanaged<ulong, ulong, nuint, nint, int> _copyOnDevice;
    private readonly delegate* unmanaged<ulong, byte, nuint, nint, int> _set;
    private readonly delegate* unmanaged<nint*, uint, int> _createStream, _createEvent;
    private readonly delegate* unmanaged<nint, nint, uint, int> _waitFor;
    private readonly delegate* unmanaged<nint, nint, int> _record;
    private readonly delegate* unmanaged<float*, nint, nint, int> _elapsed;

    // None where the driver has no graphs.
    private readonly delegate* unmanaged<nint, int, int> _beginCapture;
    private readonly delegate* unmanaged<nint, nint*, int> _endCapture;
    private readonly delegate* unmanaged<nint*, nint, ulong, int> _instantiate;
    private readonly delegate* unmanaged<nint, nint, int> _launchGraph;
    private readonly delegate* unmanaged<nint, int> _destroyGraph, _destroyExecutable;

    private NativeDriver(Exports exports)
    {
        _initialize = (delegate* unmanaged<uint, int>)exports["cuInit"];
        _version = (delegate* unmanaged<int*, int>)exports["cuDriverGetVersion"];
        _deviceCount = (delegate* unmanaged<int*, int>)exports["cuDeviceGetCount"];
        _device = (delegate* unmanaged<int*, int, int>)exports["cuDeviceGet"];
        _deviceName = (delegate* unmanaged<byte*, int, int, int>)exports["cuDeviceGetName"];
        _totalMemory = (delegate* unmanaged<nuint*, int, int>)exports["cuDeviceTotalMem_v2"];
        _attribute = (delegate* unmanaged<int*, int, int, int>)exports["cuDeviceGetAttribute"];
        _retainContext = (delegate* unmanaged<nint*, int, int>)exports["cuDevicePrimaryCtxRetain"];
        _setContext = (delegate* unmanaged<nint, int>)exports["cuCtxSetCurrent"];
        _synchronizeContext = (delegate* unmanaged<int>)exports["cuCtxSynchronize"];
        _loadModule = (delegate* unmanaged<nint*, byte*, uint, int*, void**, int>)exports["cuModuleLoadDataEx"];
        _unloadModule = (delegate* unmanaged<nint, int>)exports["cuModuleUnload"];
        _function = (delegate* unmanaged<nint*, nint, byte*, int>)exports["cuModuleGetFunction"];
        _setFunction = (delegate* unmanaged<nint, int, int, int>)exports["cuFuncSetAttribute"];
        _launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)exports["cuLaunchKernel"];
        _allocate = (delegate* unmanaged<ulong*, nuint, int>)exports["cuMemAlloc_v2"];
        _free = (delegate* unmanaged<ulong, int>)exports["cuMemFree_v2"];
        _memory = (delegate* unmanaged<nuint*, nuint*, int>)exports["cuMemGetInfo_v2"];
        _allocateHost = (delegate* unmanaged<void**, nuint, uint, int>)exports["cuMemHostAlloc"];
        _freeHost = (delegate* unmanaged<void*, int>)exports["cuMemFreeHost"];
        _copyToDevice = (delegate* unmanaged<ulong, void*, nuint, nint, int>)exports["cuMemcpyHtoDAsync_v2"];
        _copyToHost = (delegate* unmanaged<void*, ulong, nuint, nint, int>)exports["cuMemcpyDtoHAsync_v2"];
        _copyOnDevice = (delegate* unmanaged<ulong, ulong, nuint, nint, int>)exports["cuMemcpyDtoDAsync_v2"];
        _set = (delegate* unmanaged<ulong, byte, nuint, nint, int>)exports["cuMemsetD8Async"];
        _createStream = (delegate* unmanaged<nint*, uint, int>)exports["cuStreamCreate"];
        _destroyStream = (delegate* unmanaged<nint, int>)exports["cuStreamDestroy_v2"];
        _synchronizeStream = (delegate* unmanaged<nint, int>)exports["cuStreamSynchronize"];
        _waitFor = (delegate* unmanaged<nint, nint, uint, int>)exports["cuStreamWaitEvent"];
        _createEvent = (delegate* unmanaged<nint*, uint, int>)exports["cuEventCreate"];
        _destroyEvent = (delegate* unmanaged<nint, int>)exports["cuEventDestroy_v2"];
        _record = (delegate* unmanaged<nint, nint, int>)exports["cuEventRecord"];
        _query = (delegate* unmanaged<nint, int>)exports["cuEventQuery"];
        _synchronizeEvent = (delegate* unmanaged<nint, int>)exports["cuEventSynchronize"];
        _elapsed = (delegate* unmanaged<float*, nint, nint, int>)exports["cuEventElapsedTime"];
        _beginCapture = (delegate* unmanaged<nint, int, int>)exports.Optional("cuStreamBeginCapture_v2");
        _endCapture = (delegate* unmanaged<nint, nint*, int>)exports.Optional("cuStreamEndCapture");
        _instantiate = (delegate* unmanaged<nint*, nint, ulong, int>)exports.Optional("cuGraphInstantiateWithFlags");
        _launchGraph = (delegate* unmanaged<nint, nint, int>)exports.Optional("cuGraphLaunch");
        _destroyGraph = (delegate* unmanaged<nint, int>)exports.Optional("cuGraphDestroy");
        _destroyExecutable = (delegate* unmanaged<nint, int>)exports.Optional("cuGraphExecDestroy");
    }

    /// <summary>The driver of this machine, or why there is none.</summary>
    public static NativeDriver? Load(out string? reason)
    {
        string file = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(file, out nint library))
        {
            reason = $"NVIDIA's driver is not installed: {file} cannot be loaded.";
            return null;
        }
        return Bind(name => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0, out reason);
    }

    /// <summary>A driver whose functions are found by name, 0 for one that is missing; or which is missing.</summary>
    public static NativeDriver? Bind(Func<string, nint> find, out string? reason)
    {
        var exports = new Exports(find);
        var driver = new NativeDriver(exports);
        reason = exports.Missing is { } missing ? $"NVIDIA's driver is too old, or no driver: it has no function {missing}." : null;
        return reason is null ? driver : null;
    }

    public CudaResult Initialize() => (CudaResult)_initialize(0);

    public CudaResult GetVersion(out int version)
    {
        int value = 0;
        int result = _version(&value);
        version = value;
        return (CudaResult)result;
    }

    public CudaResult GetDeviceCount(out int count)
    {
        int value = 0;
        int result = _deviceCount(&value);
        count = value;
        return (CudaResult)result;
    }

    public CudaResult GetDeviceName(int device, out string name)
    {
        const int Length = 256;
        byte* text = stackalloc byte[Length];
        text[0] = 0;
        int result = Handle(device, out int handle);
        if (result == 0) result = _deviceName(text, Length, handle);
        text[Length - 1] = 0;
        name = Marshal.PtrToStringUTF8((nint)text)!;
        return (CudaResult)result;
    }

    public CudaResult GetTotalMemory(int device, out ulong bytes)
    {
        nuint value = 0;
        int result = Handle(device, out int handle);
        if (result == 0) result = _totalMemory(&value, handle);
        bytes = value;
        return (CudaResult)result;
    }

    public CudaResult GetAttribute(CudaAttribute attribute, int device, out int value)
    {
        int found = 0, result = Handle(device, out int handle);
        if (result == 0) result = _attribute(&found, (int)attribute, handle);
        value = found;
        return (CudaResult)result;
    }

    public CudaResult RetainContext(int device, out nint context)
    {
        nint value = 0;
        int result = Handle(device, out int handle);
        if (result == 0) result = _retainContext(&value, handle);
        context = value;
        return (CudaResult)result;
    }

    private int Handle(int device, out int handle)
    {
        int value = 0;
        int result = _device(&value, device);
        handle = value;
        return result;
    }

    public CudaResult SetContext(nint context) => (CudaResult)_setContext(context);

    public CudaResult SynchronizeContext() => (CudaResult)_synchronizeContext();

    public CudaResult LoadModule(string ptx, out nint module, out string log)
    {
        byte[] text = Encoding.ASCII.GetBytes(ptx + '\0'), messages = new byte[LogBytes];
        nint loaded = 0;
        int result;
        fixed (byte* t = text, m = messages)
        {
            int* options = stackalloc int[] { ErrorLogBuffer, ErrorLogSize };
            void** values = stackalloc void*[] { m, (void*)LogBytes };
            result = _loadModule(&loaded, t, 2, options, values);
        }
        module = loaded;
        int length = Array.IndexOf(messages, (byte)0);
        log = Encoding.UTF8.GetString(messages, 0, length < 0 ? LogBytes : length);
        return (CudaResult)result;
    }

    public CudaResult UnloadModule(nint module) => (CudaResult)_unloadModule(module);

    public CudaResult GetFunction(nint module, string name, out nint function)
    {
        nint found = 0;
        int result;
        fixed (byte* text = Encoding.ASCII.GetBytes(name + '\0')) result = _function(&found, module, text);
        function = found;
        return (CudaResult)result;
    }

    public CudaResult SetSharedBytes(nint function, int bytes) => (CudaResult)_setFunction(function, MaxDynamicSharedBytes, bytes);

    public CudaResult Launch(nint function, CudaGrid grid, int sharedBytes, nint stream, ReadOnlySpan<byte> arguments)
    {
        nuint length = (nuint)arguments.Length;
        fixed (byte* packed = arguments)
        {
            // CU_LAUNCH_PARAM_BUFFER_POINTER, CU_LAUNCH_PARAM_BUFFER_SIZE and the end.
            void** extra = stackalloc void*[] { (void*)1, packed, (void*)2, &length, (void*)0 };
            return (CudaResult)_launch(function, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)grid.Threads, 1, 1, (uint)sharedBytes, stream, null,
                length == 0 ? null : extra);
        }
    }

    public CudaResult Allocate(ulong bytes, out ulong pointer)
    {
        ulong value = 0;
        int result = _allocate(&value, (nuint)bytes);
        pointer = value;
        return (CudaResult)result;
    }

    public CudaResult Free(ulong pointer) => (CudaResult)_free(pointer);

    public CudaResult GetMemory(out ulong free, out ulong total)
    {
        nuint unused = 0, all = 0;
        int result = _memory(&unused, &all);
        (free, total) = (unused, all);
        return (CudaResult)result;
    }

    public CudaResult AllocateHost(ulong bytes, out nint pointer)
    {
        void* value = null;
        int result = _allocateHost(&value, (nuint)bytes, PortableMemory);
        pointer = (nint)value;
        return (CudaResult)result;
    }

    public CudaResult FreeHost(nint pointer) => (CudaResult)_freeHost((void*)pointer);

    public CudaResult CopyToDevice(ulong to, nint from, ulong bytes, nint stream) => (CudaResult)_copyToDevice(to, (void*)from, (nuint)bytes, stream);

    public CudaResult CopyToHost(nint to, ulong from, ulong bytes, nint stream) => (CudaResult)_copyToHost((void*)to, from, (nuint)bytes, stream);

    public CudaResult CopyOnDevice(ulong to, ulong from, ulong bytes, nint stream) => (CudaResult)_copyOnDevice(to, from, (nuint)bytes, stream);

    public CudaResult Set(ulong pointer, byte value, ulong bytes, nint stream) => (CudaResult)_set(pointer, value, (nuint)bytes, stream);

    public CudaResult CreateStream(out nint stream)
    {
        nint value = 0;
        int result = _createStream(&value, NonBlockingStream);
        stream = value;
        return (CudaResult)result;
    }

    public CudaResult DestroyStream(nint stream) => (CudaResult)_destroyStream(stream);

    public CudaResult SynchronizeStream(nint stream) => (CudaResult)_synchronizeStream(stream);

    public CudaResult WaitFor(nint stream, nint @event) => (CudaResult)_waitFor(stream, @event, 0);

    public CudaResult CreateEvent(bool timing, out nint @event)
    {
        nint value = 0;
        int result = _createEvent(&value, timing ? 0 : WithoutTiming);
        @event = value;
        return (CudaResult)result;
    }

    public CudaResult DestroyEvent(nint @event) => (CudaResult)_destroyEvent(@event);

    public CudaResult Record(nint @event, nint stream) => (CudaResult)_record(@event, stream);

    public CudaResult Query(nint @event) => (CudaResult)_query(@event);

    public CudaResult SynchronizeEvent(nint @event) => (CudaResult)_synchronizeEvent(@event);

    public CudaResult GetElapsed(nint start, nint end, out float milliseconds)
    {
        float value = 0;
        int result = _elapsed(&value, start, end);
        milliseconds = value;
        return (CudaResult)result;
    }

    private bool HasGraphs => _beginCapture != null && _endCapture != null && _instantiate != null && _launchGraph != null && _destroyGraph != null &&
        _destroyExecutable != null;

    public CudaResult BeginCapture(nint stream) => HasGraphs ? (CudaResult)_beginCapture(stream, ThreadLocalCapture) : CudaResult.StreamCaptureUnsupported;

    public CudaResult EndCapture(nint stream, out nint graph)
    {
        nint value = 0;
        int result = _endCapture(stream, &value);
        graph = value;
        return (CudaResult)result;
    }

    public CudaResult Instantiate(nint graph, out nint executable)
    {
        nint value = 0;
        int result = _instantiate(&value, graph, 0);
        executable = value;
        return (CudaResult)result;
    }

    public CudaResult LaunchGraph(nint executable, nint stream) => (CudaResult)_launchGraph(executable, stream);

    public CudaResult DestroyGraph(nint graph) => (CudaResult)_destroyGraph(graph);

    public CudaResult DestroyExecutable(nint executable) => (CudaResult)_destroyExecutable(executable);

    /// <summary>Functions by name, and the first that is not there.</summary>
    private sealed class Exports(Func<string, nint> find)
    {
        public string? Missing { get; private set; }

        public void* this[string name]
        {
            get
            {
                nint address = find(name);
                if (address == 0) Missing ??= name;
                return (void*)address;
            }
        }

        public void* Optional(string name) => (void*)find(name);
    }
}

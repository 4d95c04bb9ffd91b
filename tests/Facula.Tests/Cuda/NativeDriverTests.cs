using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>The calls of the driver by pointers, to functions of this file in its place.</summary>
public sealed unsafe class NativeDriverTests
{
    private static NativeDriver Bind(params ReadOnlySpan<(string Name, nint Address)> functions)
    {
        var known = new Dictionary<string, nint>();
        foreach ((string name, nint address) in functions) known[name] = address;
        NativeDriver? driver = NativeDriver.Bind(name => known.GetValueOrDefault(name, 1), out string? reason);
        Assert.Null(reason);
        return driver!;
    }

    [Theory, InlineData("cuInit"), InlineData("cuMemAlloc_v2"), InlineData("cuEventElapsedTime")]
    public void A_function_that_is_missing_is_a_reason(string missing)
    {
        Assert.Null(NativeDriver.Bind(name => name == missing ? 0 : 1, out string? reason));
        Assert.Contains(missing, reason, StringComparison.Ordinal);
        Assert.Null(NativeDriver.Bind(_ => 0, out reason));
        Assert.Contains("cuInit", reason, StringComparison.Ordinal);
    }

    [Theory, InlineData("cuStreamBeginCapture_v2"), InlineData("cuGraphInstantiateWithFlags"), InlineData("cuGraphExecDestroy")]
    public void Without_graphs_only_they_are_missing(string missing)
    {
        NativeDriver? driver = NativeDriver.Bind(name => name == missing ? 0 : 1, out string? reason);
        Assert.Null(reason);
        Assert.Equal(CudaResult.StreamCaptureUnsupported, driver!.BeginCapture(1));
    }

    [Fact]
    public void Functions_are_looked_up_by_the_names_of_their_versions()
    {
        var asked = new List<string>();
        NativeDriver.Bind(name =>
        {
            asked.Add(name);
            return 1;
        }, out _);
        Assert.Equal(asked.Count, asked.Distinct().Count());
        // cuda.h gives these other names; what is exported under the plain ones is older.
        string[] versioned = ["cuDeviceTotalMem", "cuMemAlloc", "cuMemFree", "cuMemGetInfo", "cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuMemcpyDtoDAsync",
            "cuStreamDestroy", "cuEventDestroy", "cuStreamBeginCapture"];
        Assert.All(versioned, name => Assert.Contains(name + "_v2", asked));
        Assert.All(versioned, name => Assert.DoesNotContain(name, asked));
    }

    [UnmanagedCallersOnly]
    private static int Device(int* handle, int ordinal)
    {
        *handle = 40 + ordinal;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Name(byte* text, int length, int handle)
    {
        Encoding.ASCII.GetBytes($"GPU {handle}\0", new Span<byte>(text, length));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Attribute(int* value, int attribute, int handle)
    {
        *value = 1000 * attribute + handle;
        return 0;
    }

    [Fact]
    public void Devices_are_asked_by_their_handles()
    {
        NativeDriver driver = Bind(("cuDeviceGet", (nint)(delegate* unmanaged<int*, int, int>)&Device),
            ("cuDeviceGetName", (nint)(delegate* unmanaged<byte*, int, int, int>)&Name),
            ("cuDeviceGetAttribute", (nint)(delegate* unmanaged<int*, int, int, int>)&Attribute));
        Assert.Equal(CudaResult.Success, driver.GetDeviceName(2, out string name));
        Assert.Equal(CudaResult.Success, driver.GetAttribute(CudaAttribute.ComputeCapabilityMajor, 1, out int value));
        Assert.Equal(("GPU 42", 75041), (name, value));
    }

    private static byte[]? s_arguments;
    private static string? s_launch;

    [UnmanagedCallersOnly]
    private static int LaunchKernel(nint function, uint x, uint y, uint z, uint tx, uint ty, uint tz, uint shared, nint stream, void** parameters, void** extra)
    {
        s_launch = $"{function} {x} {y} {z} {tx} {ty} {tz} {shared} {stream} {(nint)parameters}";
        s_arguments = null;
        if (extra == null) return 0;
        s_launch += $" {(nint)extra[0]} {(nint)extra[2]} {(nint)extra[4]}";
        s_arguments = new Span<byte>(extra[1], (int)*(nuint*)extra[3]).ToArray();
        return 719;
    }

    [Fact]
    public void A_launch_hands_over_its_arguments_in_one_piece()
    {
        NativeDriver driver = Bind(("cuLaunchKernel",
            (nint)(delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)&LaunchKernel));
        Assert.Equal(CudaResult.LaunchFailed, driver.Launch(5, new(6, 7, 8, 256), 1024, 9, [1, 2, 3]));
        Assert.Equal("5 6 7 8 256 1 1 1024 9 0 1 2 0", s_launch);
        Assert.Equal([1, 2, 3], s_arguments);
        Assert.Equal(CudaResult.Success, driver.Launch(5, new(6, 7, 8, 256), 1024, 9, []));
        Assert.Null(s_arguments);
    }

    [UnmanagedCallersOnly]
    private static int LoadData(nint* module, byte* text, uint count, int* options, void** values)
    {
        *module = 11;
        string ptx = Marshal.PtrToStringUTF8((nint)text)!;
        string log = $"{ptx}, {count} options: {options[0]} {options[1]}";
        Encoding.ASCII.GetBytes(log, new Span<byte>(values[0], (int)(nint)values[1]));
        return 218;
    }

    [Fact]
    public void What_the_compiler_says_is_handed_on()
    {
        NativeDriver driver = Bind(("cuModuleLoadDataEx", (nint)(delegate* unmanaged<nint*, byte*, uint, int*, void**, int>)&LoadData));
        Assert.Equal(CudaResult.InvalidPtx, driver.LoadModule(".version 7.8", out nint module, out string log));
        Assert.Equal((11, ".version 7.8, 2 options: 5 6"), (module, log));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Copy(ulong to, void* from, nuint bytes, nint stream) => (int)to + (int)(nint)from + (int)bytes + (int)stream;

    [Fact]
    public void Any_number_of_the_driver_comes_back()
    {
        NativeDriver driver = Bind(("cuMemcpyHtoDAsync_v2", (nint)(delegate* unmanaged[Cdecl]<ulong, void*, nuint, nint, int>)&Copy));
        Assert.Equal(1111, (int)driver.CopyToDevice(1, 10, 100, 1000));
    }
}

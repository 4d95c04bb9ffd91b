using System.Runtime.InteropServices;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>An emulated device with the few steps that a test of a kernel takes.</summary>
internal sealed unsafe class EmulatedProgram : IDisposable
{
    public EmulatedProgram(EmulatorOptions? options = null)
    {
        Driver = new((options ?? new()) with { TotalMemory = 16 << 20 });
        Driver.Initialize();
        Driver.RetainContext(0, out nint context);
        Driver.SetContext(context);
        Assert.Equal(CudaResult.Success, Driver.CreateStream(out nint stream));
        Stream = stream;
    }

    public EmulatedDriver Driver { get; }

    public nint Stream { get; }

    public void Dispose() => Driver.Dispose();

    public ulong Allocate(int bytes)
    {
        Assert.Equal(CudaResult.Success, Driver.Allocate((ulong)bytes, out ulong pointer));
        return pointer;
    }

    public ulong Upload<T>(params ReadOnlySpan<T> values) where T : unmanaged
    {
        ulong pointer = Allocate(values.Length * sizeof(T));
        fixed (T* from = values) Assert.Equal(CudaResult.Success, Driver.CopyToDevice(pointer, (nint)from, (ulong)(values.Length * sizeof(T)), Stream));
        return pointer;
    }

    public T[] Download<T>(ulong pointer, int count) where T : unmanaged
    {
        var values = new T[count];
        fixed (T* to = values) Succeed(Driver.CopyToHost((nint)to, pointer, (ulong)(count * sizeof(T)), Stream));
        return values;
    }

    /// <summary>A module's one entry.</summary>
    public nint Load(string ptx)
    {
        CudaResult result = Driver.LoadModule(ptx, out nint module, out string log);
        Assert.True(result == CudaResult.Success, log);
        string name = ptx.Split(".entry ")[1].Split('(')[0].Trim();
        Assert.Equal(CudaResult.Success, Driver.GetFunction(module, name, out nint function));
        return function;
    }

    public CudaResult Launch(nint function, CudaGrid grid, int sharedBytes, params ReadOnlySpan<object> arguments) =>
        Driver.Launch(function, grid, sharedBytes, Stream, Pack(arguments));

    /// <summary>Each at a multiple of its own size.</summary>
    public static byte[] Pack(params ReadOnlySpan<object> arguments)
    {
        var bytes = new List<byte>();
        foreach (object argument in arguments)
        {
            byte[] value = argument switch
            {
                ulong pointer => BitConverter.GetBytes(pointer),
                long number => BitConverter.GetBytes(number),
                uint number => BitConverter.GetBytes(number),
                int number => BitConverter.GetBytes(number),
                float number => BitConverter.GetBytes(number),
                double number => BitConverter.GetBytes(number),
                _ => throw new ArgumentException(argument.GetType().Name),
            };
            while (bytes.Count % value.Length != 0) bytes.Add(0);
            bytes.AddRange(value);
        }
        return [.. bytes];
    }

    /// <summary>Runs a kernel of one block to its end.</summary>
    public CudaResult Run(string ptx, int threads, params ReadOnlySpan<object> arguments) => Run(ptx, new CudaGrid(1, 1, 1, threads), 0, arguments);

    public CudaResult Run(string ptx, CudaGrid grid, int sharedBytes, params ReadOnlySpan<object> arguments)
    {
        nint function = Load(ptx);
        if (sharedBytes > 48 << 10) Assert.Equal(CudaResult.Success, Driver.SetSharedBytes(function, sharedBytes));
        Assert.Equal(CudaResult.Success, Launch(function, grid, sharedBytes, arguments));
        return Driver.SynchronizeContext();
    }

    public void Succeed(CudaResult result) => Assert.True(result == CudaResult.Success, $"{result}: {Driver.Fault}");

    /// <summary>A module of one entry.</summary>
    public static string Module(string parameters, string body, string shared = "", string target = "sm_80") =>
        $".version 7.8\n.target {target}\n.address_size 64\n{shared}\n.visible .entry kernel({parameters})\n{{\n{body}\n\tret;\n}}\n";
}

using System.Runtime.CompilerServices;
using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

internal sealed unsafe partial class EmulatedDriver
{
    /// <summary>The newest PTX that is understood.</summary>
    private const int NewestPtx = 80;

    private sealed record LoadedModule(Dictionary<string, nint> Functions, List<ulong> Variables);

    private readonly Dictionary<nint, LoadedModule> modules = [];
    private readonly Dictionary<nint, Kernel> functions = [];
    private nint nextHandle = 0x10000;

    private nint NewHandle() => nextHandle += 16;

    public CudaResult LoadModule(string ptx, out nint module, out string log)
    {
        (nint handle, string said) = (0, "");
        CudaResult result = Do(() =>
        {
            try
            {
                PtxModule parsed = Parser.Parse(Options.Edit?.Invoke(ptx) ?? ptx);
                if (parsed.Version > NewestPtx)
                {
                    said = $"ptxas application ptx input, line 1; fatal   : Unsupported .version {parsed.Version / 10}.{parsed.Version % 10}";
                    return CudaResult.UnsupportedPtxVersion;
                }
                bool runs = parsed.IsArchitectureSpecific ? parsed.Target == Options.Capability : parsed.Target <= Options.Capability;
                if (!runs) throw new PtxException(2, $"SM version specified by .target sm_{parsed.Target} is not that of the device, sm_{Options.Capability}");
                var variables = new List<ulong>();
                foreach (Variable variable in parsed.Variables.Where(variable => variable.Space != ".shared")) variables.Add(Place(variable));
                var entries = new Dictionary<string, nint>();
                foreach (Entry entry in parsed.Entries)
                {
                    entries[entry.Name] = NewHandle();
                    functions[entries[entry.Name]] = Decoder.Decode(parsed, entry);
                }
                handle = NewHandle();
                modules[handle] = new(entries, variables);
                Counters.ModulesLoaded++;
                return CudaResult.Success;
            }
            catch (PtxException error)
            {
                said = error.Log;
                return CudaResult.InvalidPtx;
            }
        });
        (module, log) = (handle, said);
        return result;
    }

    /// <summary>Gives a module's variable memory and its first value; without one it is zeros.</summary>
    private ulong Place(Variable variable)
    {
        variable.Address = device.Memory.Allocate((ulong)Math.Max(variable.Bytes, 1));
        if (variable.Address == 0) throw new PtxException(1, $"No memory for variable '{variable.Name}'");
        fixed (byte* initial = variable.Initial ?? new byte[variable.Bytes]) device.Memory.Upload(variable.Address, initial, (ulong)variable.Bytes);
        return variable.Address;
    }

    public CudaResult UnloadModule(nint module) => Do(() =>
    {
        if (!modules.Remove(module, out LoadedModule? loaded)) return InvalidHandle;
        foreach (nint function in loaded.Functions.Values) if (functions.Remove(function, out Kernel? kernel)) kernel.IsUnloaded = true;
        foreach (ulong variable in loaded.Variables) device.Memory.Free(variable);
        return CudaResult.Success;
    });

    public CudaResult GetFunction(nint module, string name, out nint function)
    {
        nint found = 0;
        CudaResult result = Do(() =>
        {
            if (!modules.TryGetValue(module, out LoadedModule? loaded)) return InvalidHandle;
            return loaded.Functions.TryGetValue(name, out found) ? CudaResult.Success : CudaResult.NotFound;
        });
        function = found;
        return result;
    }

    public CudaResult SetSharedBytes(nint function, int bytes) => Do(() =>
    {
        if (!functions.TryGetValue(function, out Kernel? kernel)) return InvalidHandle;
        if (bytes < 0 || bytes > MaxShared - kernel.StaticShared) return CudaResult.InvalidValue;
        kernel.DynamicShared = bytes;
        return CudaResult.Success;
    });

    public CudaResult Launch(nint function, CudaGrid grid, int sharedBytes, nint stream, ReadOnlySpan<byte> arguments)
    {
        byte[] packed = arguments.ToArray();
        return Do(() =>
        {
            if (!functions.TryGetValue(function, out Kernel? kernel)) return InvalidHandle;
            bool isValid = grid is { X: > 0, Y: > 0 and <= 65535, Z: > 0 and <= 65535, Threads: > 0 and <= 1024 } && packed.Length == kernel.ParameterBytes
                && (kernel.MaxThreads == 0 || grid.Threads <= kernel.MaxThreads) && (kernel.RequiredThreads == 0 || grid.Threads == kernel.RequiredThreads)
                && sharedBytes >= 0 && sharedBytes <= Math.Max(kernel.DynamicShared, (48 << 10) - kernel.StaticShared);
            if (!isValid) return CudaResult.InvalidValue;
            return Give(stream, new LaunchOperation(kernel, grid, sharedBytes, packed));
        });
    }
}

namespace Facula.Backends.Cuda;

/// <summary>A kernel as text, and how it is launched.</summary>
/// <param name="Name">Its entry, and what it is called in errors.</param>
/// <param name="Ptx">Text of the PTX ISA with that entry.</param>
/// <param name="Threads">In a block.</param>
/// <param name="SharedBytes">Of shared memory that is not declared in the text.</param>
internal sealed record CudaKernel(string Name, string Ptx, int Threads, int SharedBytes = 0);

/// <summary>A kernel that a device has compiled.</summary>
internal sealed record CudaFunction(string Name, nint Handle, int Threads, int SharedBytes);

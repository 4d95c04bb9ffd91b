namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
}

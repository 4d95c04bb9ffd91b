namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void Update<TUpdate>(TUpdate update, ReadOnlySpan<UpdateTarget> targets) => UpdateLoop.Run(update, targets);
}

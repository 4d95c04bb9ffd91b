using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>What a device has been lost for: the first thing that went wrong, and where.</summary>
/// <param name="Result">What the driver answers from then on.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Kernel">The kernel, or the call of the driver.</param>
/// <param name="Line">The line of the module's text; 0 where no instruction did it.</param>
/// <param name="Instruction">The instruction's text.</param>
/// <param name="Place">Block and thread.</param>
internal sealed record EmulatorFault(CudaResult Result, string Message, string Kernel, int Line, string Instruction, string Place)
{
    public override string ToString() =>
        Line == 0 ? $"{Kernel}: {Message}{Place}" : $"{Kernel}, line {Line}, '{Instruction}'{Place}: {Message}";
}

/// <summary>A fault on its way out of a kernel, or out of the driver where it is asked to throw at once.</summary>
internal sealed class EmulatorFaultException(EmulatorFault fault) : Exception(fault.ToString())
{
    public EmulatorFault Fault { get; } = fault;
}

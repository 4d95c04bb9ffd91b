namespace Facula.CudaEmulator;

/// <summary>What the assembler would refuse a module for, and the line.</summary>
internal sealed class PtxException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;

    /// <summary>As ptxas writes it into its log.</summary>
    public string Log => $"ptxas application ptx input, line {Line}; error   : {Message}";
}

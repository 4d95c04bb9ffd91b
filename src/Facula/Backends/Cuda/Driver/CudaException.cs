namespace Facula;

/// <summary>
/// A GPU, or its driver, has failed. Where the device is lost, as after an address outside of its memory, everything that is done with it afterwards fails
/// with the first error again; only a new process gets it back. PyTorch's torch.AcceleratorError.
/// </summary>
public sealed class CudaException : Exception
{
    internal CudaException(string message, int code, string operation, Exception? inner = null) : base(message, inner) => (Code, Operation) = (code, operation);

    /// <summary>What the driver has said: a number of its CUresult.</summary>
    public int Code { get; }

    /// <summary>The operation that has failed, or in which it was found that an earlier one has.</summary>
    public string Operation { get; }
}

namespace Facula;

/// <summary>
/// Where the elements of a tensor are that no longer has those that it was made with: a buffer, which is none once the tensor has been disposed of, and how
/// they lie in it. Both are in one object that never changes, so that whoever reads a tensor's on another thread, on any processor, has a layout and a buffer
/// that belong together.
/// </summary>
internal sealed class TensorData(Buffer? buffer, Layout layout)
{
    public readonly Buffer? Buffer = buffer;
    public readonly Layout Layout = layout;
}

namespace Facula.Backends.Cpu;

/// <summary>What is done to a piece of the product as soon as it is final, while it is still in the nearest cache: an activation, say.</summary>
internal unsafe interface IGemmEpilogue<T> where T : unmanaged
{
    /// <summary>c points at element (row, column) of the product; the piece has this many rows and columns.</summary>
    void Apply(T* c, nint cRow, int rows, int columns, int row, int column);
}

internal readonly unsafe struct NoEpilogue<T> : IGemmEpilogue<T> where T : unmanaged
{
    public void Apply(T* c, nint cRow, int rows, int columns, int row, int column) { }
}

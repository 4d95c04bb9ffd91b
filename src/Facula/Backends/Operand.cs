namespace Facula.Backends;

/// <summary>What a backend sees of a tensor.</summary>
internal readonly struct Operand(Storage storage, Layout layout, DType type)
{
    public readonly Storage Storage = storage;
    public readonly Layout Layout = layout;
    public readonly DType DType = type;

    public Operand With(Layout layout) => new(Storage, layout, DType);
}

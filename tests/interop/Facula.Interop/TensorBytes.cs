using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Facula.Interop;

/// <summary>Tensors as text: type, shape and the elements' bytes in row-major order, in base 64.</summary>
internal static class TensorBytes
{
    public static Tensor Read(DType type, Shape shape, byte[] bytes) => type.ToString() switch
    {
        nameof(DType.Bool) => From<bool>(bytes, shape),
        nameof(DType.UInt8) => From<byte>(bytes, shape),
        nameof(DType.Int8) => From<sbyte>(bytes, shape),
        nameof(DType.Int16) => From<short>(bytes, shape),
        nameof(DType.Int32) => From<int>(bytes, shape),
        nameof(DType.Int64) => From<long>(bytes, shape),
        nameof(DType.Float16) => From<Half>(bytes, shape),
        nameof(DType.BFloat16) => From<BFloat16>(bytes, shape),
        nameof(DType.Float32) => From<float>(bytes, shape),
        _ => From<double>(bytes, shape),
    };

    public static JsonNode Write(Tensor tensor)
    {
        byte[] bytes = tensor.DType.ToString() switch
        {
            nameof(DType.Bool) => To<bool>(tensor),
            nameof(DType.UInt8) => To<byte>(tensor),
            nameof(DType.Int8) => To<sbyte>(tensor),
            nameof(DType.Int16) => To<short>(tensor),
            nameof(DType.Int32) => To<int>(tensor),
            nameof(DType.Int64) => To<long>(tensor),
            nameof(DType.Float16) => To<Half>(tensor),
            nameof(DType.BFloat16) => To<BFloat16>(tensor),
            nameof(DType.Float32) => To<float>(tensor),
            _ => To<double>(tensor),
        };
        return new JsonObject
        {
            ["type"] = tensor.DType.PyTorchName,
            ["shape"] = new JsonArray([.. tensor.Shape.Select(size => JsonValue.Create(size))]),
            ["bytes"] = Convert.ToBase64String(bytes),
        };
    }

    private static Tensor From<T>(byte[] bytes, Shape shape) where T : unmanaged => Tensor.From(MemoryMarshal.Cast<byte, T>(bytes), shape);

    private static byte[] To<T>(Tensor tensor) where T : unmanaged => MemoryMarshal.AsBytes<T>(tensor.ToArray<T>()).ToArray();
}

using System.Runtime.InteropServices;
using Facula.Backends;

namespace Facula;

/// <summary>Arrays of any rank, rectangular or nested, as tensors.</summary>
internal static class NestedArray
{
    public static Tensor ToTensor(Array values)
    {
        var shape = new List<int>();
        Type element = values.GetType();
        for (Array? level = values; level is not null; level = level.Length > 0 && element.IsArray ? level.Cast<object?>().First() as Array : null)
        {
            for (int d = 0; d < level.Rank; d++) shape.Add(level.GetLength(d));
            if (shape.Count > Layout.MaxRank)
                throw new ArgumentException($"From: the arrays are nested more than {Layout.MaxRank} deep, the most dimensions that a tensor " +
                    $"has.", nameof(values));
            element = level.GetType().GetElementType()!;
        }
        while (element.IsArray) element = element.GetElementType()!;
        DType type = Type.GetTypeCode(element) switch
        {
            TypeCode.Single => DType.Float32,
            TypeCode.Double => DType.Float64,
            TypeCode.Int64 => DType.Int64,
            TypeCode.Int32 => DType.Int32,
            TypeCode.Int16 => DType.Int16,
            TypeCode.SByte => DType.Int8,
            TypeCode.Byte => DType.UInt8,
            TypeCode.Boolean => DType.Bool,
            _ when element == typeof(Half) => DType.Float16,
            _ when element == typeof(BFloat16) => DType.BFloat16,
            _ => throw new ArgumentException($"From: an array of {element} is no tensor; its elements must be numbers or bool.", nameof(values)),
        };
        Tensor y = Tensor.Empty([.. shape], type, Device.Cpu);
        using HeldSpan<byte> held = y.HoldBytes(0, Check.Size("From", y.Count * type.Size, "the number of bytes"));
        Span<byte> bytes = held.Span;
        Fill(values, [.. shape], 0, "", type.Size, ref bytes);
        return y;
    }

    private static void Fill(Array level, int[] shape, int depth, string path, int size, ref Span<byte> target)
    {
        for (int d = 0; d < level.Rank; d++)
        {
            if (depth + d >= shape.Length || level.GetLength(d) != shape[depth + d])
            {
                throw new ArgumentException($"From: row {(path.Length == 0 ? "0" : path)} has {level.GetLength(d)} elements where the first row has " +
                    $"{(depth + d < shape.Length ? shape[depth + d] : 0)}; all rows of a tensor are equally long.");
            }
        }
        if (level.GetType().GetElementType()!.IsArray)
        {
            int i = 0;
            foreach (object? row in level)
            {
                string here = $"{path}[{i++}]";
                Fill(row as Array ?? throw new ArgumentException($"From: row {here} is null."), shape, depth + level.Rank, here, size, ref target);
            }
            return;
        }
        int bytes = level.Length * size;
        MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(level), bytes).CopyTo(target);
        target = target[bytes..];
    }
}

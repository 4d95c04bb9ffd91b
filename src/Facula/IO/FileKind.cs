using System.Buffers.Binary;
using System.Text;

namespace Facula.IO;

/// <summary>Recognises files of other kinds that are given by mistake, by how they begin.</summary>
internal static class FileKind
{
    /// <summary>As many first bytes as it takes.</summary>
    public const int Bytes = 512;

    private const string ByTorch = "in Python, read it with torch.load and write its tensors with safetensors.torch.save_file";
    private const string ByNumPy = "in Python, read it with numpy.load and write its arrays with safetensors.numpy.save_file";
    private const string Unpack = "unpack it first";

    // A safetensors file that is damaged begins with the length of its header, whose upper bytes are 0: no pattern here may take it for something else.

    /// <summary>What a file is and what to do about it, e.g. "is a NumPy array; ..."; null where it is nothing known.</summary>
    public static string? Of(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) return "is empty; the program that wrote it may have been stopped, or the disk was full";
        if (start.StartsWith("PK\x03\x04"u8)) return OfZip(start);
        if (start.StartsWith("PK\x05\x06"u8)) return "is an empty zip archive";
        // A pickle of protocol 2 to 5; torch.save wrote plain ones before PyTorch 1.6.
        if (start.Length > 2 && start[0] == 0x80 && start[1] is >= 2 and <= 5 && start[2] != 0)
            return $"is a Python pickle, as torch.save wrote in former times; {ByTorch}";
        if (start[0] == 0x93 && start[1..].StartsWith("NUMPY"u8)) return $"is a NumPy array; {ByNumPy}";
        if (start.StartsWith("GGUF"u8)) return "is a GGUF file, whose tensors are mostly quantised; take the model as safetensors";
        if (start[0] == 0x89 && start[1..].StartsWith("HDF\r\n"u8))
            return "is an HDF5 file, as Keras wrote; in Python, read it with h5py and write its arrays with safetensors.numpy.save_file";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b, 0x08])) return $"is compressed by gzip; {Unpack}";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd])) return $"is compressed by zstd; {Unpack}";
        if (start.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'])) return $"is compressed by xz; {Unpack}";
        if (start.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xbc, 0xaf])) return $"is a 7z archive; {Unpack}";
        if (start.StartsWith("BZh"u8)) return $"is compressed by bzip2; {Unpack}";
        if (start.Length > 262 && start[257..].StartsWith("ustar"u8)) return $"is a tar archive; {Unpack}";
        // A model of ONNX: its version of the format, then who made it.
        if (start.Length > 3 && start[0] == 0x08 && start[1] < 0x20 && start[2] == 0x12 && start[3] != 0)
            return "is an ONNX model, as it seems; take the model as safetensors";
        if (start.StartsWith("version https://git-lfs"u8)) return "is a pointer of Git LFS and not the file itself; fetch that with git lfs pull";
        ReadOnlySpan<byte> text = start.TrimStart(" \t\r\n"u8);
        if (text.Length > 1 && text[0] == '<' && (text[1] is (byte)'!' or (byte)'?' || char.IsAsciiLetter((char)text[1])))
            return "is a web page or other XML; the download went wrong";
        return text.Length > 1 && text[0] == '{' && text[1..].TrimStart(" \t\r\n"u8).StartsWith("\""u8)
            ? "is plain JSON; if it is the index of a model in parts, read the parts that it names" : null;
    }

    private static string OfZip(ReadOnlySpan<byte> start)
    {
        int length = start.Length < 30 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(start[26..]);
        string first = start.Length < 30 ? "" : Encoding.UTF8.GetString(start[30..Math.Min(start.Length, 30 + length)]);
        if (first.EndsWith(".npy", StringComparison.Ordinal)) return $"is an archive of NumPy arrays; {ByNumPy}";
        // torch.save and torch.jit.save put their entries into a folder that is named as the file, or "archive".
        return first.Contains("/data", StringComparison.Ordinal) || first.EndsWith("/version", StringComparison.Ordinal)
            ? $"is a PyTorch file; {ByTorch}"
            : $"is a zip archive; if it is a PyTorch file, {ByTorch}";
    }
}

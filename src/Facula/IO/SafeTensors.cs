using System.Buffers.Binary;
using Facula.Backends;
using Microsoft.Win32.SafeHandles;

namespace Facula.IO;

/// <summary>
/// Named tensors in one file, as Hugging Face's safetensors: a length, a JSON header, then the elements, little-endian. A tensor is read when it is asked
/// for, by any number of threads at a time; nothing is kept but the header. https://github.com/huggingface/safetensors#format
/// </summary>
/// <remarks>
/// A file is written beside the old one, flushed to the disk and renamed: a kill at any instant leaves one of them whole, and at most a temporary file
/// (<c>.facula-*.tmp</c>) that the next save in that folder deletes. Symbolic links are followed and permissions kept; other names of the old file (hard links)
/// keep the old contents, and the new file belongs to who writes it.
/// </remarks>
public sealed class SafeTensors : IDisposable
{
    /// <summary>What is read or written at a time: less than a span holds, and a multiple of every element.</summary>
    private const int ChunkBytes = 1 << 30;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly long _dataStart;
    private readonly SafeTensorsHeader _header;

    private SafeTensors(string path)
    {
        _path = path;
        _file = RegularFile.OpenRead(path);
        try
        {
            long length = RandomAccess.GetLength(_file);
            byte[] header = ReadHeader(length);
            _dataStart = 8 + header.Length;
            _header = SafeTensorsHeader.Parse(header, length - _dataStart);
            Names = [.. _header.Entries.Keys];
        }
        catch (InvalidDataException e)
        {
            string? kind = Kind();
            _file.Dispose();
            throw new InvalidDataException($"{path} {kind ?? $"{e.Message}; it is damaged or no safetensors file"}.", e.InnerException);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is damaged or none of this kind; what other kinds of files for tensors it is, as one of PyTorch or NumPy, is in the message.
    /// </exception>
    /// <exception cref="IOException">The file is not there (<see cref="FileNotFoundException"/>) or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static SafeTensors Open(string path) => new(path);

    /// <summary>The names, in the order of the file; also of tensors in types that the library lacks.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The free text entries of the header.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>A copy of a tensor.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    /// <exception cref="NotSupportedException">Its elements are of a type that the library lacks, such as F8_E4M3 or U64,
    /// or a dimension is beyond an int.</exception>
    /// <exception cref="InvalidDataException">The file has been cut short since it was opened.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Tensor this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            if (!_header.Entries.TryGetValue(name, out SafeTensorsHeader.Entry entry))
            {
                string others = Names.Count == 0 ? "it holds none" : $"one of its {Names.Count} is '{Names[0]}'";
                throw new ArgumentException($"{_path} holds no tensor '{name}'; {others}.", nameof(name));
            }
            if (entry.Type is not { } type)
            {
                throw new NotSupportedException($"{_path} holds '{name}' as {entry.TypeName}, a type that this library lacks; convert that tensor to another " +
                    "where the file was made.");
            }
            if (entry.Shape.Any(size => size > int.MaxValue))
                throw new NotSupportedException($"{_path} holds '{name}' in shape [{string.Join(", ", entry.Shape)}]; " +
                    $"a dimension here is at most {int.MaxValue}.");
            Tensor tensor = Tensor.Empty([.. entry.Shape.Select(size => (int)size)], type, Device.Cpu);
            if (!Fill(_file, _dataStart + entry.Begin, tensor, ChunkBytes))
                throw new InvalidDataException($"{_path} ends before '{name}' does; it has been cut short since it was opened.");
            return tensor;
        }
    }

    /// <summary>Reads all tensors of a file, in its order.</summary>
    /// <inheritdoc cref="Open"/>
    /// <exception cref="NotSupportedException">A tensor is in a type that the library lacks; <see cref="Open"/> reads the others.</exception>
    public static OrderedDictionary<string, Tensor> Load(string path)
    {
        using SafeTensors file = Open(path);
        var tensors = new OrderedDictionary<string, Tensor>();
        foreach (string name in file.Names) tensors.Add(name, file[name]);
        return tensors;
    }

    /// <summary>Writes tensors to a file, replacing it whole or not at all; a folder that is missing is made.</summary>
    /// <param name="path">The file, or a link to it.</param>
    /// <param name="tensors">The tensors, each under a name of its own that is not <c>__metadata__</c>.</param>
    /// <param name="metadata">Texts for the header.</param>
    /// <exception cref="ArgumentException">
    /// A name is used twice or not allowed, or names and texts are longer than the 100 MB that the format allows; nothing has been written.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written, or is a folder, a device, a pipe or a socket; the old file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; it is as it was.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        KeyValuePair<string, Tensor>[] given = [.. tensors];
        foreach ((string name, Tensor tensor) in given)
        {
            if (tensor is null) throw new ArgumentException($"SafeTensors: the tensor '{name}' is null.", nameof(tensors));
        }
        // The format's own writers order by falling alignment, so that every tensor is aligned to its elements.
        KeyValuePair<string, Tensor>[] ordered = [.. given.OrderByDescending(pair => pair.Value.DType.Size)];
        ReadOnlyMemory<byte> header = SafeTensorsHeader.Write(ordered, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header.Span);
            foreach ((_, Tensor tensor) in ordered) Write(stream, tensor, ChunkBytes);
        });
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Writes the elements in row-major order.</summary>
    internal static void Write(Stream stream, Tensor tensor, int chunk)
    {
        // A tensor of one's own, which nobody else disposes of meanwhile.
        using Tensor held = tensor.Detach();
        Tensor dense = held.Contiguous().To(Device.Cpu);
        long bytes = dense.Count * dense.DType.Size;
        for (long at = 0; at < bytes; at += chunk)
        {
            using HeldSpan<byte> part = dense.HoldBytes(at, (int)Math.Min(chunk, bytes - at));
            stream.Write(part.Span);
        }
        if (!ReferenceEquals(dense, held)) dense.Dispose();
    }

    /// <summary>Fills a tensor with what lies at a place of the file; false if that ends before.</summary>
    internal static bool Fill(SafeFileHandle file, long start, Tensor tensor, int chunk)
    {
        long bytes = tensor.Count * tensor.DType.Size;
        for (long at = 0; at < bytes; at += chunk)
        {
            using HeldSpan<byte> part = tensor.HoldBytes(at, (int)Math.Min(chunk, bytes - at));
            if (!Fill(file, start + at, part.Span)) return false;
            if (tensor.DType == DType.Bool) MakeTruths(part.Span);
        }
        return true;
    }

    /// <summary>Kernels count on truth values being 0 or 1; in a file they can be anything.</summary>
    private static void MakeTruths(Span<byte> bytes)
    {
        int at;
        while ((at = bytes.IndexOfAnyExceptInRange((byte)0, (byte)1)) >= 0)
        {
            bytes[at] = 1;
            bytes = bytes[(at + 1)..];
        }
    }

    private byte[] ReadHeader(long length)
    {
        Span<byte> start = stackalloc byte[8];
        if (length < 8 || !Fill(_file, 0, start)) throw new InvalidDataException("is shorter than the 8 bytes every such file begins with");
        long size = BinaryPrimitives.ReadInt64LittleEndian(start);
        if (size < 2 || size > Math.Min(SafeTensorsHeader.MaxBytes, length - 8))
            throw new InvalidDataException($"says that its header has {size} bytes, but {length - 8} follow and the format " +
                $"allows {SafeTensorsHeader.MaxBytes}");
        var header = new byte[size];
        if (!Fill(_file, 8, header)) throw new InvalidDataException("ends within its header");
        return header;
    }

    private static bool Fill(SafeFileHandle file, long start, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int got = RandomAccess.Read(file, bytes, start);
            if (got == 0) return false;
            bytes = bytes[got..];
            start += got;
        }
        return true;
    }

    private string? Kind()
    {
        Span<byte> start = stackalloc byte[FileKind.Bytes];
        return FileKind.Of(start[..RandomAccess.Read(_file, start, 0)]);
    }
}

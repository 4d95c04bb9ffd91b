using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text.Json;

namespace Facula.IO;

/// <summary>
/// Named tensors in one file, as Hugging Face's safetensors: a length, a JSON header, then the elements, little-endian. Reading maps the
/// file into memory and copies a tensor when it is asked for. https://github.com/huggingface/safetensors#format
/// </summary>
public sealed class SafeTensors : IDisposable
{
    private const int MaxHeader = 100_000_000;

    private static readonly Dictionary<string, DType> Types = new()
    {
        ["BOOL"] = DType.Bool,
        ["U8"] = DType.UInt8,
        ["I8"] = DType.Int8,
        ["I16"] = DType.Int16,
        ["I32"] = DType.Int32,
        ["I64"] = DType.Int64,
        ["F16"] = DType.Float16,
        ["BF16"] = DType.BFloat16,
        ["F32"] = DType.Float32,
        ["F64"] = DType.Float64,
    };

    private readonly MemoryMappedFile _file;
    private readonly string _path;
    private readonly long _dataStart;
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly List<string> _names = [];
    private readonly Dictionary<string, string> _metadata = [];

    private readonly record struct Entry(DType Type, int[] Shape, long Begin, long End);

    private SafeTensors(string path)
    {
        _path = path;
        long length = new FileInfo(path).Length;
        if (length < 8) throw Invalid("is shorter than the 8 bytes every such file begins with");
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        try
        {
            byte[] header = ReadHeader(length);
            _dataStart = 8 + header.Length;
            Parse(header, length - _dataStart);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            _file.Dispose();
            throw Invalid("has a header that is no valid JSON: " + e.Message);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or none of this kind.</exception>
    public static SafeTensors Open(string path) => new(path);

    /// <summary>The names, in the order of the file.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The free text entries of the header.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>A copy of a tensor.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public Tensor this[string name]
    {
        get
        {
            if (!_entries.TryGetValue(name, out Entry entry)) throw new KeyNotFoundException($"{_path} holds no tensor '{name}'.");
            Tensor tensor = Tensor.Empty(entry.Shape, entry.Type);
            using MemoryMappedViewStream view = _file.CreateViewStream(_dataStart + entry.Begin, entry.End - entry.Begin, MemoryMappedFileAccess.Read);
            using HeldSpan<byte> bytes = tensor.HoldBytes(0, checked((int)(entry.End - entry.Begin)));
            view.ReadExactly(bytes.Span);
            return tensor;
        }
    }

    /// <summary>Reads all tensors of a file, in its order.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or none of this kind.</exception>
    public static OrderedDictionary<string, Tensor> Load(string path)
    {
        using SafeTensors file = Open(path);
        var tensors = new OrderedDictionary<string, Tensor>();
        foreach (string name in file.Names) tensors.Add(name, file[name]);
        return tensors;
    }

    /// <summary>Writes tensors to a file, replacing it whole or not at all.</summary>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // The format's own writers order by falling alignment, so that every tensor is aligned to its elements.
        List<KeyValuePair<string, Tensor>> ordered = [.. tensors.OrderByDescending(pair => pair.Value.DType.Size)];
        byte[] header = Header(ordered, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach ((_, Tensor tensor) in ordered)
            {
                Tensor dense = tensor.Contiguous().To(Device.Cpu);
                using HeldSpan<byte> bytes = dense.HoldBytes(0, checked((int)(dense.Count * dense.DType.Size)));
                stream.Write(bytes.Span);
            }
        });
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static byte[] Header(List<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long at = 0;
            foreach ((string name, Tensor tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", Types.First(pair => pair.Value == tensor.DType).Key);
                json.WriteStartArray("shape");
                foreach (int size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                json.WriteNumberValue(at += tensor.Count * tensor.DType.Size);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Spaces bring the data to a multiple of 8 bytes.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private byte[] ReadHeader(long length)
    {
        using MemoryMappedViewAccessor start = _file.CreateViewAccessor(0, 8, MemoryMappedFileAccess.Read);
        long size = BinaryPrimitives.ReadInt64LittleEndian(BitConverter.GetBytes(start.ReadInt64(0)));
        if (size < 2 || size > Math.Min(MaxHeader, length - 8)) throw Invalid($"says that its header has {size} bytes, but only {length - 8} follow");
        var header = new byte[size];
        using MemoryMappedViewStream view = _file.CreateViewStream(8, size, MemoryMappedFileAccess.Read);
        view.ReadExactly(header);
        return header;
    }

    private void Parse(byte[] header, long dataLength)
    {
        using JsonDocument document = JsonDocument.Parse(header);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw Invalid("has a header that is no JSON object");
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (property.Name == "__metadata__")
            {
                foreach (JsonProperty text in property.Value.EnumerateObject()) _metadata[text.Name] = text.Value.GetString() ?? "";
                continue;
            }
            Entry entry = ParseEntry(property);
            long bytes = new Shape(entry.Shape).Elements * entry.Type.Size;
            if (entry.Begin < 0 || entry.End > dataLength || entry.End - entry.Begin != bytes)
                throw Invalid($"says that '{property.Name}' of shape {new Shape(entry.Shape)} lies at bytes {entry.Begin} to {entry.End} of {dataLength}, but it has {bytes}");
            if (!_entries.TryAdd(property.Name, entry)) throw Invalid($"names '{property.Name}' twice");
            _names.Add(property.Name);
        }
    }

    private Entry ParseEntry(JsonProperty property)
    {
        try
        {
            string type = property.Value.GetProperty("dtype").GetString() ?? "";
            if (!Types.TryGetValue(type, out DType known)) throw Invalid($"holds '{property.Name}' in the type {type}, which has no counterpart here");
            int[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
            if (shape.Any(size => size < 0)) throw Invalid($"gives '{property.Name}' a negative size");
            JsonElement offsets = property.Value.GetProperty("data_offsets");
            _ = new Shape(shape).Elements;
            return new(known, shape, offsets[0].GetInt64(), offsets[1].GetInt64());
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw Invalid($"describes '{property.Name}' in a way that is not safetensors: {e.Message}");
        }
    }

    private InvalidDataException Invalid(string why) => new($"{_path} {why}; it is damaged or no safetensors file.");
}

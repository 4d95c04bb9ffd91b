using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Facula.IO;

/// <summary>
/// The header of a safetensors file: what tensors it holds, and where. The format asks that they fill the data without gaps and without sharing bytes.
/// https://github.com/huggingface/safetensors#format
/// </summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>The format's own limit.</summary>
    public const int MaxBytes = 100_000_000;

    /// <summary>PyTorch's limit, and this library's.</summary>
    private const int MaxRank = 64;

    private const string MetadataName = "__metadata__";

    /// <summary>Invalid text is an error, not question marks: two names could become one.</summary>
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The format's types: bits of an element, and what stands for it here.</summary>
    private static readonly Dictionary<string, (int Bits, DType? Type)> Types = new()
    {
        ["BOOL"] = (8, DType.Bool),
        ["U8"] = (8, DType.UInt8),
        ["I8"] = (8, DType.Int8),
        ["I16"] = (16, DType.Int16),
        ["I32"] = (32, DType.Int32),
        ["I64"] = (64, DType.Int64),
        ["F16"] = (16, DType.Float16),
        ["BF16"] = (16, DType.BFloat16),
        ["F32"] = (32, DType.Float32),
        ["F64"] = (64, DType.Float64),
        ["U16"] = (16, null),
        ["U32"] = (32, null),
        ["U64"] = (64, null),
        ["F4"] = (4, null),
        ["F6_E2M3"] = (6, null),
        ["F6_E3M2"] = (6, null),
        ["F8_E4M3"] = (8, null),
        ["F8_E5M2"] = (8, null),
        ["F8_E8M0"] = (8, null),
        ["C64"] = (64, null),
    };

    private readonly OrderedDictionary<string, Entry> _entries = [];
    private readonly Dictionary<string, string> _metadata = [];

    /// <summary>A tensor in the file; its bytes are counted from the end of the header.</summary>
    public readonly record struct Entry(string TypeName, long[] Shape, long Begin, long End)
    {
        /// <summary>Null where the library has no such type.</summary>
        public DType? Type => Types.GetValueOrDefault(TypeName).Type;
    }

    /// <summary>The tensors in the header's order, which need not be that of their bytes.</summary>
    public OrderedDictionary<string, Entry> Entries => _entries;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Reads a header and checks all it says.</summary>
    /// <param name="json">The header.</param>
    /// <param name="dataLength">Bytes that follow it.</param>
    /// <exception cref="InvalidDataException">It is none, or lies; the message goes on after the name of the file.</exception>
    public static SafeTensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength)
    {
        if (json[0] != '{') throw new InvalidDataException("has a header that is no JSON object");
        var header = new SafeTensorsHeader();
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            header.ReadEntries(ref reader);
            // What follows the object can only be white space, and reading on sees to that.
            while (reader.Read())
            {
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("has a header that is no valid JSON: " + e.Message, e);
        }
        header.CheckRanges(dataLength);
        return header;
    }

    private void ReadEntries(ref Utf8JsonReader reader)
    {
        while (NextName(ref reader) is { } name)
        {
            if (name == MetadataName) ReadMetadata(ref reader);
            else if (!_entries.TryAdd(name, ReadEntry(ref reader, name))) throw new InvalidDataException($"names '{name}' twice");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (_metadata.Count > 0) throw new InvalidDataException($"names '{MetadataName}' twice");
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return;
        if (reader.TokenType != JsonTokenType.StartObject) throw new InvalidDataException($"has '{MetadataName}' that is no JSON object");
        while (NextName(ref reader) is { } key)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || !_metadata.TryAdd(key, reader.GetString()!))
                throw new InvalidDataException($"has no text under '{key}' of '{MetadataName}', or several");
        }
    }

    private static Entry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw Bad(name, "it is no JSON object");
        string? type = null;
        long[]? shape = null, range = null;
        while (NextName(ref reader) is { } key)
        {
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null && reader.TokenType == JsonTokenType.String: type = reader.GetString(); break;
                case "shape" when shape is null: shape = ReadNumbers(ref reader, MaxRank); break;
                case "data_offsets" when range is null: range = ReadNumbers(ref reader, 2); break;
                case "dtype" or "shape" or "data_offsets": throw Bad(name, $"'{key}' is given twice, or is no text");
                default: reader.Skip(); break;
            }
            if (key == "shape" && shape is null) throw Bad(name, $"the shape is not up to {MaxRank} whole numbers of at least 0");
        }
        if (type is null || shape is null || range is not [var begin, var end] || end < begin)
            throw Bad(name, "it needs a dtype, a shape and, as data_offsets, where it begins and ends");
        if (Types.TryGetValue(type, out (int Bits, DType? Type) known) && BitsOf(shape, known.Bits) is var bits && (UInt128)(end - begin) * 8 != bits)
            throw Bad(name, $"it lies at bytes {begin} to {end}, but a tensor of type {type} and shape [{string.Join(", ", shape)}] does not fill them");
        return new(type, shape, begin, end);
    }

    /// <summary>An array of so many numbers at most, none negative; null if it is anything else.</summary>
    private static long[]? ReadNumbers(ref Utf8JsonReader reader, int most)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return null;
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (numbers.Count == most || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0) return null;
            numbers.Add(number);
        }
        return [.. numbers];
    }

    /// <summary>How many bits a tensor takes; null where they cannot be counted, though one dimension should be 0.</summary>
    private static UInt128? BitsOf(long[] shape, int bits)
    {
        UInt128 all = (UInt128)bits, counted = all;
        foreach (long size in shape)
        {
            all *= (UInt128)Math.Max(1, size);
            if (all > long.MaxValue) return null;
            counted *= (UInt128)size;
        }
        return counted;
    }

    private void CheckRanges(long dataLength)
    {
        KeyValuePair<string, Entry>[] ordered = [.. _entries.OrderBy(pair => pair.Value.Begin).ThenBy(pair => pair.Value.End)];
        long at = 0;
        foreach ((string name, Entry entry) in ordered)
        {
            if (entry.Begin < at) throw new InvalidDataException($"has '{name}' begin at byte {entry.Begin} of the data, within another tensor");
            if (entry.Begin > at) throw new InvalidDataException($"has nothing at bytes {at} to {entry.Begin} of the data, before '{name}'");
            at = entry.End;
        }
        if (at != dataLength) throw new InvalidDataException($"describes tensors of {at} bytes, but {dataLength} bytes of data follow");
    }

    /// <summary>The name of the next property of an object, or null at its end.</summary>
    private static string? NextName(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
    }

    private static InvalidDataException Bad(string name, string why) => new($"describes '{name}' in a way that is not safetensors: {why}");

    /// <summary>The header of a file that holds the tensors one after another, filled up with spaces to a multiple of 8 bytes.</summary>
    /// <exception cref="ArgumentException">
    /// A name is used twice, is the format's own or cannot be written, the header is longer than the format allows, or the tensors than a file.
    /// </exception>
    public static ReadOnlyMemory<byte> Write(IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var names = new HashSet<string>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(MetadataName);
                foreach ((string key, string value) in metadata) json.WriteString(Checked(key), Checked(value));
                json.WriteEndObject();
            }
            long at = 0;
            foreach ((string name, Tensor tensor) in tensors)
            {
                if (name == MetadataName)
                    throw new ArgumentException($"SafeTensors: no tensor can be called '{name}', which the format has for texts; rename it.");
                if (!names.Add(name)) throw new ArgumentException($"SafeTensors: two tensors are called '{name}'; give one of them another name.");
                json.WriteStartObject(Checked(name));
                json.WriteString("dtype", Types.First(pair => pair.Value.Type == tensor.DType).Key);
                json.WriteStartArray("shape");
                foreach (int size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                Int128 end = at + (Int128)tensor.Count * tensor.DType.Size;
                if (end > long.MaxValue)
                    throw new ArgumentException($"SafeTensors: with '{name}' of shape {tensor.Shape} the tensors take {end} bytes, more than a file can hold.");
                json.WriteNumberValue(at = (long)end);
                json.WriteEndArray();
                json.WriteEndObject();
                CheckLength(json.BytesCommitted + json.BytesPending);
            }
            json.WriteEndObject();
        }
        while (buffer.WrittenCount % 8 != 0) buffer.Write(" "u8);
        CheckLength(buffer.WrittenCount);
        return buffer.WrittenMemory;
    }

    private static void CheckLength(long bytes)
    {
        if (bytes <= MaxBytes) return;
        throw new ArgumentException($"SafeTensors: names, shapes and texts take more than the {MaxBytes} bytes that the format allows for them; " +
            "write several files, or shorter texts.");
    }

    private static string Checked(string text)
    {
        try
        {
            _ = Strict.GetByteCount(text ?? throw new ArgumentException("SafeTensors: names and texts cannot be null."));
            return text;
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException("SafeTensors: a name or text holds half of a surrogate pair, which UTF-8 has no bytes for.");
        }
    }
}

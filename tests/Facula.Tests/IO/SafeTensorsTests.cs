using System.IO.Compression;
using System.Text;
using Facula.IO;
using Facula.NN;
using Microsoft.Win32.SafeHandles;

namespace Facula.Tests.IO;

public class SafeTensorsTests
{
    [Fact]
    public void Every_type_and_shape_comes_back()
    {
        using var folder = new TemporaryFolder();
        var tensors = new OrderedDictionary<string, Tensor>();
        foreach (DType type in DType.All) tensors.Add(type.ToString(), Tensor.Arange(6).Reshape(2, 3).To(type));
        tensors.Add("empty", Tensor.Zeros(0, 4));
        tensors.Add("number", Tensor.From(2.5));
        tensors.Add("transposed", Tensor.Arange(6).Reshape(2, 3).T);
        SafeTensors.Save(folder.File("all.safetensors"), tensors, new Dictionary<string, string> { ["format"] = "pt", ["é\"\n"] = "ü" });

        OrderedDictionary<string, Tensor> read = SafeTensors.Load(folder.File("all.safetensors"));
        Assert.Equal(tensors.Keys.Order(), read.Keys.Order());
        foreach ((string name, Tensor tensor) in tensors)
        {
            Assert.Equal(tensor.DType, read[name].DType);
            Assert.Equal(tensor.Shape, read[name].Shape);
            Assert.Equal(tensor.ToArray<double>(), read[name].ToArray<double>());
        }
        using SafeTensors file = SafeTensors.Open(folder.File("all.safetensors"));
        Assert.Equal("ü", file.Metadata["é\"\n"]);
        Assert.Contains("none", Assert.Throws<ArgumentException>(() => file["none"]).Message);
    }

    [Fact]
    public void Reads_what_others_wrote()
    {
        string path = Repository.SharedOrSkip("interchange", "burn", "mnist.safetensors");
        OrderedDictionary<string, Tensor> network = SafeTensors.Load(path);
        Assert.NotEmpty(network);
        Assert.All(network.Values, tensor => Assert.False(tensor.IsNaN().Any().Item<bool>()));
    }

    /// <summary>A file of the header, filled up to data of so many bytes.</summary>
    private static string Made(TemporaryFolder folder, string header, long data = 4)
    {
        byte[] json = Encoding.Latin1.GetBytes(header);
        string path = folder.Write("made", [.. BitConverter.GetBytes((long)json.Length), .. json]);
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        RandomAccess.SetLength(file, 8 + json.Length + data);
        return path;
    }

    public static TheoryData<string> Lies => [
        """{"a":{"dtype":"F32","shape":[2147483647,2147483647,8],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":[4611686018427387904,4,0],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,400]}}""",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""",
        """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":{},"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,4]}}""",
        """{"a":{"shape":[1],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}""",
        """{"a":[]}""",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""",
        // Holes: before, between and after; bytes that two share.
        """{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""",
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""",
        """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"X","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"Y","shape":[4],"data_offsets":[0,4]}}""",
        """{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        """{"__metadata__":{"a":"1","a":"2"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        """{"__metadata__":[],"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        """{"__metadata__":{"a":"b"},"__metadata__":{"c":"d"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        "{\"\xff\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        """{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x""",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""",
        """ {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        $"{{\"a\":{{\"dtype\":\"F32\",\"shape\":[{string.Join(',', Enumerable.Repeat(1, 65))}],\"data_offsets\":[0,4]}}}}",
        $"{{\"a\":{new string('[', 100_000)}",
        $"{{\"a\":{{\"x\":{new string('[', 5000)}{new string(']', 5000)}}}}}",
        "[]",
        "{",
        "{}",
    ];

    [Theory, MemberData(nameof(Lies))]
    public void Lying_headers_are_refused(string header)
    {
        using var folder = new TemporaryFolder();
        string path = Made(folder, header);
        Assert.StartsWith(path, Assert.Throws<InvalidDataException>(() => SafeTensors.Load(path)).Message);
    }

    [Fact]
    public void Legal_oddities_are_read()
    {
        using var folder = new TemporaryFolder();
        string ones = string.Join(',', Enumerable.Repeat(1, 64));
        string path = Made(folder, $$$"""{"second":{"shape":[{{{ones}}}],"dtype":"U8","data_offsets":[3,4],"more":{"x":[1,{}]}}, """ +
            """  "empty":{"dtype":"F64","shape":[0,7],"data_offsets":[3,3]},"__metadata__":null,""" +
            """  "first":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}   """);
        using SafeTensors file = SafeTensors.Open(path);
        Assert.Equal(["second", "empty", "first"], file.Names);
        Assert.Equal(64, file["second"].Rank);
        Assert.Equal([0, 7], file["empty"].Shape);
        Assert.Equal([3], file["first"].Shape);
    }

    [Fact]
    public void A_type_that_is_missing_here_is_an_error_only_for_who_asks()
    {
        using var folder = new TemporaryFolder();
        foreach (string type in (string[])["F8_E4M3", "F8_E5M2", "F8_E8M0", "U16", "U32", "U64", "F4", "F6_E2M3", "C64", "INT4"])
        {
            int end = 4 + BytesOf(type);
            string Header(string shape) => $$$"""{"scale":{"dtype":"{{{type}}}","shape":[16],"data_offsets":[4,{{{end}}}]},""" +
                $$$""" "weight":{"dtype":"F32","shape":{{{shape}}},"data_offsets":[0,4]}}""";
            string path = Made(folder, Header("[1]"), end);
            using SafeTensors file = SafeTensors.Open(path);
            Assert.Equal(["scale", "weight"], file.Names);
            Assert.Equal(0, file["weight"].Item());
            string message = Assert.Throws<NotSupportedException>(() => file["scale"]).Message;
            Assert.All((string[])[path, "scale", type], part => Assert.Contains(part, message));
            Assert.Throws<NotSupportedException>(() => SafeTensors.Load(path));
            // A model that has no use for it is loaded all the same.
            var model = new Linear(1, 1, bias: false);
            using (Autograd.NoGrad()) model.Weight.FillInPlace(3);
            model.Load(Made(folder, Header("[1,1]"), end), strict: false);
            Assert.Equal(0, model.Weight.Item());
        }
        string wide = Made(folder, """{"w":{"dtype":"U8","shape":[3000000000,0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""");
        using SafeTensors wider = SafeTensors.Open(wide);
        Assert.Contains("3000000000", Assert.Throws<NotSupportedException>(() => wider["w"]).Message);

        static int BytesOf(string type) => type switch { "F4" => 8, "F6_E2M3" => 12, "U16" => 32, "U32" => 64, "U64" or "C64" => 128, _ => 16 };
    }

    [Fact]
    public void Truth_values_are_0_or_1_whatever_the_file_says()
    {
        using var folder = new TemporaryFolder();
        string header = """{"a":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}}""";
        string path = folder.Write("b", [.. BitConverter.GetBytes((long)header.Length), .. Encoding.ASCII.GetBytes(header), 0, 1, 2, 255]);
        Assert.Equal([0, 1, 1, 1], SafeTensors.Load(path)["a"].To(DType.UInt8).ToArray<byte>());
        Assert.Equal(3, SafeTensors.Load(path)["a"].Sum().Item<long>());
    }

    [Fact]
    public void Names_and_texts_that_could_not_be_read_are_not_written()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x");
        Tensor a = Tensor.Ones(1);
        void Refused(string part, IEnumerable<KeyValuePair<string, Tensor>> tensors, Dictionary<string, string>? metadata = null)
        {
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => SafeTensors.Save(path, tensors, metadata)).Message);
            Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        }
        Refused("__metadata__", [new("__metadata__", a)]);
        Refused("twice", [new("twice", a), new("b", a), new("twice", a)]);
        Refused("surrogate", [new("\ud800", a)]);
        Refused("surrogate", [new("a", a)], new() { ["a"] = "\udc00" });
        Refused("null", [new("a", null!)]);
        Refused("null", [new(null!, a)]);
        Refused("null", [new("a", a)], new() { ["a"] = null! });
        Refused("100000000", [new("a", a)], new() { ["a"] = new string('x', 100_000_000) });
        Refused("100000000", Enumerable.Range(0, 11).Select(i => new KeyValuePair<string, Tensor>(new string((char)('a' + i), 9_500_000), a)));
        Assert.Throws<ArgumentNullException>(() => SafeTensors.Save(path, null!));
        // Just below the limit it is read again.
        SafeTensors.Save(path, [new("a", a)], new Dictionary<string, string> { ["a"] = new('x', 99_999_900) });
        Assert.Equal(1, SafeTensors.Load(path)["a"].Item());
    }

    [Fact]
    public void Other_kinds_of_files_are_named()
    {
        using var folder = new TemporaryFolder();
        void Named(string part, byte[] start)
        {
            string path = folder.Write("file", start), message = Assert.Throws<InvalidDataException>(() => SafeTensors.Open(path)).Message;
            Assert.StartsWith(path, message);
            Assert.Contains(part, message);
        }
        byte[] Zip(params string[] entries)
        {
            using var target = new MemoryStream();
            using (var zip = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (string entry in entries)
                {
                    using Stream stream = zip.CreateEntry(entry).Open();
                    stream.Write(new byte[100]);
                }
            }
            return target.ToArray();
        }
        Named("PyTorch", Zip("model/data.pkl", "model/data/0"));
        Named("PyTorch", Zip("archive/version"));
        Named("torch.save", [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20]);
        Named("NumPy", Zip("x.npy"));
        Named("zip", Zip("readme.txt"));
        Named("NumPy", [0x93, .. "NUMPY"u8, 1, 0]);
        Named("GGUF", [.. "GGUF"u8, 3, 0, 0, 0]);
        Named("HDF5", [0x89, .. "HDF\r\n"u8, 0x1a, 10, 0]);
        Named("gzip", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
        Named("ONNX", [8, 7, 0x12, 7, .. "pytorch"u8]);
        Named("Git LFS", [.. "version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 10\n"u8]);
        Named("web page", [.. "<!DOCTYPE html><html>"u8]);
        Named("JSON", [.. "{\"metadata\": {}, \"weight_map\": {}}"u8]);
        Named("empty", []);
        Named("8 bytes", [1, 2, 3]);
        // What is only damaged is not taken for something else, whatever the length of its header looks like.
        foreach (long length in (long[])[0x280, 0x8b1f, 0x3c, 0x7b, 0x120708, 0x20])
            Named("damaged", [.. BitConverter.GetBytes(length), .. "{\"a\":{\"dtype\""u8, .. new byte[length]]);
        Assert.Contains("folder", Assert.Throws<InvalidDataException>(() => SafeTensors.Open(folder.Path)).Message);
        Assert.Throws<FileNotFoundException>(() => SafeTensors.Open(folder.File("none")));
        Assert.Throws<ArgumentNullException>(() => SafeTensors.Open(null!));
    }

    [Fact]
    public void Real_files_of_others_are_read_or_named()
    {
        string root = Repository.SharedOrSkip("interchange");
        foreach (string path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            string kind = Path.GetExtension(path) switch
            {
                ".pt" or ".pth" or ".bin" => "PyTorch",
                ".npy" or ".npz" => "NumPy",
                ".safetensors" => "",
                _ => "damaged",
            };
            if (kind.Length == 0) Assert.NotEmpty(SafeTensors.Load(path));
            else Assert.Contains(kind, Assert.Throws<InvalidDataException>(() => SafeTensors.Load(path)).Message);
        }
    }

    [Theory, InlineData(1), InlineData(7), InlineData(64), InlineData(1 << 20)]
    public void Chunks_of_any_size_give_the_same_bytes(int chunk)
    {
        using var folder = new TemporaryFolder();
        foreach (Tensor tensor in (Tensor[])[Tensor.Arange(37, dtype: DType.Float64), Tensor.Arange(12).Reshape(3, 4).T, Tensor.Zeros(0, 2),
            Tensor.Arange(10)[3..8], Tensor.From(true)])
        {
            using var written = new MemoryStream();
            SafeTensors.Write(written, tensor, chunk);
            using SafeFileHandle file = File.OpenHandle(folder.Write("data", [9, 9, .. written.ToArray()]));
            Tensor read = Tensor.Zeros(tensor.Shape, tensor.DType), more = Tensor.Zeros([(int)tensor.Count + 1], tensor.DType);
            Assert.True(SafeTensors.Fill(file, 2, read, chunk));
            Assert.Equal(tensor.ToArray<double>(), read.ToArray<double>());
            Assert.False(SafeTensors.Fill(file, 2, more, chunk));
        }
    }

    [Fact]
    public void A_file_that_is_cut_short_while_it_is_open_is_an_error_and_no_crash()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x");
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["a"] = Tensor.Ones(1_000_000), ["b"] = Tensor.Ones(1_000_000) });
        using SafeTensors file = SafeTensors.Open(path);
        using (SafeFileHandle cut = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            RandomAccess.SetLength(cut, 5_000_000);
        Assert.Equal(1, file["a"][999_999].Item());
        string message = Assert.Throws<InvalidDataException>(() => file["b"]).Message;
        Assert.All((string[])[path, "b", "cut short"], part => Assert.Contains(part, message));
    }

    [Fact]
    public void Any_number_of_threads_read_one_file()
    {
        using var folder = new TemporaryFolder();
        SafeTensors.Save(folder.File("x"), Enumerable.Range(0, 20).Select(i => new KeyValuePair<string, Tensor>($"{i}", Tensor.Full([5000], i))));
        using SafeTensors file = SafeTensors.Open(folder.File("x"));
        Parallel.For(0, 400, i =>
        {
            Tensor read = file[$"{i % 20}"];
            Assert.Equal((i % 20, i % 20), (read.Min().Item<int>(), read.Max().Item<int>()));
        });
    }

    [Fact]
    public void One_tensor_of_a_big_file_is_read_for_the_price_of_itself()
    {
        using var folder = new TemporaryFolder();
        const long big = 40L << 30;
        string path = Made(folder, $$$"""{"big":{"dtype":"U8","shape":[40,1073741824],"data_offsets":[0,{{{big}}}]},""" +
            $$$""" "small":{"dtype":"F32","shape":[10],"data_offsets":[{{{big}}},{{{big + 40}}}]}}""", big + 40);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using SafeTensors file = SafeTensors.Open(path);
        Assert.Equal(10, file["small"].Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
    }

    [Fact]
    public void A_hostile_header_takes_no_more_than_a_few_times_its_own_length()
    {
        using var folder = new TemporaryFolder();
        // 4 MB that would have become 1.2 GB: entries that all stand for the same bytes.
        string entry = """:{"dtype":"U8","shape":[30000],"data_offsets":[0,30000]},""";
        string shared = Made(folder, "{" + string.Concat(Enumerable.Range(0, 40_000).Select(i => $"\"{i}\"{entry}"))[..^1] + "}", 30_000);
        string ones = Made(folder, $"{{\"a\":{{\"dtype\":\"U8\",\"shape\":[{string.Join(',', Enumerable.Repeat(1, 1_000_000))}],\"data_offsets\":[0,1]}}}}", 1);
        foreach (string path in (string[])[shared, ones])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<InvalidDataException>(() => SafeTensors.Load(path));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 12 * new FileInfo(path).Length);
        }
    }

    /// <summary>Needs 7 GB of memory and 5 GB of disk, so it runs when it is asked for: FACULA_BIG_FILES=1.</summary>
    [Fact]
    public void Tensors_of_more_than_2_GiB_come_back()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FACULA_BIG_FILES") is not null, "FACULA_BIG_FILES is not set.");
        using var folder = new TemporaryFolder();
        string path = folder.File("big");
        Tensor big = Tensor.Zeros([3, 1 << 30], DType.UInt8);
        big[2, ^1] = 7;
        big[0, 5] = 3;
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["big"] = big, ["other"] = Tensor.Arange(5) });
        big.Dispose();
        OrderedDictionary<string, Tensor> read = SafeTensors.Load(path);
        Assert.Equal([3, 1 << 30], read["big"].Shape);
        Assert.Equal((7, 3, 4), (read["big"][2, ^1].Item<int>(), read["big"][0, 5].Item<int>(), read["other"][4].Item<int>()));
    }
}

using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Facula.IO;
using Facula.NN;
using Facula.Vision;
using Microsoft.Win32.SafeHandles;

namespace Facula.Tests.IO;

/// <summary>
/// Every format the library reads, mutated: only the documented exceptions come out, naming the file, memory stays within bounds,
/// and what was to be loaded into is the same bits after a load that failed. FACULA_FUZZ=1000000 sets how many mutations of each, FACULA_FUZZ_SEED where to
/// begin. Runs alone: the default generator, which all of a process share, is part of a checkpoint.
/// </summary>
[CollectionDefinition(nameof(FuzzTests), DisableParallelization = true), Collection(nameof(FuzzTests))]
public sealed class FuzzTests
{
    /// <summary>How many mutations to try of each format, in the environment.</summary>
    private const string CountVariable = "FACULA_FUZZ";

    private const int UsualMutations = 10_000;
    private const string Letters = "\"{}[]:,.\\-+e0159 aF_\u00e9";

    /// <summary>Numbers at which readers go wrong.</summary>
    private static readonly string[] Numbers =
    [
        "0", "1", "-1", "2", "3", "4", "7", "8", "64", "65", "255", "256", "65536", "2147483647", "2147483648", "-2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "1e3", "1.5", "-0", "1e999", "0.0000001", "NaN", "\"1\"", "null", "true", "[]", "{}", "[1]", "\"\"",
    ];

    /// <summary>A reader, files that it reads, and what it must leave as it was.</summary>
    private sealed record Format(byte[][] Good, Action<string> Read, Func<byte[]>? Bits = null, bool HasHeader = false);

    public static TheoryData<string> Formats => ["safetensors", "module", "checkpoint", "idx", "idx.gz", "cifar"];

    [Theory, MemberData(nameof(Formats))]
    public void Mutated_files_give_documented_exceptions_and_change_nothing(string name)
    {
        using var folder = new TemporaryFolder();
        Format format = Make(name, folder);
        string path = folder.File("mutated");
        // Written over and over in place: file systems hurry to put a file on the disk that is emptied first.
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        void Put(byte[] bytes)
        {
            RandomAccess.Write(file, bytes, 0);
            RandomAccess.SetLength(file, bytes.Length);
        }
        var clock = Stopwatch.StartNew();
        int first = Setting("FACULA_FUZZ_SEED", 1), count = Setting(CountVariable, UsualMutations), refused = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            var random = new Random(seed);
            byte[] good = format.Good[random.Next(format.Good.Length)];
            byte[] bad = format.HasHeader && random.Next(8) > 0 ? MutateHeader(good, random) : Mutate(good, random, random.Next(1, 5));
            Put(bad);
            byte[]? before = format.Bits?.Invoke();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                format.Read(path);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException || (e is ArgumentException && format.Bits is not null))
            {
                refused++;
                Assert.True(e is ArgumentException || e.Message.Contains(path), $"seed {seed} of {name}: the file is not named: {e}");
                Assert.True(before is null || before.AsSpan().SequenceEqual(format.Bits!()), $"seed {seed} of {name}: changed by a load that failed: {e}");
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed} of {name}: {e}");
            }
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(allocated < (1 << 20) + 50L * bad.Length, $"seed {seed} of {name}: {allocated} bytes for a file of {bad.Length}");
        }
        // The whole files are still read, by what has seen all the others.
        foreach (byte[] good in format.Good)
        {
            Put(good);
            format.Read(path);
        }
        Assert.InRange(refused, count / 20, count);
        TestContext.Current.TestOutputHelper!.WriteLine($"{refused} of {count} refused, {clock.Elapsed.TotalSeconds:F1} s");
    }

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    private static Format Make(string name, TemporaryFolder folder)
    {
        byte[] Written(Action<string> write)
        {
            write(folder.File("good"));
            return File.ReadAllBytes(folder.File("good"));
        }
        switch (name)
        {
            case "safetensors":
                byte[] all =
                    Written(path => SafeTensors.Save(path,
                        DType.All.Select(type => new KeyValuePair<string, Tensor>($"t{type}", Tensor.Arange(6).Reshape(2, 3).To(type))),
                    new Dictionary<string, string> { ["format"] = "pt" }));
                return new([all, Written(path => SafeTensors.Save(path, [new("a", Tensor.Zeros(0, 4)), new("b", Tensor.From(2.5))]))],
                    path => SafeTensors.Load(path), HasHeader: true);
            case "module":
                var model = new Sequential(new Linear(3, 4), new BatchNorm1d(4));
                byte[] Bits()
                {
                    using var bits = new MemoryStream();
                    foreach (Tensor tensor in model.StateDict().Values) SafeTensors.Write(bits, tensor, 1 << 20);
                    return bits.ToArray();
                }
                return new([Written(model.Save)], path => model.Load(path), Bits, HasHeader: true);
            case "checkpoint":
                byte[] late = Written(new CheckpointSubject().Trained(5).Save), early = Written(new CheckpointSubject().Save);
                var subject = new CheckpointSubject();
                return new([late, early], path => subject.Load(path), subject.Bits, HasHeader: true);
            case "idx":
                return new([[0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, .. new byte[120]]], path => Assert.Equal(3, IdxFile.Read(path, 3).Rank));
            case "idx.gz":
                using (var target = new MemoryStream())
                {
                    using (var zip = new GZipStream(target, CompressionLevel.Fastest))
                    {
                        zip.Write([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6]);
                        zip.Write([.. Enumerable.Range(0, 120).Select(i => (byte)(i * i))]);
                    }
                    return new([target.ToArray()], path => Assert.Equal(3, IdxFile.Read(path, 3).Rank));
                }
            default:
                return new([[3, .. new byte[3072], 9, .. new byte[3072]]], path => Assert.InRange(Cifar10.ReadBatch(path).Labels.Max().Item<int>(), 0, 9));
        }
    }

    /// <summary>Changes what a safetensors file says of itself, mostly so that it remains well-formed enough to be believed.</summary>
    private static byte[] MutateHeader(byte[] good, Random random)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(good);
        string header = Encoding.UTF8.GetString(good, 8, length);
        ReadOnlySpan<byte> data = good.AsSpan(8 + length);
        for (int change = random.Next(1, 4); change > 0; change--) header = MutateText(header, random);
        byte[] text = Encoding.UTF8.GetBytes(header);
        if (random.Next(10) == 0) text = Mutate(text, random, 1);
        if (random.Next(5) == 0) data = Mutate(data.ToArray(), random, 1);
        return [.. BitConverter.GetBytes((long)(random.Next(20) == 0 ? length : text.Length)), .. text, .. data];
    }

    private static string MutateText(string text, Random random)
    {
        if (text.Length == 0) return "{";
        int at = random.Next(text.Length);
        switch (random.Next(6))
        {
            case 0 or 1: // another number, from here on the first
                int start = text.AsSpan(at).IndexOfAnyInRange('0', '9') + at;
                if (start < at) return text;
                int end = start;
                while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
                return text[..start] + Numbers[random.Next(Numbers.Length)] + text[end..];
            case 2: // another type, or what looks like one
                string[] types = ["F64", "F32", "BF16", "I64", "BOOL", "U64", "F8_E4M3", "F4", "X"];
                return text[..at] + text[at..].Replace("F32", types[random.Next(types.Length)], StringComparison.Ordinal);
            case 3: // something twice
                int more = random.Next(1, Math.Min(80, text.Length - at + 1));
                return text[..(at + more)] + text[at..];
            case 4: // something less
                return text[..at] + text[Math.Min(text.Length, at + random.Next(1, 40))..];
            default: // another letter
                return text[..at] + Letters[random.Next(Letters.Length)] + text[(at + 1)..];
        }
    }

    private static byte[] Mutate(byte[] good, Random random, int changes)
    {
        var bytes = new List<byte>(good);
        for (; changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count), most = Math.Min(bytes.Count - at, 64);
            switch (random.Next(7))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes[at] = random.Next(2) == 0 ? (byte)0xff : (byte)0; break;
                case 3: bytes.RemoveRange(at, random.Next(1, most + 1)); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, random.Next(1, most + 1))); break;
                case 5: bytes.RemoveRange(at, bytes.Count - at); break;
                default:
                    for (int i = 0; i < Math.Min(most, 4); i++) bytes[Math.Min(at, 16) + i < bytes.Count ? Math.Min(at, 16) + i : at] = (byte)random.Next(256);
                    break;
            }
        }
        return [.. bytes];
    }
}

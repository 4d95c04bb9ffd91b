using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Facula.Vision;

/// <summary>
/// Reads files in the IDX format of the MNIST family, plain or gzip-compressed: two zero bytes, a type, a rank, the sizes (big-endian), the
/// elements. http://yann.lecun.com/exdb/mnist
/// </summary>
public static class IdxFile
{
    // No compressed byte can stand for more than this many: what a lying header asks beyond it is refused before it is allocated.
    private const int MaxDeflateRatio = 1032;
    private const byte UnsignedByte = 0x08;
    private const int MostDimensions = 64;

    /// <summary>The elements as a UInt8 tensor. No more memory is taken than the file can fill.</summary>
    /// <param name="path">The file; compressed if its content says so, whatever its name.</param>
    /// <param name="rank">The rank it must have, 1 to 64.</param>
    /// <exception cref="ArgumentOutOfRangeException">No tensor has that rank.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    /// <exception cref="InvalidDataException">It is truncated, too long, or no IDX file of bytes of that rank.</exception>
    public static Tensor Read(string path, int rank) => Read(path, rank, null);

    /// <summary>The same; all bytes of the file, unpacked, are also added to the hash.</summary>
    internal static Tensor Read(string path, int rank, IncrementalHash? hash)
    {
        if (rank is < 1 or > MostDimensions)
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"IdxFile.Read: the rank is between 1 and {MostDimensions}.");
        using FileStream file = File.OpenRead(path);
        bool compressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        if (!compressed) return Read(file, path, rank, file.Length, hash);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        try
        {
            Tensor elements = Read(unzipped, path, rank, file.Length * MaxDeflateRatio, hash);
            CheckEnd(file, path, HeaderLength(rank) + elements.Count);
            return elements;
        }
        catch (InvalidDataException e) when (e.Source == typeof(GZipStream).Assembly.GetName().Name)
        {
            throw DataFile.Invalid(path, "is not validly compressed: " + e.Message);
        }
    }

    private static int HeaderLength(int rank) => 4 + 4 * rank;

    /// <summary>A compressed file ends with the length of what it holds. GZipStream minds neither what comes after that nor that it is missing.</summary>
    private static void CheckEnd(FileStream file, string path, long length)
    {
        Span<byte> end = stackalloc byte[4];
        file.Position = file.Length - end.Length;
        file.ReadExactly(end);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != (uint)length)
            throw DataFile.Invalid(path, $"does not end with the length of the {length} bytes that it holds: it is cut, goes on, or has several parts");
    }

    private static Tensor Read(Stream stream, string path, int rank, long limit, IncrementalHash? hash)
    {
        Span<byte> header = stackalloc byte[HeaderLength(rank)];
        int got = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (got < header.Length) throw DataFile.Invalid(path, $"ends after {got} bytes, within its header");
        if (header[0] != 0 || header[1] != 0 || header[2] != UnsignedByte || header[3] != rank)
        {
            throw DataFile.Invalid(path, $"begins with {System.Convert.ToHexString(header[..4])}, but an IDX file of bytes of rank {rank} " +
                $"begins with 000008{rank:X2}");
        }
        var shape = new int[rank];
        long count = 1;
        for (int d = 0; d < rank; d++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(header[(4 + 4 * d)..]);
            if (size > int.MaxValue || (count > 0 && size > Array.MaxLength / count))
                throw DataFile.Invalid(path, $"says that dimension {d} has {size} elements");
            shape[d] = (int)size;
            count *= size;
        }
        if (header.Length + count > limit)
            throw DataFile.Invalid(path,
                $"says that it holds {(Shape)shape} bytes, but with its length it cannot hold more than {Math.Max(0, limit - header.Length)}");

        Tensor elements = Tensor.Empty(shape, DType.UInt8, Device.Cpu);
        int read = stream.ReadAtLeast(elements.AsSpan<byte>(), (int)count, throwOnEndOfStream: false);
        if (read < count) throw DataFile.Invalid(path, $"ends after {read} of the {count} elements that its header promises");
        if (stream.ReadByte() >= 0) throw DataFile.Invalid(path, $"goes on after the {count} elements that its header promises");
        hash?.AppendData(header);
        hash?.AppendData(elements.AsSpan<byte>());
        return elements;
    }
}

using System.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>
/// Free blocks for the owners of one kind: of a stream, since what comes later in the same stream need not wait, or of a capture, whose addresses must stay.
/// </summary>
internal sealed class CudaPool
{
    /// <summary>Up to here blocks are carved from small segments.</summary>
    public const long SmallBytes = 1 << 20;

    private readonly FreeBlocks _small = new(), _large = new();

    public FreeBlocks For(long bytes) => bytes <= SmallBytes ? _small : _large;

    /// <summary>The list that a block of the pool is on when it is free: a part stays with those of its segment's kind.</summary>
    public FreeBlocks Of(CudaBlock block) => block.IsLarge ? _large : _small;

    public IEnumerable<CudaBlock> Free => _small.All.Concat(_large.All);
}

/// <summary>
/// Free blocks by size, in classes of an eighth of an octave. The smallest that is large enough is found by looking through one class; nothing is allocated.
/// </summary>
internal sealed class FreeBlocks
{
    private const int Unit = 512;
    private const int LogPerOctave = 3;
    private const int Classes = 64 << LogPerOctave;

    private readonly CudaBlock?[] _heads = new CudaBlock?[Classes];
    private readonly ulong[] _filled = new ulong[Classes / 64];

    public void Add(CudaBlock block)
    {
        int c = ClassOf(block.Bytes);
        (block.PreviousFree, block.NextFree) = (null, _heads[c]);
        _heads[c]?.PreviousFree = block;
        _heads[c] = block;
        _filled[c >> 6] |= 1UL << c;
        block.IsFree = true;
    }

    public void Remove(CudaBlock block)
    {
        int c = ClassOf(block.Bytes);
        if (block.PreviousFree is { } previous) previous.NextFree = block.NextFree;
        else _heads[c] = block.NextFree;
        block.NextFree?.PreviousFree = block.PreviousFree;
        (block.PreviousFree, block.NextFree) = (null, null);
        if (_heads[c] is null) _filled[c >> 6] &= ~(1UL << c);
        block.IsFree = false;
    }

    /// <summary>The smallest of at least so many bytes; none if there is none.</summary>
    public CudaBlock? FindBest(long bytes)
    {
        int c = ClassOf(bytes);
        // In its own class some may be too small; in the next that has any, none is.
        return Smallest(c, bytes) ?? (NextFilled(c + 1) is >= 0 and var next ? Smallest(next, bytes) : null);
    }

    private CudaBlock? Smallest(int c, long bytes)
    {
        CudaBlock? best = null;
        for (CudaBlock? block = _heads[c]; block is not null && best?.Bytes != bytes; block = block.NextFree)
        {
            if (block.Bytes >= bytes && (best is null || block.Bytes < best.Bytes)) best = block;
        }
        return best;
    }

    private int NextFilled(int from)
    {
        for (int word = from >> 6; word < _filled.Length; word++)
        {
            ulong filled = word == from >> 6 ? _filled[word] & ulong.MaxValue << (from & 63) : _filled[word];
            if (filled != 0) return (word << 6) + BitOperations.TrailingZeroCount(filled);
        }
        return -1;
    }

    public IEnumerable<CudaBlock> All
    {
        get
        {
            foreach (CudaBlock? head in _heads)
            {
                for (CudaBlock? block = head; block is not null; block = block.NextFree) yield return block;
            }
        }
    }

    private static int ClassOf(long bytes)
    {
        ulong units = (ulong)bytes / Unit;
        int log = BitOperations.Log2(units | 1);
        return log < LogPerOctave ? (int)units
            : (log - LogPerOctave + 1 << LogPerOctave) + (int)(units >> (log - LogPerOctave) & ((1 << LogPerOctave) - 1));
    }
}

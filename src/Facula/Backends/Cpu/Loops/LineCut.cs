namespace Facula.Backends.Cpu;

/// <summary>How many lines of output one part of a parallel run gets, and how many parts there are.</summary>
internal readonly struct LineCut
{
    public readonly long Lines, PerPart;

    /// <summary>So many lines that each take so much work, in elements read or written.</summary>
    public LineCut(long lines, long work)
    {
        Lines = lines;
        PerPart = lines * work <= Workers.Grain ? Math.Max(1, lines) : Math.Max(1, Workers.Grain / Math.Max(1, work));
        PerPart = Math.Max(PerPart, lines / int.MaxValue + 1);
    }

    public int Parts => (int)((Lines + PerPart - 1) / PerPart);

    public (long First, long End) this[int part] => (part * PerPart, Math.Min(Lines, (part + 1) * PerPart));
}

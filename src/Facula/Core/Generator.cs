namespace Facula;

/// <summary>Where a generator is in its stream: enough to go on from there after a restart.</summary>
public readonly record struct GeneratorState
{
    /// <summary>The seed.</summary>
    public long Seed { get; init; }

    /// <summary>How many of the seed's random blocks have been used.</summary>
    public long Offset { get; init; }
}

/// <summary>
/// A source of random numbers: a seed, and how far its stream has been used. A number depends on those and on its place in the tensor alone,
/// never on threads, vector widths or the machine. Safe to share between threads, though which thread gets which numbers is then a matter of luck.
/// torch.Generator.
/// </summary>
public sealed class Generator
{
    private readonly Lock _gate = new();
    private long _seed;
    private long _offset;

    /// <summary>A generator at the start of a seed's stream.</summary>
    /// <param name="seed">Any number; different ones give independent streams.</param>
    public Generator(long seed) => _seed = seed;

    /// <summary>The generator that operations take their numbers from unless given another. Differently seeded in every process until <see cref="Seed"/>
    /// is called.</summary>
    public static Generator Default { get; } = new(Random.Shared.NextInt64());

    /// <summary>Starts the default generator over from a seed. torch.manual_seed.</summary>
    /// <returns>The default generator.</returns>
    public static Generator Seed(long seed) => Default.ManualSeed(seed);

    /// <summary>The seed. torch.Generator.initial_seed.</summary>
    public long InitialSeed => State.Seed;

    /// <summary>How many of the seed's blocks of random numbers have been used.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative number.</exception>
    public long Offset
    {
        get => State.Offset;
        set => State = State with { Offset = value };
    }

    /// <summary>Seed and position; set it to go on from there, with the same numbers as then. torch.Generator.get_state, set_state.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    public GeneratorState State
    {
        get
        {
            lock (_gate) return new() { Seed = _seed, Offset = _offset };
        }
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value.Offset);
            lock (_gate) (_seed, _offset) = (value.Seed, value.Offset);
        }
    }

    /// <summary>Starts over from a seed. torch.Generator.manual_seed.</summary>
    /// <returns>This generator.</returns>
    public Generator ManualSeed(long seed)
    {
        State = new() { Seed = seed };
        return this;
    }

    /// <summary>Takes so many blocks off the stream: the key, and the counter of the first of them.</summary>
    internal (ulong Key, ulong Counter) Take(long blocks)
    {
        lock (_gate)
        {
            long at = _offset;
            if (blocks > long.MaxValue - at)
                throw new InvalidOperationException($"Generator: {blocks} more blocks of random numbers are wanted of a stream that is at block {at} and " +
                    $"has {long.MaxValue}; start over with ManualSeed.");
            _offset = at + blocks;
            return ((ulong)_seed, (ulong)at);
        }
    }
}

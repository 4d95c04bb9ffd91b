using System.Collections.Concurrent;

namespace Facula.Backends;

/// <summary>Records the bodies of an operation, in a type; they ask for their parameters in the order of the recordings.</summary>
internal interface IFormulaBodies
{
    /// <summary>What reducing nothing gives; of reductions.</summary>
    double Identity => 0;

    /// <summary>Whether rounding errors add up; of reductions.</summary>
    bool IsSum => false;

    Recording[] Record<T>() where T : unmanaged;
}

/// <summary>A formula as a device compiles it, found by its key.</summary>
/// <param name="Bodies">One of a map or an update; of a reduction what an element contributes, how two results combine, and what becomes of the last.</param>
/// <param name="Parameters">How many numbers come with each call.</param>
/// <param name="Identity">What reducing nothing gives.</param>
/// <param name="IsSum">Whether rounding errors add up.</param>
internal sealed record RecordedFormula(IReadOnlyList<Recording> Bodies, int Parameters, double Identity, bool IsSum)
{
    private static readonly ConcurrentDictionary<FormulaKey, IFormulaBodies> s_known = new();

    /// <summary>The formula, recorded in Float32, Float64 or Int64.</summary>
    public static RecordedFormula Of(FormulaKey key, DType type)
    {
        IFormulaBodies bodies = s_known[key];
        FormulaParameters.Clear();
        Recording[] recorded = type == DType.Float32 ? bodies.Record<float>() : type == DType.Float64 ? bodies.Record<double>() : bodies.Record<long>();
        return new(recorded, FormulaParameters.Values.Length, bodies.Identity, bodies.IsSum);
    }

    /// <summary>Whether a key of an operation is known: at once where it is the one that was asked for last.</summary>
    public static bool IsKnown<TOperation>(FormulaKey key) where TOperation : struct =>
        Volatile.Read(ref Last<TOperation>.Body) == key.Body && key.Body != 0 || s_known.ContainsKey(key);

    public static void Add<TOperation>(FormulaKey key, IFormulaBodies bodies) where TOperation : struct
    {
        s_known.TryAdd(key, bodies);
        Volatile.Write(ref Last<TOperation>.Body, key.Body);
    }

    private static class Last<TOperation>
    {
        public static ulong Body;
    }
}

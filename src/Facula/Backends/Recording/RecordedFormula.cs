using System.Collections.Concurrent;
using Facula.Numerics;

namespace Facula.Backends;

/// <summary>A number type that has a meaning for the inputs of a formula.</summary>
internal interface IFormulaNumber<N> : INum<N> where N : IFormulaNumber<N>
{
    static abstract N Input(int index);
}

/// <summary>What an operation computes, over any number type.</summary>
internal interface IFormulaBodies
{
    /// <summary>What reducing nothing gives; of reductions.</summary>
    double Identity => 0;

    /// <summary>Whether rounding errors add up; of reductions.</summary>
    bool IsSum => false;

    /// <summary>Whether all results are those of one body.</summary>
    bool IsOne => false;

    /// <summary>The results of all bodies, which are run one after the other.</summary>
    N[] Apply<N>() where N : IFormulaNumber<N>;
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
    public static RecordedFormula Of(FormulaKey key, DType type) =>
        type == DType.Float32 ? Of<float>(key) : type == DType.Float64 ? Of<double>(key) : Of<long>(key);

    private static RecordedFormula Of<T>(FormulaKey key) where T : unmanaged
    {
        IFormulaBodies bodies = s_known[key];
        FormulaParameters.Clear();
        Recorder<T>[] results = bodies.Apply<Recorder<T>>();
        Recording[] recorded = bodies.IsOne ? [new(results)] : [.. results.Select(result => new Recording(result))];
        return new(recorded, FormulaParameters.Values.Length, bodies.Identity, bodies.IsSum);
    }

    /// <summary>Keeps what is recorded when somebody asks for it.</summary>
    public static void Know<TBodies>(FormulaKey key, TBodies bodies) where TBodies : struct, IFormulaBodies
    {
        if (!s_known.ContainsKey(key)) s_known.TryAdd(key, bodies);
    }
}

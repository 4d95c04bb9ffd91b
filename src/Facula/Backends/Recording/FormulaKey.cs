namespace Facula.Backends;

/// <summary>
/// By what a device finds the kernel that it has made of a formula: the operation's type, and what its flags make of its body. Numbers that differ from call
/// to call are no part of it; making a key leaves them in <see cref="FormulaParameters.Values"/>.
/// </summary>
/// <param name="Type">The operation's type.</param>
/// <param name="Body">A hash of its body, which tells apart the few bodies that the flags of one type make.</param>
internal readonly record struct FormulaKey(Type Type, ulong Body)
{
    public static FormulaKey OfMap1<TMap>(TMap map) where TMap : struct, IMap1
    {
        FormulaParameters.Clear();
        return new(typeof(TMap), map.Invoke(Fingerprint.Input(0)).Hash);
    }

    public static FormulaKey OfMap2<TMap>(TMap map) where TMap : struct, IMap2
    {
        FormulaParameters.Clear();
        return new(typeof(TMap), map.Invoke(Fingerprint.Input(0), Fingerprint.Input(1)).Hash);
    }

    public static FormulaKey OfMap3<TMap>(TMap map) where TMap : struct, IMap3
    {
        FormulaParameters.Clear();
        return new(typeof(TMap), map.Invoke(Fingerprint.Input(0), Fingerprint.Input(1), Fingerprint.Input(2)).Hash);
    }

    /// <summary>Of the three bodies of a reduction, which ask for their parameters in the order of what is done.</summary>
    public static FormulaKey OfReduce<TReduce>(TReduce reduce) where TReduce : struct, IReduce
    {
        FormulaParameters.Clear();
        Fingerprint prepared = reduce.Prepare(Fingerprint.Input(0));
        Fingerprint combined = reduce.Combine(prepared, Fingerprint.Input(1));
        Fingerprint of = reduce.Finish(combined) + Fingerprint.Const(reduce.Identity) + Fingerprint.Const(reduce.IsSum ? 1 : 0);
        return new(typeof(TReduce), of.Hash);
    }

    /// <summary>Of all numbers that an update leaves.</summary>
    public static FormulaKey OfUpdate<TUpdate>(TUpdate update) where TUpdate : struct, IUpdate
    {
        FormulaParameters.Clear();
        (Fingerprint parameter, Fingerprint gradient) = (Fingerprint.Input(0), Fingerprint.Input(1));
        (Fingerprint state1, Fingerprint state2, Fingerprint state3) = (Fingerprint.Input(2), Fingerprint.Input(3), Fingerprint.Input(4));
        update.Invoke(ref parameter, gradient, ref state1, ref state2, ref state3);
        return new(typeof(TUpdate), (parameter + state1 * state2 - state3).Hash);
    }
}

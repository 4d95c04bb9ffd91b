namespace Facula.Backends;

/// <summary>
/// By what a device finds the kernel that it has made of a formula: the operation's type, and what its flags make of its body. Numbers that differ from call
/// to call are no part of it; making a key leaves them in <see cref="FormulaParameters.Values"/>, and makes the body known to <see cref="RecordedFormula"/>.
/// </summary>
/// <param name="Type">The operation's type.</param>
/// <param name="Body">A hash of its body, which tells apart the few bodies that the flags of one type make.</param>
internal readonly record struct FormulaKey(Type Type, ulong Body)
{
    public static FormulaKey OfMap1<TMap>(TMap map) where TMap : struct, IMap1
    {
        FormulaParameters.Clear();
        var key = new FormulaKey(typeof(TMap), map.Invoke(Fingerprint.Input(0)).Hash);
        if (!RecordedFormula.IsKnown<TMap>(key)) RecordedFormula.Add<TMap>(key, new Map1Bodies<TMap>(map));
        return key;
    }

    public static FormulaKey OfMap2<TMap>(TMap map) where TMap : struct, IMap2
    {
        FormulaParameters.Clear();
        var key = new FormulaKey(typeof(TMap), map.Invoke(Fingerprint.Input(0), Fingerprint.Input(1)).Hash);
        if (!RecordedFormula.IsKnown<TMap>(key)) RecordedFormula.Add<TMap>(key, new Map2Bodies<TMap>(map));
        return key;
    }

    public static FormulaKey OfMap3<TMap>(TMap map) where TMap : struct, IMap3
    {
        FormulaParameters.Clear();
        var key = new FormulaKey(typeof(TMap), map.Invoke(Fingerprint.Input(0), Fingerprint.Input(1), Fingerprint.Input(2)).Hash);
        if (!RecordedFormula.IsKnown<TMap>(key)) RecordedFormula.Add<TMap>(key, new Map3Bodies<TMap>(map));
        return key;
    }

    /// <summary>Of the three bodies of a reduction.</summary>
    public static FormulaKey OfReduce<TReduce>(TReduce reduce) where TReduce : struct, IReduce
    {
        FormulaParameters.Clear();
        Fingerprint prepared = reduce.Prepare(Fingerprint.Input(0)), combined = reduce.Combine(Fingerprint.Input(0), Fingerprint.Input(1));
        Fingerprint finished = reduce.Finish(Fingerprint.Input(0)), rest = Fingerprint.Const(reduce.Identity) + Fingerprint.Const(reduce.IsSum ? 1 : 0);
        var key = new FormulaKey(typeof(TReduce), Fingerprint.MultiplyAdd(prepared, combined, finished + rest).Hash);
        if (!RecordedFormula.IsKnown<TReduce>(key)) RecordedFormula.Add<TReduce>(key, new ReduceBodies<TReduce>(reduce));
        return key;
    }

    /// <summary>Of all numbers that an update leaves.</summary>
    public static FormulaKey OfUpdate<TUpdate>(TUpdate update) where TUpdate : struct, IUpdate
    {
        FormulaParameters.Clear();
        (Fingerprint parameter, Fingerprint gradient) = (Fingerprint.Input(0), Fingerprint.Input(1));
        (Fingerprint state1, Fingerprint state2, Fingerprint state3) = (Fingerprint.Input(2), Fingerprint.Input(3), Fingerprint.Input(4));
        update.Invoke(ref parameter, gradient, ref state1, ref state2, ref state3);
        var key = new FormulaKey(typeof(TUpdate), Fingerprint.MultiplyAdd(parameter, state1, state2 - state3).Hash);
        if (!RecordedFormula.IsKnown<TUpdate>(key)) RecordedFormula.Add<TUpdate>(key, new UpdateBodies<TUpdate>(update));
        return key;
    }

    private sealed class Map1Bodies<TMap>(TMap map) : IFormulaBodies where TMap : struct, IMap1
    {
        public Recording[] Record<T>() where T : unmanaged => [new(map.Invoke(Recorder<T>.Input(0)))];
    }

    private sealed class Map2Bodies<TMap>(TMap map) : IFormulaBodies where TMap : struct, IMap2
    {
        public Recording[] Record<T>() where T : unmanaged => [new(map.Invoke(Recorder<T>.Input(0), Recorder<T>.Input(1)))];
    }

    private sealed class Map3Bodies<TMap>(TMap map) : IFormulaBodies where TMap : struct, IMap3
    {
        public Recording[] Record<T>() where T : unmanaged => [new(map.Invoke(Recorder<T>.Input(0), Recorder<T>.Input(1), Recorder<T>.Input(2)))];
    }

    private sealed class ReduceBodies<TReduce>(TReduce reduce) : IFormulaBodies where TReduce : struct, IReduce
    {
        public double Identity => reduce.Identity;

        public bool IsSum => reduce.IsSum;

        public Recording[] Record<T>() where T : unmanaged =>
        [
            new(reduce.Prepare(Recorder<T>.Input(0))),
            new(reduce.Combine(Recorder<T>.Input(0), Recorder<T>.Input(1))),
            new(reduce.Finish(Recorder<T>.Input(0))),
        ];
    }

    private sealed class UpdateBodies<TUpdate>(TUpdate update) : IFormulaBodies where TUpdate : struct, IUpdate
    {
        public Recording[] Record<T>() where T : unmanaged
        {
            (Recorder<T> parameter, Recorder<T> gradient) = (Recorder<T>.Input(0), Recorder<T>.Input(1));
            (Recorder<T> state1, Recorder<T> state2, Recorder<T> state3) = (Recorder<T>.Input(2), Recorder<T>.Input(3), Recorder<T>.Input(4));
            update.Invoke(ref parameter, gradient, ref state1, ref state2, ref state3);
            return [new(parameter, state1, state2, state3)];
        }
    }
}

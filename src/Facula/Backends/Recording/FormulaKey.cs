using System.Runtime.CompilerServices;

namespace Facula.Backends;

/// <summary>
/// By what a device finds the kernel that it has made of a formula: the operation's type, and what its flags make of its bodies. Numbers that differ from call
/// to call are no part of it; making a key leaves them in <see cref="FormulaParameters.Values"/>, and makes the formula known to <see cref="RecordedFormula"/>.
/// </summary>
/// <param name="Type">The operation's type.</param>
/// <param name="Bodies">A hash of its bodies, which tells apart the few that the flags of one type make.</param>
internal readonly record struct FormulaKey(Type Type, ulong Bodies)
{
    public static FormulaKey OfMap1<TMap>(TMap map) where TMap : struct, IMap1 => Of(map, new Map1Bodies<TMap>(map));

    public static FormulaKey OfMap2<TMap>(TMap map) where TMap : struct, IMap2 => Of(map, new Map2Bodies<TMap>(map));

    public static FormulaKey OfMap3<TMap>(TMap map) where TMap : struct, IMap3 => Of(map, new Map3Bodies<TMap>(map));

    public static FormulaKey OfReduce<TReduce>(TReduce reduce) where TReduce : struct, IReduce => Of(reduce, new ReduceBodies<TReduce>(reduce));

    public static FormulaKey OfUpdate<TUpdate>(TUpdate update) where TUpdate : struct, IUpdate => Of(update, new UpdateBodies<TUpdate>(update));

    private static FormulaKey Of<TOperation, TBodies>(TOperation operation, TBodies bodies)
        where TOperation : struct where TBodies : struct, IFormulaBodies
    {
        FormulaParameters.Clear();
        // An operation of one byte has a flag, or nothing.
        if (Unsafe.SizeOf<TOperation>() == 1 && Known<TOperation>.Hashes[Unsafe.BitCast<TOperation, byte>(operation)] is var known and not 0)
            return new(typeof(TOperation), known);
        return Find(operation, bodies);
    }

    private static FormulaKey Find<TOperation, TBodies>(TOperation operation, TBodies bodies)
        where TOperation : struct where TBodies : struct, IFormulaBodies
    {
        Fingerprint<float> hash = Fingerprint<float>.Const(bodies.Identity) + Fingerprint<float>.Const(bodies.IsSum ? 1 : 0);
        foreach (Fingerprint<float> body in bodies.Apply<Fingerprint<float>>()) hash += body;
        var key = new FormulaKey(typeof(TOperation), hash.Hash | 1);
        RecordedFormula.Know(key, bodies);
        if (Unsafe.SizeOf<TOperation>() == 1 && FormulaParameters.Values.IsEmpty)
            Known<TOperation>.Hashes[Unsafe.BitCast<TOperation, byte>(operation)] = key.Bodies;
        return key;
    }

    private static class Known<TOperation>
    {
        public static readonly ulong[] Hashes = new ulong[256];
    }

    private readonly struct Map1Bodies<TMap>(TMap map) : IFormulaBodies where TMap : struct, IMap1
    {
        public N[] Apply<N>() where N : IFormulaNumber<N> => [map.Invoke(N.Input(0))];
    }

    private readonly struct Map2Bodies<TMap>(TMap map) : IFormulaBodies where TMap : struct, IMap2
    {
        public N[] Apply<N>() where N : IFormulaNumber<N> => [map.Invoke(N.Input(0), N.Input(1))];
    }

    private readonly struct Map3Bodies<TMap>(TMap map) : IFormulaBodies where TMap : struct, IMap3
    {
        public N[] Apply<N>() where N : IFormulaNumber<N> => [map.Invoke(N.Input(0), N.Input(1), N.Input(2))];
    }

    private readonly struct ReduceBodies<TReduce>(TReduce reduce) : IFormulaBodies where TReduce : struct, IReduce
    {
        public double Identity => reduce.Identity;

        public bool IsSum => reduce.IsSum;

        public N[] Apply<N>() where N : IFormulaNumber<N> => [reduce.Prepare(N.Input(0)), reduce.Combine(N.Input(0), N.Input(1)), reduce.Finish(N.Input(0))];
    }

    private readonly struct UpdateBodies<TUpdate>(TUpdate update) : IFormulaBodies where TUpdate : struct, IUpdate
    {
        public bool IsOne => true;

        public N[] Apply<N>() where N : IFormulaNumber<N>
        {
            (N parameter, N state1, N state2, N state3) = (N.Input(0), N.Input(2), N.Input(3), N.Input(4));
            update.Invoke(ref parameter, N.Input(1), ref state1, ref state2, ref state3);
            return [parameter, state1, state2, state3];
        }
    }
}

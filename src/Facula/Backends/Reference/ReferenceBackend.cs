using Facula.Numerics;

namespace Facula.Backends.Reference;

/// <summary>
/// Every family by naive scalar loops in double precision (integers in long): the living definition, and the oracle of the tests.
/// </summary>
internal sealed partial class ReferenceBackend : HostBackend
{
    public override void Fill(in Operand y, Scalar value)
    {
        var to = new Elements(y);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            if (y.DType.IsFloatingPoint) to.Set(i, value.ToDouble());
            else to.Set(i, value.ToInteger(y.DType));
        }
    }

    public override void Iota(in Operand y, int dim)
    {
        var to = new Elements(y);
        for (long i = 0; i < y.Layout.Count; i++) to.Set(i, Coordinate(y.Layout.Shape, i, dim));
    }

    public override void Copy(in Operand x, in Operand y)
    {
        Elements from = new(x), to = new(y);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            if (y.DType.IsFloatingPoint || y.DType == DType.Bool) to.Set(i, from.Float(i));
            else to.Set(i, from.Integer(i));
        }
    }

    public override void Map<TMap>(TMap map, DType compute, in Operand y, in Operand a)
    {
        Elements to = new(y), from = new(a, y.Layout);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            if (compute.IsFloatingPoint) to.Set(i, map.Invoke<Real>(Read(from, i, compute)).Value);
            else to.Set(i, map.Invoke<Num<long>>(Whole(from, i)).Value);
        }
    }

    public override void Map2<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b)
    {
        Elements to = new(y), p = new(a, y.Layout), q = new(b, y.Layout);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            if (compute.IsFloatingPoint) to.Set(i, map.Invoke<Real>(Read(p, i, compute), Read(q, i, compute)).Value);
            else to.Set(i, map.Invoke<Num<long>>(Whole(p, i), Whole(q, i)).Value);
        }
    }

    public override void Map3<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c)
    {
        Elements to = new(y), p = new(a, y.Layout), q = new(b, y.Layout), r = new(c, y.Layout);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            if (compute.IsFloatingPoint) to.Set(i, map.Invoke<Real>(Read(p, i, compute), Read(q, i, compute), Read(r, i, compute)).Value);
            else to.Set(i, map.Invoke<Num<long>>(Whole(p, i), Whole(q, i), Whole(r, i)).Value);
        }
    }

    // An operand of a wider type is first rounded to the type of the computation, as on the other backends.
    private static Real Read(in Elements x, long i, DType compute) => new(compute.Compute == DType.Float32 ? (float)x.Float(i) : x.Float(i));

    private static Num<long> Whole(in Elements x, long i) => new(x.Integer(i));
}

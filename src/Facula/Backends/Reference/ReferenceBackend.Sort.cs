namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    public override void Sort(in Operand x, in Operand values, in Operand indices, int dim, bool descending)
    {
        Elements from = new(x), sorted = new(values), order = new(indices);
        bool real = x.DType.IsFloatingPoint;
        int size = x.Layout.Shape[dim], kept = values.Layout.Shape[dim];
        int[] rows = (int[])x.Layout.Shape.Clone();
        rows[dim] = 1;
        long count = new Shape(rows).Elements;
        for (long row = 0; row < count; row++)
        {
            var reals = new double[size];
            var wholes = new long[size];
            for (int i = 0; i < size; i++)
            {
                long source = Position(rows, row, dim, i, x.Layout.Shape);
                if (real) reals[i] = from.Float(source);
                else wholes[i] = from.Integer(source);
            }
            var comparer = Comparer<int>.Create((a, b) =>
            {
                int result = real ? CompareNaNLast(reals[a], reals[b]) : wholes[a].CompareTo(wholes[b]);
                return descending ? -result : result;
            });
            int[] by = [.. Enumerable.Range(0, size).OrderBy(i => i, comparer)];
            for (int i = 0; i < kept; i++)
            {
                long target = Position(rows, row, dim, i, values.Layout.Shape);
                Move(from, Position(rows, row, dim, by[i], x.Layout.Shape), sorted, target, x.DType);
                order.Set(target, (long)by[i]);
            }
        }
    }

    private static int CompareNaNLast(double a, double b) =>
        double.IsNaN(a) ? double.IsNaN(b) ? 0 : 1 : double.IsNaN(b) ? -1 : a < b ? -1 : a > b ? 1 : 0;
}

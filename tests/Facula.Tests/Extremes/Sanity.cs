using System.Collections;
using System.Runtime.CompilerServices;

namespace Facula.Tests.Extremes;

/// <summary>What must hold of whatever comes out of a call.</summary>
internal static class Sanity
{
    private const int MostRead = 4096, MostItems = 20;

    public static void Check(object? value, Random random, int depth = 0)
    {
        switch (value)
        {
            case Tensor tensor:
                Check(tensor, random);
                break;
            case string or null:
                break;
            case ITuple tuple when depth < 3:
                for (int i = 0; i < tuple.Length; i++) Check(tuple[i], random, depth + 1);
                break;
            case IEnumerator enumerator when depth < 3:
                for (int i = 0; i < MostItems && enumerator.MoveNext(); i++) Check(enumerator.Current, random, depth + 1);
                (enumerator as IDisposable)?.Dispose();
                break;
            case IEnumerable items when depth < 3:
                int left = MostItems;
                foreach (object? item in items)
                {
                    Check(item, random, depth + 1);
                    if (--left == 0) break;
                }
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
            default:
                _ = value.ToString();
                break;
        }
    }

    private static void Check(Tensor tensor, Random random)
    {
        if (tensor.IsDisposed) return;
        Layout layout = tensor.Layout;
        if (layout.Count > 0)
        {
            Int128 first = layout.Offset, last = layout.Offset;
            for (int d = 0; d < layout.Rank; d++)
            {
                if (layout.Shape[d] < 0) throw new InsaneException($"a negative size in {layout}");
                Int128 reach = (Int128)(layout.Shape[d] - 1) * layout.Strides[d];
                if (reach < 0) first += reach;
                else last += reach;
            }
            if (first < 0 || (last + 1) * tensor.DType.Size > tensor.Buffer.Bytes)
                throw new InsaneException($"{tensor.DType}{layout} takes in elements {first} to {last}, but the buffer has {tensor.Buffer.Bytes} bytes");
        }
        if (layout.Count <= MostRead) _ = tensor.ToArray<double>();
        _ = tensor.ToString();
        if (tensor.RequiresGrad && layout.Count <= MostRead && random.Next(2) == 0) tensor.Sum().Backward();
    }
}

/// <summary>A result that cannot be.</summary>
internal sealed class InsaneException(string message) : Exception(message);

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal static unsafe partial class Elementary
{
    /// <summary>The error function.</summary>
    [MethodImpl(Inline)]
    public static V Erf<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (typeof(T) != typeof(float)) return Lanes<V, T>(x, Precise.Erf);
        V small = V.MultiplyAdd(x, Polynomial<V, T>(x * x, 0.12837915, -0.37612522, 0.112821534, -0.026779769, 0.005013506, -0.0006099006), x);

        // 1 - 2^-q(|x|)
        V a = V.AtMost(V.Abs(x), V.Const(4));
        V q = Polynomial<V, T>(a, -0.0002080695, -1.6272004, -0.91873807, -0.15040122, 0.03228901, -0.0044463896, 0.00028839856);
        V n = V.Round(q);
        V e = V.Scale(Polynomial<V, T>(q - n, 1, 0.6931472, 0.24022645, 0.05550359, 0.009618834, 0.0013391302, 0.00015241285), n);
        return V.CopySign(V.Select(V.Abs(x) < V.Const(0.875), small, V.One - e), x);
    }
}

using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal partial interface INum<T>
{
    static abstract T Erf(T a);
}

internal partial interface IFloat<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Erf(V a) => Elementary.Erf<V, T>(a);
}

internal static partial class Elementary
{
    /// <summary>The error function: a polynomial near 0, further out 1 - 2^-q(|x|), where rounding in q no longer shows.</summary>
    [MethodImpl(Inline)]
    public static V Erf<V, T>(V x) where V : IFloat<V, T>
    {
        V z = x * x;
        V a = V.AtMost(V.Abs(x), V.Const(typeof(T) == typeof(float) ? 4 : 6));
        V near, q;
        if (typeof(T) == typeof(float))
        {
            // erf(x) / x - 1 on [0, 0.9]; error 2^-25.9.
            near = Polynomial<V, T>(z, 0.12837915, -0.37612522, 0.112821534, -0.026779769, 0.005013506, -0.0006099006);
            // log2 of 1 - erf(x), with weight 1 - erf(x), on [0.875, 4]; error 2^-28.5.
            q = Polynomial<V, T>(a, -0.0002080695, -1.6272004, -0.91873807, -0.15040122, 0.03228901, -0.0044463896, 0.00028839856);
        }
        else
        {
            // On [0, 1]; error 2^-55.9.
            near = Polynomial<V, T>(z, 0.12837916709551256, -0.37612638903183476, 0.11283791670943447, -0.02686617064306099, 0.005223977605995373,
                -0.0008548325931727704, 0.00012055293808155596, -1.4924718787982986e-05, 1.6447228937057314e-06, -1.6207152295376768e-07,
                1.3714890690739466e-08, -7.787140263022516e-10);
            // On [1, 6]; error 2^-56.6.
            q = Polynomial<V, T>(a, -7.404071708579749e-07, -1.6278995625429185, -0.9184832191125332, -0.1481680898155685, 0.027393965078492247,
                0.0005965914594851007, -0.0027684363756725625, 0.0011152512518544959, -0.00019699678983052643, -2.817167171851125e-05, 3.251055235856472e-05,
                -1.2377349051602028e-05, 3.0512015424487237e-06, -5.332050986160654e-07, 6.627228442772892e-08, -5.612532892084013e-09, 2.9149825287840385e-10,
                -7.019499114229964e-12);
        }
        V n = V.Round(q);
        V f = q - n;
        // 2^f on [-0.5, 0.5]; relative errors 2^-28 and 2^-52, which counts for a sixth here.
        V e = typeof(T) == typeof(float)
            ? Polynomial<V, T>(f, 1, 0.6931472, 0.24022645, 0.05550359, 0.009618834, 0.0013391302, 0.00015241285)
            : Polynomial<V, T>(f, 1, 0.6931471805599492, 0.240226506959091, 0.05550410866448195, 0.009618129107983427, 0.0013333558225784655,
                0.00015403529993922286, 1.5252659435018761e-05, 1.3215653740050398e-06, 1.0208321808153775e-07, 7.038156842141971e-09);
        V far = V.MultiplyAdd(e, -V.PowerOfTwo(n), V.One);
        V y = V.Select(a < V.Const(typeof(T) == typeof(float) ? 0.875 : 1), V.MultiplyAdd(x, near, x), far);
        return V.CopySign(y, x);
    }
}

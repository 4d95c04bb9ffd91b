using Facula.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>Elementary functions in kernels that are no formulas: float or double, as the argument is.</summary>
internal static class Functions
{
    public static Value Exp(Assembler k, Value x) => Print(k, x, Exp(Recorder<float>.Input(0)), Exp(Recorder<double>.Input(0)));

    public static Value Log(Assembler k, Value x) => Print(k, x, Log(Recorder<float>.Input(0)), Log(Recorder<double>.Input(0)));

    public static Value Cos(Assembler k, Value x) => Print(k, x, Cos(Recorder<float>.Input(0)), Cos(Recorder<double>.Input(0)));

    public static Value Sin(Assembler k, Value x) => Print(k, x, Sin(Recorder<float>.Input(0)), Sin(Recorder<double>.Input(0)));

    private static V Exp<V>(V x) where V : INum<V> => V.Exp(x);

    private static V Log<V>(V x) where V : INum<V> => V.Log(x);

    private static V Cos<V>(V x) where V : INum<V> => V.Cos(x);

    private static V Sin<V>(V x) where V : INum<V> => V.Sin(x);

    private static Value Print(Assembler k, Value x, Recorded single, Recorded wide) =>
        FormulaPrinter.Print(k, new Recording(x.Type == PtxType.F32 ? single : wide), [x], [])[0];
}

using Facula.Numerics;

namespace Facula.Backends;

// A device that compiles formulas finds a compiled one by the operation's type and its flags. The numbers that an operation carries are arguments
// of the kernel: a body takes them by T.Parameter, never by T.Const, and never branches on them.

/// <summary>A formula of one element.</summary>
internal interface IMap1
{
    T Invoke<T>(T a) where T : INum<T>;
}

/// <summary>A formula of two elements.</summary>
internal interface IMap2
{
    T Invoke<T>(T a, T b) where T : INum<T>;
}

/// <summary>A formula of three elements.</summary>
internal interface IMap3
{
    T Invoke<T>(T a, T b, T c) where T : INum<T>;
}

/// <summary>A reduction: what an element contributes, how two partial results combine, and what becomes of the last.</summary>
internal interface IReduce
{
    /// <summary>The result of reducing nothing.</summary>
    double Identity { get; }

    /// <summary>Whether rounding errors add up, so that partial results must be kept exactly enough.</summary>
    bool IsSum { get; }

    /// <summary>Results of a magnitude below this may have lost terms of a float32 sum to underflow.</summary>
    double Least => 0;

    T Prepare<T>(T x) where T : INum<T>;

    T Combine<T>(T a, T b) where T : INum<T>;

    /// <summary>The result, from all elements combined.</summary>
    T Finish<T>(T y) where T : INum<T>;
}

/// <summary>A change of elements in place that reads a gradient and reads and writes up to three states: an optimizer's step.</summary>
internal interface IUpdate
{
    /// <summary>How many of the states are used.</summary>
    int States { get; }

    void Invoke<T>(ref T parameter, T gradient, ref T state1, ref T state2, ref T state3) where T : IArithmetic<T>;
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Facula.Backends.Cpu;

/// <summary>
/// What the matrix kernels do to a register <typeparamref name="V"/>. They work on the bare vector types: through the wrappers of the
/// element-wise kernels every multiply-add costs a register move more, and the JIT takes twice the time. T is float or double.
/// </summary>
internal unsafe interface ISimdOps<V, T> where V : unmanaged where T : unmanaged
{
    static abstract int Count { get; }

    /// <summary>The rows of a micro-kernel's tile, MR in BLIS: how many of two accumulators each, plus the operands, the register file holds.</summary>
    static abstract int TileRows { get; }

    static abstract V Create(T value);
    static abstract V Load(T* source);
    static abstract void Store(V value, T* destination);

    /// <summary>Past the caches, to an aligned destination.</summary>
    static abstract void Stream(V value, T* destination);
    static abstract V Add(V a, V b);
    static abstract V Subtract(V a, V b);
    static abstract V Multiply(V a, V b);
    static abstract V MultiplyAdd(V a, V b, V c);
    static abstract T Sum(V a);

    /// <summary>Zero for what is negative; NaN stays.</summary>
    static abstract V Relu(V a);
}

internal readonly unsafe struct SimdOps512<T> : ISimdOps<Vector512<T>, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Count { [MethodImpl(Inline)] get => Vector512<T>.Count; }
    public static int TileRows { [MethodImpl(Inline)] get => 12; }
    [MethodImpl(Inline)] public static Vector512<T> Create(T value) => Vector512.Create(value);
    [MethodImpl(Inline)] public static Vector512<T> Load(T* source) => Vector512.Load(source);
    [MethodImpl(Inline)] public static void Store(Vector512<T> value, T* destination) => value.Store(destination);
    [MethodImpl(Inline)] public static void Stream(Vector512<T> value, T* destination) => value.StoreAlignedNonTemporal(destination);
    [MethodImpl(Inline)] public static Vector512<T> Add(Vector512<T> a, Vector512<T> b) => a + b;
    [MethodImpl(Inline)] public static Vector512<T> Subtract(Vector512<T> a, Vector512<T> b) => a - b;
    [MethodImpl(Inline)] public static Vector512<T> Multiply(Vector512<T> a, Vector512<T> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector512<T> Relu(Vector512<T> a) =>
        Vector512.ConditionalSelect(Vector512.LessThan(a, Vector512<T>.Zero), Vector512<T>.Zero, a);

    [MethodImpl(Inline)] public static T Sum(Vector512<T> a) => Vector512.Sum(a);

    [MethodImpl(Inline)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c) => typeof(T) == typeof(float)
        ? Vector512.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector512.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
}

internal readonly unsafe struct SimdOps256<T> : ISimdOps<Vector256<T>, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Count { [MethodImpl(Inline)] get => Vector256<T>.Count; }
    public static int TileRows { [MethodImpl(Inline)] get => Avx512F.VL.IsSupported ? 12 : 6; }
    [MethodImpl(Inline)] public static Vector256<T> Create(T value) => Vector256.Create(value);
    [MethodImpl(Inline)] public static Vector256<T> Load(T* source) => Vector256.Load(source);
    [MethodImpl(Inline)] public static void Store(Vector256<T> value, T* destination) => value.Store(destination);
    [MethodImpl(Inline)] public static void Stream(Vector256<T> value, T* destination) => value.StoreAlignedNonTemporal(destination);
    [MethodImpl(Inline)] public static Vector256<T> Add(Vector256<T> a, Vector256<T> b) => a + b;
    [MethodImpl(Inline)] public static Vector256<T> Subtract(Vector256<T> a, Vector256<T> b) => a - b;
    [MethodImpl(Inline)] public static Vector256<T> Multiply(Vector256<T> a, Vector256<T> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector256<T> Relu(Vector256<T> a) =>
        Vector256.ConditionalSelect(Vector256.LessThan(a, Vector256<T>.Zero), Vector256<T>.Zero, a);

    [MethodImpl(Inline)] public static T Sum(Vector256<T> a) => Vector256.Sum(a);

    [MethodImpl(Inline)]
    public static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c) => typeof(T) == typeof(float)
        ? Vector256.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector256.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
}

internal readonly unsafe struct SimdOps128<T> : ISimdOps<Vector128<T>, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Count { [MethodImpl(Inline)] get => Vector128<T>.Count; }
    public static int TileRows { [MethodImpl(Inline)] get => AdvSimd.Arm64.IsSupported || Avx512F.VL.IsSupported ? 12 : 6; }
    [MethodImpl(Inline)] public static Vector128<T> Create(T value) => Vector128.Create(value);
    [MethodImpl(Inline)] public static Vector128<T> Load(T* source) => Vector128.Load(source);
    [MethodImpl(Inline)] public static void Store(Vector128<T> value, T* destination) => value.Store(destination);
    [MethodImpl(Inline)] public static void Stream(Vector128<T> value, T* destination) => value.StoreAlignedNonTemporal(destination);
    [MethodImpl(Inline)] public static Vector128<T> Add(Vector128<T> a, Vector128<T> b) => a + b;
    [MethodImpl(Inline)] public static Vector128<T> Subtract(Vector128<T> a, Vector128<T> b) => a - b;
    [MethodImpl(Inline)] public static Vector128<T> Multiply(Vector128<T> a, Vector128<T> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector128<T> Relu(Vector128<T> a) =>
        Vector128.ConditionalSelect(Vector128.LessThan(a, Vector128<T>.Zero), Vector128<T>.Zero, a);

    [MethodImpl(Inline)] public static T Sum(Vector128<T> a) => Vector128.Sum(a);

    [MethodImpl(Inline)]
    public static Vector128<T> MultiplyAdd(Vector128<T> a, Vector128<T> b, Vector128<T> c) => typeof(T) == typeof(float)
        ? Vector128.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector128.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
}

/// <summary>For machines without vectors.</summary>
internal readonly unsafe struct ScalarOps<T> : ISimdOps<T, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Count { [MethodImpl(Inline)] get => 1; }
    public static int TileRows { [MethodImpl(Inline)] get => 6; }
    [MethodImpl(Inline)] public static T Create(T value) => value;
    [MethodImpl(Inline)] public static T Load(T* source) => *source;
    [MethodImpl(Inline)] public static void Store(T value, T* destination) => *destination = value;
    [MethodImpl(Inline)] public static void Stream(T value, T* destination) => *destination = value;
    [MethodImpl(Inline)] public static T Add(T a, T b) => a + b;
    [MethodImpl(Inline)] public static T Subtract(T a, T b) => a - b;
    [MethodImpl(Inline)] public static T Multiply(T a, T b) => a * b;
    [MethodImpl(Inline)] public static T Relu(T a) => a < T.Zero ? T.Zero : a;
    [MethodImpl(Inline)] public static T MultiplyAdd(T a, T b, T c) => a * b + c;
    [MethodImpl(Inline)] public static T Sum(T a) => a;
}

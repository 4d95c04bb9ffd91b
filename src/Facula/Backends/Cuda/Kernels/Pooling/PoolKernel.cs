namespace Facula.Backends.Cuda;

/// <summary>
/// Pooling, and its gradients as sums over the windows that reach an element: a thread makes an element of the result, so nothing hangs on which is first. Arguments:
/// what is read, what is written and, if there is that, which element of each window was the largest; the number of elements; their sizes as a
/// <see cref="CoordinateWalk"/> takes them, in the order of the result's memory; of each of those the strides, sample and channel first; of each dimension of space
/// what <see cref="PoolWalk"/> takes; the divisor.
/// </summary>
internal static class PoolKernel
{
    public const int Threads = 256;

    public static CudaKernel Build(PoolKey key, int capability)
    {
        var k = new Assembler(key.Name, Threads);
        PtxType index = key.IsWide ? PtxType.U64 : PtxType.U32, number = FormulaPrinter.TypeOf(key.Type.Compute);
        Value from = k.Pointer(key.Type.Size).As(PtxType.S64), to = k.Pointer(key.Type.Size).As(PtxType.S64);
        Value taps = key.Taps is { } tapType ? k.Pointer(tapType.Size).As(PtxType.S64) : default;
        Value count = k.Parameter(index);
        var walk = new CoordinateWalk(k, index, key.Rank + 2);
        Value[] fromStrides = Strides(), toStrides = Strides(), tapStrides = key.Taps is null ? [] : Strides();
        PoolWalk[] axes = [.. key.Axes.Select(axis => new PoolWalk(k, axis))];
        Value divisor = key.HasDivisor ? k.Parameter(number) : default;
        Value element = ElementKernel.ThreadIndex(k, index);
        k.If(element < count, () =>
        {
            Value[] coordinates = [.. walk.Coordinates(element).Select(coordinate => k.Convert(PtxType.S32, coordinate))];
            // Sample and channel first.
            if (key.IsChannelsLast) coordinates = [coordinates[0], coordinates[^1], .. coordinates[1..^1]];
            Value made = k.Variable(number, key.Operation == PoolOperation.Max ? double.NegativeInfinity : 0.0), place = default;
            if (key.Operation == PoolOperation.Max) place = k.Variable(PtxType.U32, Nowhere(key));
            Value read = Place(coordinates.AsSpan(0, 2), fromStrides), known = key.Operation == PoolOperation.MaxGrad ? Place(coordinates.AsSpan(0, 2), tapStrides) : default;
            Over(0, read, known, 0, null, default);
            if (key.Operation == PoolOperation.Average) made = made / (key.HasDivisor ? divisor : Counted(coordinates[2..]));
            if (key.IsRelu)
            {
                place = k.Select(made <= 0.0, Nowhere(key), place);
                made = k.Select(made < 0.0, 0.0, made);
            }
            k.StoreGlobal(Elements.Stored(key.Type), At(to, Place(coordinates, toStrides), key.Type), [Elements.Store(k, made, key.Type)]);
            if (key.Operation == PoolOperation.Max && key.Taps is { } type)
                k.StoreGlobal(Elements.Stored(type), At(taps, Place(coordinates, tapStrides), type), [place.As(Elements.Stored(type))]);

            // The dimensions of space one within the other.
            void Over(int d, Value read, Value known, Value tap, Value? inside, Value counted)
            {
                if (d == axes.Length)
                {
                    Take(read, known, tap, inside, counted);
                    return;
                }
                void Step(PoolStep step) => Over(d + 1, Along(read, step.Place, fromStrides[d + 2]),
                    key.Operation == PoolOperation.MaxGrad ? Along(known, step.Place, tapStrides[d + 2]) : default, Numbered(tap, axes[d].Kernel, step.Tap),
                    inside is { } outer && step.Inside is { } own ? outer & own : inside ?? step.Inside,
                    key.Operation == PoolOperation.AverageGrad && !key.HasDivisor ? Times(counted, k.Convert(number, axes[d].Counted(step.Place))) : default);
                if (key.IsGrad) axes[d].OverOutputs(coordinates[d + 2], key.IsWrittenOut, Step);
                else axes[d].OverInputs(coordinates[d + 2], key.IsWrittenOut, Step);
            }

            void Take(Value read, Value known, Value tap, Value? inside, Value counted)
            {
                Value value = Loaded(from, read, key.Type, inside);
                value = Elements.Load(k, key.Type, value, key.Type.Compute);
                switch (key.Operation)
                {
                    case PoolOperation.Max:
                        Value takes = k.Equal(place, Nowhere(key)) | value > made | k.IsNaN(value);
                        if (inside is { } there) takes = takes & there;
                        k.Set(made, k.Select(takes, value, made));
                        k.Set(place, k.Select(takes, tap, place.As(PtxType.S32)).As(PtxType.U32));
                        break;
                    case PoolOperation.MaxGrad:
                        Value largest = Loaded(taps, known, key.Taps!.Value, inside).As(PtxType.S32);
                        k.Set(made, made + k.Select(k.Equal(largest, tap), value, 0.0));
                        break;
                    case PoolOperation.Average:
                        k.Set(made, made + value);
                        break;
                    default:
                        k.Set(made, made + value / (key.HasDivisor ? divisor : counted));
                        break;
                }
            }
        });
        return k.Build();

        Value[] Strides() => [.. Enumerable.Range(0, key.Rank + 2).Select(_ => k.Parameter(PtxType.S64))];

        Value Place(ReadOnlySpan<Value> coordinates, Value[] strides)
        {
            Value place = k.Convert(PtxType.S64, coordinates[0]) * strides[0];
            for (int d = 1; d < coordinates.Length; d++) place = Along(place, coordinates[d], strides[d]);
            return place;
        }

        Value Along(Value place, Value coordinate, Value stride) => k.MultiplyAdd(k.Convert(PtxType.S64, coordinate), stride, place);

        Value At(Value pointer, Value place, DType type) => k.MultiplyAdd(place, type.Size, pointer).As(PtxType.U64);

        Value Loaded(Value pointer, Value place, DType type, Value? inside)
        {
            Value address = At(pointer, place, type);
            return inside is { } guard ? k.LoadGlobalOrZero(Elements.Stored(type), address, 1, 0, guard)[0] : k.LoadGlobal(Elements.Stored(type), address)[0];
        }

        // The number in the kernel: rows of rows.
        Value Numbered(Value outer, int kernel, Value tap)
        {
            if (outer.IsRegister) return k.MultiplyAdd(outer, kernel, tap);
            long first = outer.Integer * kernel;
            return tap.IsRegister ? first == 0 ? tap : tap + first : first + tap.Integer;
        }

        Value Times(Value counted, Value next) => counted.IsRegister ? counted * next : next;

        Value Counted(Value[] places) => axes.Select((axis, d) => k.Convert(number, axis.Counted(places[d]))).Aggregate((all, next) => all * next);
    }

    private static int Nowhere(in PoolKey key) => key.Taps == DType.UInt8 ? byte.MaxValue : -1;
}

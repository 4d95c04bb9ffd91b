using Facula.Backends;
using Facula.Numerics;

namespace Facula.Tests.Reductions;

public sealed class UpdateTests
{
    private readonly struct Momentum : IUpdate
    {
        public int States => 2;

        public void Invoke<T>(ref T parameter, T gradient, ref T state1, ref T state2, ref T state3) where T : IArithmetic<T>
        {
            state1 = state1 * T.Const(0.5) + gradient;
            state2 += gradient * gradient;
            parameter -= state1 / (T.Sqrt(state2) + T.One);
        }
    }

    private readonly struct Plain : IUpdate
    {
        public int States => 0;
        public void Invoke<T>(ref T parameter, T gradient, ref T state1, ref T state2, ref T state3) where T : IArithmetic<T> =>
            parameter -= gradient * T.Const(0.25);
    }

    [Theory, InlineData(nameof(DType.Float32)), InlineData(nameof(DType.Float64)), InlineData(nameof(DType.Float16)), InlineData(nameof(DType.BFloat16))]
    public void Update_of_many_tensors_is_the_references(string dtype)
    {
        DType type = DType.Parse(dtype);
        // Sizes that begin and end within vectors and parts.
        int[] sizes = [1, 5, 0, 40_000, 17, 16_384, 3, 70_001];
        var random = new Generator(3);
        Tensor[][] all = [.. sizes.Select(n => Enumerable.Range(0, 4).Select(_ => Tensor.Rand([n], generator: random).To(type)).ToArray())];
        Tensor[][] reference = [.. all.Select(set => set.Select(x => x.To(Device.Reference)).ToArray())];
        for (int step = 0; step < 2; step++)
        {
            Device.Cpu.Backend.Update(new Momentum(), Targets(all));
            Device.Reference.Backend.Update(new Momentum(), Targets(reference));
            Device.Cpu.Backend.Update(new Plain(), Targets(all));
            Device.Reference.Backend.Update(new Plain(), Targets(reference));
        }
        double allowed = type.Kind switch { ElementType.Float64 => 1e-14, ElementType.Float32 => 1e-6, ElementType.Float16 => 4e-3, _ => 3e-2 };
        for (int i = 0; i < all.Length; i++)
        {
            for (int k = 0; k < 4; k++)
            {
                double[] expected = reference[i][k].To(Device.Cpu).ToArray<double>(), actual = all[i][k].ToArray<double>();
                for (int e = 0; e < expected.Length; e++) Assert.Equal(expected[e], actual[e], allowed);
            }
        }
    }

    [Fact]
    public void Update_changes_only_what_it_should()
    {
        Tensor whole = Tensor.Ones([10]), gradient = Tensor.Ones([3]);
        Device.Cpu.Backend.Update(new Plain(), [new(whole.Narrow(0, 4, 3).Operand, gradient.Operand)]);
        Assert.Equal([1f, 1, 1, 1, 0.75f, 0.75f, 0.75f, 1, 1, 1], whole.ToArray<float>());
        Device.Cpu.Backend.Update(new Plain(), []);
    }

    private static UpdateTarget[] Targets(Tensor[][] all) =>
        [.. all.Select(set => new UpdateTarget(set[0].Operand, set[1].Operand, set[2].Operand, set[3].Operand))];
}

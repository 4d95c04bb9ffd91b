using Facula.Backends;
using Facula.Numerics;

namespace Facula;

internal readonly struct WhereMap : IMap3
{
    public T Invoke<T>(T condition, T a, T b) where T : INum<T> => T.Select(T.NotEqual(condition, T.Zero), a, b);
}

internal sealed class WhereNode : Node
{
    public WhereNode(Tensor condition) => Save(condition);

    public override string Name => "where";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        Tensor zero = 0.0;
        if (into.Wants(0)) into[0] = Tensor.Where(A, gradient, zero);
        if (into.Wants(1)) into[1] = Tensor.Where(A, zero, gradient);
    }
}

public partial class Tensor
{
    /// <summary>Elements of a where the condition holds (is not zero), of b elsewhere; all three broadcast. torch.where.</summary>
    public static Tensor Where(Tensor condition, Tensor a, Tensor b)
    {
        CheckOperands("where", a, b);
        Device device = DeviceOf("where", Check.NotNull(condition, operation: "where"), a, b);
        Layout layout = Broadcast("where", Broadcast("where", a.Layout, b.Layout), condition.Layout);
        DType type = Promote(a, b);
        Tensor y = Allocate(layout, type, device);
        device.Backend.Map3(new WhereMap(), type, y.Operand, condition.Operand, a.Operand, b.Operand);
        return GradMode.Records(a, b) ? new WhereNode(condition).Record(y, a, b) : y;
    }

    /// <summary>These elements where the condition holds, the other's elsewhere. torch.Tensor.where.</summary>
    public Tensor Where(Tensor condition, Tensor other) => Where(condition, this, other);
}

using Facula.NN;

namespace Facula.Tests.NN;

/// <summary>Modules that list their members by hand, as those written in other languages do, need no more than that.</summary>
public sealed partial class HandwrittenTests
{
    private class Block : Module<Tensor, Tensor>
    {
        private readonly Linear _fc = new(2, 2);
        private readonly Tensor _mean = Tensor.Zeros(2);
        private readonly Parameter _scale = new(Tensor.Ones(2));

        protected internal override void VisitMembers(MemberVisitor visitor)
        {
            visitor.Child("fc", _fc);
            visitor.Buffer("mean", _mean);
            visitor.Parameter("scale", _scale);
        }

        public override Tensor Forward(Tensor input) => _fc.Call(input) * _scale - _mean;
    }

    private sealed partial class Net : Block
    {
        public Block Inner { get; } = new();
    }

    [Fact]
    public void What_is_shown_is_trained_moved_and_saved()
    {
        var net = new Net();
        Assert.Equal(["scale", "mean", "fc.weight", "fc.bias", "inner.scale", "inner.mean", "inner.fc.weight", "inner.fc.bias"], net.StateDict().Keys);
        Assert.Equal(6, net.Parameters().Count);
        Assert.All(net.To(DType.Float64).Buffers(), b => Assert.Equal(DType.Float64, b.DType));
    }
}

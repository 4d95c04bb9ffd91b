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

    private partial class Net : Block
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

    // As a class in another language is, or one whose project lacks the generator: what it adds, nobody lists.
    private class Silent : Net
    {
        private readonly Linear _more = new(2, 2);

        protected internal override void VisitMembers(MemberVisitor visitor) => base.VisitMembers(visitor);

        public override Tensor Forward(Tensor input) => _more.Call(input);
    }

    private sealed class Outspoken : Net
    {
        private readonly Linear _more = new(2, 2);

        protected internal override void VisitMembers(MemberVisitor visitor)
        {
            base.VisitMembers(visitor);
            visitor.Child("more", _more);
        }

        public override Tensor Forward(Tensor input) => _more.Call(input);
    }

    private sealed class Plain : Silent
    {
        protected internal override void VisitMembers(MemberVisitor visitor)
        {
            base.VisitMembers(visitor);
            visitor.Complete(typeof(Plain));
        }
    }

    [Fact]
    public void A_class_that_adds_to_a_generated_one_must_say_what()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new Silent().Parameters());
        Assert.Contains("Silent derives from ", error.Message, StringComparison.Ordinal);
        Assert.Contains("VisitMembers", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new Silent().StateDict());
        Assert.Throws<InvalidOperationException>(() => new Sequential(new Silent()).Parameters());
        Assert.Equal(8, new Outspoken().Parameters().Count);
        Assert.Equal(6, new Plain().Parameters().Count);
    }
}

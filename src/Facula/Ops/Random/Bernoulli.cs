namespace Facula;

public partial class Tensor
{
    /// <summary>1 with the probability that each element of this tensor gives, else 0. torch.bernoulli.</summary>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type, or an element is no probability.</exception>
    public Tensor Bernoulli(Generator? generator = null)
    {
        Check.Floating("bernoulli", this);
        Check.Probabilities("bernoulli", this, "the tensor");
        using (Autograd.NoGrad()) return (RandLike(generator: generator) < this).To(DType);
    }

    /// <summary>1 with probability p, else 0, in this tensor's shape, type and device. torch.Tensor.bernoulli.</summary>
    /// <exception cref="ArgumentOutOfRangeException">p is no probability.</exception>
    public Tensor Bernoulli(double p, Generator? generator = null) => FillRandom(EmptyLike(), BernoulliFrom("bernoulli", p), generator);

    /// <summary>Sets each element to 1 with probability p, else to 0. torch.Tensor.bernoulli_.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ArgumentOutOfRangeException">p is no probability.</exception>
    public Tensor BernoulliInPlace(double p = 0.5, Generator? generator = null) => RandomInPlace("bernoulli", BernoulliFrom("bernoulli", p), generator);
}

using Facula;
using F = Facula.NN.Functional;

namespace Bench;

/// <summary>Long element-wise operations, reductions and losses.</summary>
static class ElementwiseCases
{
    const int FourM = 1 << 22;

    public static void Register()
    {
        Cases.Add("ew-add-4M", static () =>
        {
            Tensor a = Tensor.Randn(FourM), b = Tensor.Randn(FourM);
            return () => _ = a + b;
        });
        Cases.Add("ew-exp-4M", static () =>
        {
            Tensor a = Tensor.Randn(FourM);
            return () => _ = a.Exp();
        });
        Cases.Add("ew-gelu-4M", static () =>
        {
            Tensor a = Tensor.Randn(FourM);
            return () => _ = F.Gelu(a);
        });
        Cases.Add("sum-4M", static () =>
        {
            Tensor a = Tensor.Randn(FourM);
            return () => _ = a.Sum();
        });
        Cases.Add("softmax-4096x1024", static () =>
        {
            Tensor a = Tensor.Randn(4096, 1024);
            return () => _ = F.Softmax(a, 1);
        });
        Cases.Add("cross-entropy-128x10-fwd-bwd", static () =>
        {
            Tensor logits = Tensor.Randn([128, 10], requiresGrad: true), labels = Tensor.RandInt(0, 10, [128]);
            return () =>
            {
                F.CrossEntropy(logits, labels).Backward();
                logits.Grad = null;
            };
        });
    }
}

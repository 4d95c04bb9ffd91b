using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Bench;

/// <summary>Long element-wise operations, reductions and losses.</summary>
static class ElementwiseCases
{
    const int FourM = 1 << 22;

    public static void Register()
    {
        Cases.Add("ew-add-4M", static () =>
        {
            Tensor a = randn(FourM), b = randn(FourM);
            return Time(() => a + b);
        });
        Cases.Add("ew-exp-4M", static () =>
        {
            Tensor a = randn(FourM);
            return Time(() => a.exp());
        });
        Cases.Add("ew-gelu-4M", static () =>
        {
            Tensor a = randn(FourM);
            return Time(() => functional.gelu(a));
        });
        Cases.Add("sum-4M", static () =>
        {
            Tensor a = randn(FourM);
            return Time(() => a.sum());
        });
        Cases.Add("softmax-4096x1024", static () =>
        {
            Tensor a = randn(4096, 1024);
            return Time(() => functional.softmax(a, 1));
        });
        Cases.Add("cross-entropy-128x10-fwd-bwd", CrossEntropy);
    }

    static Action Time(Func<Tensor> operation)
    {
        set_grad_enabled(false);
        return () =>
        {
            using Tensor result = operation();
        };
    }

    static Action CrossEntropy()
    {
        Tensor logits = randn(128, 10, requires_grad: true), labels = randint(0, 10, 128);
        return () =>
        {
            using Tensor loss = functional.cross_entropy(logits, labels);
            loss.backward();
            logits.grad = null;
        };
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace Bench;

/// <summary>Operations so small that only their overhead is left.</summary>
static class TinyCases
{
    public static void Register()
    {
        Cases.Add("add-8", static () =>
        {
            Tensor a = randn(8), b = randn(8);
            set_grad_enabled(false);
            return () =>
            {
                using Tensor c = a + b;
            };
        });

        Cases.Add("add-8-recorded", static () =>
        {
            Tensor a = randn(8, requires_grad: true), b = randn(8);
            return () =>
            {
                using Tensor c = a + b;
            };
        });
    }
}

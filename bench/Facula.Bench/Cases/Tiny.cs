using Facula;

namespace Bench;

/// <summary>Operations so small that only their overhead is left. Nothing is disposed: that is how the library is used.</summary>
static class TinyCases
{
    public static void Register()
    {
        Cases.Add("add-8", static () =>
        {
            Tensor a = Tensor.Randn(8), b = Tensor.Randn(8);
            return () => _ = a + b;
        });

        Cases.Add("add-8-recorded", static () =>
        {
            Tensor a = Tensor.Randn([8], requiresGrad: true), b = Tensor.Randn(8);
            return () => _ = a + b;
        });
    }
}

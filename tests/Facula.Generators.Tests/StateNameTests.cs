using Xunit;

namespace Facula.Generators.Tests;

public class StateNameTests
{
    [Theory]
    [InlineData("RunningMean", "running_mean")]
    [InlineData("linear1", "linear1")]
    [InlineData("Linear1", "linear1")]
    [InlineData("_linear1", "linear1")]
    [InlineData("__linear", "linear")]
    [InlineData("numBatchesTracked", "num_batches_tracked")]
    [InlineData("Conv2dA", "conv2d_a")]
    [InlineData("Layer1Conv", "layer1_conv")]
    [InlineData("fcA", "fc_a")]
    [InlineData("BN1", "bn1")]
    [InlineData("MLP", "mlp")]
    [InlineData("QKVProj", "qkv_proj")]
    [InlineData("WeightIH", "weight_ih")]
    [InlineData("WeightIhL0", "weight_ih_l0")]
    [InlineData("in_proj_weight", "in_proj_weight")]
    [InlineData("InProj_Weight", "in_proj_weight")]
    [InlineData("_", "_")]
    [InlineData("@class", "class")]
    [InlineData("Poids_été", "poids_été")]
    [InlineData("x", "x")]
    public void A_member_is_saved_under_its_PyTorch_name(string member, string key)
    {
        Assert.Equal([$"child {key}"], Lab.Visit($$"""public partial class Net : Module { public Linear {{member}} = new(); }"""));
    }

    [Fact]
    public void StateName_has_the_last_word()
    {
        Assert.Equal(["parameter 0", "child say \"hi\"\n", "child field"], Lab.Visit("""
            public partial class Net : Module
            {
                [StateName("0")] Parameter First { get; } = new();
                [StateName("say \"hi\"\n")] Linear Second { get; } = new();
                [field: StateName("field")] Linear Third { get; } = new();
            }
            """));
    }
}

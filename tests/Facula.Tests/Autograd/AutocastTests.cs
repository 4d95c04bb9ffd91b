using Facula.NN;
using Facula.Optim;
using Facula.Tests.Devices;
using F = Facula.NN.Functional;

namespace Facula.Tests.Gradients;

/// <summary>What is computed in which type is PyTorch's list for CUDA: https://pytorch.org/docs/stable/amp.html, "Autocast Op Reference".</summary>
public sealed class AutocastTests
{
    private static readonly Tensor s_wide = Tensor.Rand(4, 4) + 0.5, s_narrow = s_wide.To(DType.BFloat16), s_labels = Tensor.From([0L, 1, 2, 3]);

    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_narrowing = new()
    {
        ["matmul"] = x => x.MatMul(x),
        ["matrix times vector"] = x => x.MatMul(x[0]),
        ["bmm"] = x => x.Unsqueeze(0).Bmm(x.Unsqueeze(0)),
        ["addmm"] = x => x.AddMm(x, x),
        ["linear"] = x => F.Linear(x, x, x[0]),
        ["conv1d"] = x => F.Conv1d(x.Unsqueeze(0), x.Unsqueeze(0), x[0, ..1]),
        ["conv2d"] = x => F.Conv2d(x.Reshape(1, 1, 4, 4), x[..2, ..2].Reshape(1, 1, 2, 2)),
        ["conv_transpose2d"] = x => F.ConvTranspose2d(x.Reshape(1, 1, 4, 4), x[..2, ..2].Reshape(1, 1, 2, 2)),
    };

    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_widening = new()
    {
        ["exp"] = x => x.Exp(),
        ["expm1"] = x => x.Expm1(),
        ["log"] = x => x.Log(),
        ["log1p"] = x => x.Log1p(),
        ["pow by a number"] = x => x.Pow(3),
        ["pow by a tensor"] = x => x.Pow(x),
        ["a number's pow"] = x => Tensor.Pow(2.0, x),
        ["reciprocal"] = x => x.Reciprocal(),
        ["rsqrt"] = x => x.Rsqrt(),
        ["softplus"] = x => F.Softplus(x),
        ["tan"] = x => x.Tan(),
        ["sum"] = x => x.Sum(),
        ["sum of rows"] = x => x.Sum(1),
        ["prod"] = x => x.Prod(),
        ["cumsum"] = x => x.CumSum(0),
        ["norm"] = x => x.Norm(),
        ["norm of rows"] = x => x.Norm(1, 1),
        ["softmax"] = x => x.Softmax(1),
        ["log_softmax"] = x => x.LogSoftmax(1),
        ["softmin"] = x => x.Softmin(1),
        ["layer_norm"] = x => F.LayerNorm(x, [4]),
        ["group_norm"] = x => F.GroupNorm(x.Unsqueeze(0), 2),
        ["cross_entropy"] = x => F.CrossEntropy(x, s_labels),
        ["nll_loss"] = x => F.NllLoss(x, s_labels),
        ["mse_loss"] = x => F.MseLoss(x, x),
        ["l1_loss"] = x => F.L1Loss(x, x),
        ["smooth_l1_loss"] = x => F.SmoothL1Loss(x, x),
        ["kl_div"] = x => F.KlDiv(x, x),
        ["binary_cross_entropy_with_logits"] = x => F.BinaryCrossEntropyWithLogits(x, x),
        ["binary_cross_entropy_with_logits, weighted"] = x => F.BinaryCrossEntropyWithLogits(x, x, posWeight: Tensor.Ones(4).To(x.DType)),
        ["cosine_similarity"] = x => F.CosineSimilarity(x, x),
    };

    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_following = new()
    {
        ["add"] = x => x + x,
        ["multiply by a number"] = x => x * 2,
        ["relu"] = x => x.Relu(),
        ["sqrt"] = x => x.Sqrt(),
        ["tanh"] = x => x.Tanh(),
        ["mean"] = x => x.Mean(),
        ["max"] = x => x.Max(1).Values,
        ["max_pool2d"] = x => F.MaxPool2d(x.Unsqueeze(0), 2),
        ["batch_norm"] = x => F.BatchNorm(x, null, null, training: true),
        ["dot"] = x => x[0].Dot(x[1]),
    };

    public static TheoryData<string> Narrowing { get; } = [.. s_narrowing.Keys];

    public static TheoryData<string> Widening { get; } = [.. s_widening.Keys];

    public static TheoryData<string> Following { get; } = [.. s_following.Keys];

    [Theory, MemberData(nameof(Narrowing))]
    public void Products_are_computed_in_16_bits(string name)
    {
        Func<Tensor, Tensor> run = s_narrowing[name];
        using AutocastScope scope = Autograd.Autocast(DType.BFloat16);
        Tensor y = run(s_wide);
        Assert.Equal(DType.BFloat16, y.DType);
        Assert.Equal(run(s_narrow).ToArray<BFloat16>(), y.ToArray<BFloat16>());
        Assert.Equal(DType.Float64, run(s_wide.To(DType.Float64)).DType);
    }

    [Theory, MemberData(nameof(Widening))]
    public void What_16_bits_are_too_few_for_is_computed_in_32(string name)
    {
        Func<Tensor, Tensor> run = s_widening[name];
        Assert.Equal(DType.BFloat16, run(s_narrow).DType);
        using AutocastScope scope = Autograd.Autocast(DType.BFloat16);
        Tensor y = run(s_narrow);
        Assert.Equal(DType.Float32, y.DType);
        Assert.Equal(run(s_narrow.To(DType.Float32)).ToArray<float>(), y.ToArray<float>());
        Assert.Equal(DType.Float64, run(s_wide.To(DType.Float64)).DType);
    }

    [Theory, MemberData(nameof(Following))]
    public void Everything_else_keeps_its_type(string name)
    {
        using AutocastScope scope = Autograd.Autocast(DType.BFloat16);
        Assert.Equal(DType.BFloat16, s_following[name](s_narrow).DType);
        Assert.Equal(DType.Float32, s_following[name](s_wide).DType);
    }

    [Fact]
    public void Norms_take_16_bits_beside_weights_of_32()
    {
        using AutocastScope scope = Autograd.Autocast(DType.Float16);
        Tensor x = Tensor.Randn(2, 4, 3, 3).To(DType.Float16);
        Assert.Equal(DType.Float16, new BatchNorm2d(4).Call(x).DType);
        Assert.Equal(DType.Float16, new InstanceNorm2d(4, affine: true).Call(x).DType);
        Assert.Equal(DType.Float32, new GroupNorm(2, 4).Call(x).DType);
        Assert.Equal(DType.Float32, new LayerNorm([3, 3]).Call(x).DType);
    }

    [Fact]
    public void Parameters_keep_their_type_and_get_gradients_of_it()
    {
        var layer = new Linear(4, 3);
        Tensor loss;
        using (Autograd.Autocast(DType.BFloat16))
        {
            Assert.True(Autograd.IsAutocastEnabled);
            using (Autograd.Autocast(DType.BFloat16, enabled: false))
            {
                Assert.False(Autograd.IsAutocastEnabled);
                Assert.Equal(DType.Float32, layer.Call(s_wide).DType);
            }
            loss = layer.Call(layer.Call(s_wide)[.., ..1].Expand(4, 4)).Sum();
            Assert.Equal(DType.Float32, loss.DType);
        }
        Assert.False(Autograd.IsAutocastEnabled);
        loss.Backward();
        Assert.Equal((DType.Float32, DType.Float32), (layer.Weight.Grad!.DType, layer.Bias!.Grad!.DType));
        Tensor narrow = layer.Weight.Grad;
        layer.ZeroGrad();
        layer.Call(layer.Call(s_wide)[.., ..1].Expand(4, 4)).Sum().Backward();
        Assert.True((narrow - layer.Weight.Grad!).Norm().Item() < 0.02 * narrow.Norm().Item());
        Assert.True((narrow - layer.Weight.Grad!).Norm().Item() > 0);
    }

    [Fact]
    public void A_parameter_that_has_changed_is_converted_again()
    {
        Tensor weight = Tensor.Ones([4, 4], requiresGrad: true);
        using AutocastScope scope = Autograd.Autocast(DType.BFloat16);
        using (Autograd.NoGrad()) Assert.Equal(DType.BFloat16, s_wide.MatMul(weight).DType);
        Assert.True(s_wide.MatMul(weight).RequiresGrad);
        float before = s_wide.MatMul(weight)[0, 0].Item();
        using (Autograd.NoGrad()) weight *= 2;
        Assert.Equal(2 * before, s_wide.MatMul(weight)[0, 0].Item());
    }

    [Fact]
    public void It_holds_on_its_thread_alone_and_not_for_backward()
    {
        using AutocastScope scope = Autograd.Autocast(DType.BFloat16);
        bool elsewhere = true;
        var thread = new Thread(() => elsewhere = Autograd.IsAutocastEnabled);
        thread.Start();
        thread.Join();
        Assert.False(elsewhere);
        Tensor x = s_wide.Clone();
        x.RequiresGrad = true;
        bool within = true;
        Tensor y = x * 1;
        y.RegisterHook(gradient =>
        {
            within = Autograd.IsAutocastEnabled;
            return gradient;
        });
        y.Sum().Backward();
        Assert.False(within);
        Assert.True(Autograd.IsAutocastEnabled);
        Assert.Throws<ArgumentException>(() => { using AutocastScope wrong = Autograd.Autocast(DType.Float32); });
    }

    public static TheoryData<string, string> Trainings { get; } =
        [.. TestDevices.Names.Append("cpu").SelectMany(device => new[] { ("BFloat16", device), ("Float16", device) })];

    [Theory, MemberData(nameof(Trainings))]
    public void A_network_learns_nearly_what_it_learns_in_32_bits(string type, string name)
    {
        Device device = name == "cpu" ? Device.Cpu : TestDevices.Find(name);
        double narrow = Train(type == "BFloat16" ? DType.BFloat16 : DType.Float16, device), wide = Train(null, device);
        Assert.InRange(narrow, 0.9 * wide, 1.1 * wide);
    }

    private static double Train(DType? type, Device device)
    {
        var generator = new Generator(5);
        Tensor x = Tensor.Randn([16, 1, 6, 6], generator: generator).To(device);
        Tensor labels = Tensor.RandInt(0, 4, [16], generator: generator).To(device);
        var model = new Sequential(new Conv2d(1, 4, 3, generator: generator), new BatchNorm2d(4), new Relu(), new Flatten(),
            new Linear(64, 4, generator: generator));
        model.To(device);
        var optimizer = new Sgd(model.Parameters(), 0.1);
        var scaler = new GradScaler(initialScale: 1024, enabled: type == DType.Float16);
        double last = 0;
        for (int step = 0; step < 8; step++)
        {
            Tensor loss;
            using (Autograd.Autocast(type ?? DType.BFloat16, enabled: type is not null)) loss = F.CrossEntropy(model.Call(x), labels);
            scaler.Scale(loss).Backward();
            Assert.True(scaler.Step(optimizer));
            scaler.Update();
            optimizer.ZeroGrad();
            last = loss.Item();
        }
        Assert.All(model.Parameters(), parameter => Assert.Equal(DType.Float32, parameter.DType));
        return last;
    }
}

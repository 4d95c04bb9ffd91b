using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>Probabilities, rates and other settings that are NaN or out of their range are errors, named, where they are given.</summary>
public sealed class SettingTests
{
    private static Tensor X => Tensor.Ones([2, 3, 4], requiresGrad: true);
    private static Tensor[] Leaves => [Tensor.Ones([2], requiresGrad: true)];
    private static Sgd Optimizer => new(Leaves, 0.1, momentum: 0.9);

    /// <summary>What takes a setting, its name, and values beyond NaN that are wrong.</summary>
    private static readonly Dictionary<string, (string Name, Action<double> Use, double[] Wrong)> Settings = new()
    {
        ["Dropout"] = ("p", p => F.Dropout(X, p), [-0.1, 1.1]),
        ["Dropout layer"] = ("p", p => _ = new Dropout(p), [-0.1, 1.1]),
        ["Dropout1d"] = ("p", p => F.Dropout1d(X, p), [-0.1, 1.1]),
        ["AlphaDropout"] = ("p", p => _ = new AlphaDropout(p), [-0.1, 1.1]),
        ["Bernoulli"] = ("p", p => X.Bernoulli(p), [-0.1, 2]),
        ["BernoulliInPlace"] = ("p", p => Tensor.Zeros(2).BernoulliInPlace(p), [-0.1, 2]),
        ["labelSmoothing"] = ("labelSmoothing", s => F.CrossEntropy(Tensor.Ones(2, 3), Tensor.From([0L, 1L]), null, labelSmoothing: s), [-0.1, 1.1]),
        ["labelSmoothing of probabilities"] =
            ("labelSmoothing", s => F.CrossEntropy(Tensor.Ones(2, 3), Tensor.Ones(2, 3) / 3, null, labelSmoothing: s), [-0.1, 1.1]),
        ["CrossEntropyLoss"] = ("labelSmoothing", s => _ = new CrossEntropyLoss(labelSmoothing: s), [-0.1, 1.1]),
        ["SmoothL1Loss"] = ("beta", b => F.SmoothL1Loss(X, X, beta: b), [-1]),
        ["HuberLoss"] = ("delta", d => F.HuberLoss(X, X, delta: d), [-1, 0]),
        ["CosineSimilarity"] = ("eps", e => F.CosineSimilarity(X, X, eps: e), [-1]),
        ["BatchNorm momentum"] = ("momentum", m => F.BatchNorm(X, null, null, training: true, momentum: m), [-0.1, 1.1]),
        ["BatchNorm eps"] = ("eps", e => F.BatchNorm(X, null, null, training: true, eps: e), [-1, double.PositiveInfinity]),
        ["BatchNorm1d momentum"] = ("momentum", m => _ = new BatchNorm1d(3, momentum: m), [-0.1, 1.1]),
        ["BatchNorm2d eps"] = ("eps", e => _ = new BatchNorm2d(3, e), [-1]),
        ["InstanceNorm momentum"] = ("momentum", m => F.InstanceNorm(X, momentum: m), [-0.1, 1.1]),
        ["InstanceNorm eps"] = ("eps", e => F.InstanceNorm(X, eps: e), [-1]),
        ["InstanceNorm1d"] = ("momentum", m => _ = new InstanceNorm1d(3, momentum: m), [-0.1, 1.1]),
        ["GroupNorm"] = ("eps", e => F.GroupNorm(X, 3, eps: e), [-1]),
        ["GroupNorm layer"] = ("eps", e => _ = new GroupNorm(3, 3, e), [-1]),
        ["LayerNorm"] = ("eps", e => F.LayerNorm(X, [4], eps: e), [-1]),
        ["LayerNorm layer"] = ("eps", e => _ = new LayerNorm(4, e), [-1]),
        ["RmsNorm"] = ("eps", e => F.RmsNorm(X, [4], eps: e), [-1]),
        ["RmsNorm layer"] = ("eps", e => _ = new RmsNorm(4, e), [-1]),
        ["LocalResponseNorm"] = ("alpha", a => F.LocalResponseNorm(X, 2, alpha: a), []),
        ["Normalize p"] = ("p", p => F.Normalize(X, p), []),
        ["Normalize eps"] = ("eps", e => F.Normalize(X, eps: e), [-1]),
        ["Norm"] = ("p", p => X.Norm(p), []),
        ["Softplus"] = ("beta", b => X.Softplus(b), [0, double.PositiveInfinity]),
        ["LeakyRelu"] = ("slope", s => X.LeakyRelu(s), []),
        ["Elu"] = ("alpha", a => X.Elu(a), []),
        ["HardTanh"] = ("min", m => X.HardTanh(m), [2]),
        ["Embedding"] = ("maxNorm", m => _ = new Embedding(3, 2, maxNorm: m), [-1]),
        ["IsClose"] = ("rtol", r => X.IsClose(X, r), [-1]),
        ["TruncNormal"] = ("std", s => Init.TruncNormal(Tensor.Zeros(2), std: s), [-1, 0]),
        ["Normal"] = ("std", s => Init.Normal(Tensor.Zeros(2), std: s), [-1]),
        ["Uniform"] = ("low", l => Init.Uniform(Tensor.Zeros(2), l), [2]),
        ["Xavier"] = ("gain", g => Init.XavierNormal(Tensor.Zeros(2, 2), g), [double.PositiveInfinity]),
        ["Kaiming"] = ("slope", a => Init.KaimingNormal(Tensor.Zeros(2, 2), a), []),
        ["Orthogonal"] = ("gain", g => Init.Orthogonal(Tensor.Zeros(2, 2), g), []),
        ["ClipGradNorm"] = ("maxNorm", m => Leaves.ClipGradNorm(m), [-1]),
        ["ClipGradNorm order"] = ("normType", p => Leaves.ClipGradNorm(1, p), []),
        ["ClipGradValue"] = ("clipValue", v => Leaves.ClipGradValue(v), [-1]),
        ["Sgd rate"] = ("LearningRate", r => _ = new Sgd(Leaves, r), [-1, double.PositiveInfinity]),
        ["Sgd momentum"] = ("Momentum", m => _ = new Sgd(Leaves, 0.1, m), [-1]),
        ["Sgd dampening"] = ("Dampening", d => _ = new Sgd(Leaves, 0.1, 0.9, d), []),
        ["Sgd decay"] = ("WeightDecay", d => _ = new Sgd(Leaves, 0.1, weightDecay: d), [-1]),
        ["Adam beta1"] = ("Beta1", b => _ = new Adam(Leaves, beta1: b), [-0.1, 1]),
        ["Adam beta2"] = ("Beta2", b => _ = new AdamW(Leaves, beta2: b), [-0.1, 1]),
        ["Adam eps"] = ("Eps", e => _ = new Adam(Leaves, eps: e), [-1]),
        ["RmsProp alpha"] = ("Alpha", a => _ = new RmsProp(Leaves, alpha: a), [-0.1, 1.1]),
        ["RmsProp momentum"] = ("Momentum", m => _ = new RmsProp(Leaves, momentum: m), [-1]),
        ["Adagrad"] = ("LearningRateDecay", d => _ = new Adagrad(Leaves, learningRateDecay: d), [-1]),
        ["Adagrad start"] = ("InitialAccumulator", a => _ = new Adagrad(Leaves, initialAccumulator: a), [-1]),
        ["a rate set later"] = ("LearningRate", r => Optimizer.ParameterGroups[0].LearningRate = r, [-1]),
        ["StepLr"] = ("gamma", g => _ = new StepLr(Optimizer, 2, g), [-1]),
        ["MultiStepLr"] = ("gamma", g => _ = new MultiStepLr(Optimizer, [2], g), [-1]),
        ["ExponentialLr"] = ("gamma", g => _ = new ExponentialLr(Optimizer, g), [-1]),
        ["CosineAnnealingLr"] = ("etaMin", e => _ = new CosineAnnealingLr(Optimizer, 2, e), [-1]),
        ["ReduceLrOnPlateau"] = ("factor", f => _ = new ReduceLrOnPlateau(Optimizer, factor: f), [-0.1, 1]),
        ["ReduceLrOnPlateau threshold"] = ("threshold", t => _ = new ReduceLrOnPlateau(Optimizer, threshold: t), [-1]),
        ["ReduceLrOnPlateau least"] = ("minLearningRate", m => _ = new ReduceLrOnPlateau(Optimizer, minLearningRate: m), [-1]),
        ["OneCycleLr"] = ("maxLearningRate", r => _ = new OneCycleLr(Optimizer, r, 5), [-1]),
        ["OneCycleLr share"] = ("PctStart", p => _ = new OneCycleLr(Optimizer, 1, 5, new() { PctStart = p }), [-0.1, 1.1]),
        ["OneCycleLr momentum"] = ("MaxMomentum", m => _ = new OneCycleLr(Optimizer, 1, 5, new() { MaxMomentum = m }), [-1]),
        ["OneCycleLr divisor"] = ("DivFactor", d => _ = new OneCycleLr(Optimizer, 1, 5, new() { DivFactor = d }), [-1, 0]),
    };

    public static TheoryData<string> All => [.. Settings.Keys];

    [Theory, MemberData(nameof(All))]
    public void Settings_out_of_their_range_are_errors(string what)
    {
        (string name, Action<double> use, double[] wrong) = Settings[what];
        foreach (double value in (double[])[double.NaN, -double.NaN, .. wrong])
        {
            var error = Assert.ThrowsAny<ArgumentException>(() => use(value));
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>As in PyTorch, also of the target since 2.5: "all elements of input should be between 0 and 1".</summary>
    [Theory, InlineData(nameof(DType.Float16)), InlineData(nameof(DType.Float32)), InlineData(nameof(DType.Float64))]
    public void Tensors_of_probabilities_are_looked_at(string dtype)
    {
        DType type = DType.Parse(dtype);
        Tensor good = Tensor.Linspace(0, 1, 1000).To(type);
        Assert.True(double.IsFinite(F.BinaryCrossEntropy(good, good).Item<double>()));
        Assert.Equal([0, 1], good.Bernoulli().ToArray<float>().Distinct().Order());
        F.BinaryCrossEntropy(Tensor.Zeros([0], type), Tensor.Zeros([0], type), reduction: Reduction.Sum);
        foreach (double wrong in (double[])[double.NaN, -0.01, 1.01, double.PositiveInfinity, double.NegativeInfinity])
        {
            foreach (int at in (int[])[0, 517, 999])
            {
                Tensor bad = good.Clone();
                bad[at] = wrong;
                Assert.Contains("input", Assert.Throws<ArgumentException>(() => F.BinaryCrossEntropy(bad, good)).Message);
                Assert.Contains("target", Assert.Throws<ArgumentException>(() => new BinaryCrossEntropyLoss().Call(good, bad)).Message);
                Assert.Contains("bernoulli", Assert.Throws<ArgumentException>(() => bad.Bernoulli()).Message);
            }
        }
    }
}

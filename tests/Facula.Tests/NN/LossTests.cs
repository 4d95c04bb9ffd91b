using Facula.NN;

namespace Facula.Tests.NN;

/// <summary>Values and gradients of losses as PyTorch 1.13 gives them in float64.</summary>
public sealed class LossTests
{
    private static readonly double[] X = [0.5, -1.2, 2.0, 1.5, 0.3, -0.7];
    private static readonly double[] X3 = [0.5, -1.2, 2.0, 0.1, -0.3, 0.7, 1.5, 0.3, -0.7, 0.4, 0.2, -2.0];

    private sealed record LossCase(Func<Tensor, Tensor> Function, double[] Value, double[] Gradient, double[]? Input = null, int[]? Shape = null)
    {
        public Tensor NewInput(DType type)
        {
            Tensor x = Tensor.From<double>(Input ?? X, Shape ?? [2, 3]).To(type);
            x.RequiresGrad = true;
            return x;
        }
    }

    private static Tensor T(double[] values, params int[] shape) => Tensor.From<double>(values, shape);
    private static Tensor Labels(long[] values, params int[] shape) => Tensor.From<long>(values, shape);

    private static readonly Tensor Y = Labels([2, 0], 2), Y3 = Labels([0, 2, 1, -100], 2, 2), W = T([0.5, 1, 2], 3);
    private static readonly Tensor Probabilities = T([0.2, 0.3, 0.5, 0.9, 0.1, 0], 2, 3), Target = T([0, -1, 0.4, 3, 0.3, -0.2], 2, 3);
    private static readonly Tensor Binary = T([0, 1, 0.7, 0.2, 1, 0.3], 2, 3), LogTarget = T([-1.6, -1.2, -0.7, -0.1, -2.3, -5], 2, 3);
    private static readonly double[] P = [0.1, 0.5, 0.9, 0.4, 1.0, 0.3];

    private static Tensor Ce(Tensor x, Tensor y, Tensor? weight = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean, double smoothing = 0) =>
        new CrossEntropyLoss(weight?.To(x.DType), ignoreIndex, reduction, smoothing).Call(x, y);

    private static readonly Dictionary<string, LossCase> Cases = new()
    {
        ["cross entropy"] = new(x => Functional.CrossEntropy(x, Y), [0.2896007068966563],
            [0.08827102943318557, 0.016125662728617002, -0.10439669216180258, -0.14589169177929523, 0.10665537282609833, 0.03923631895319688]),
        ["cross entropy none"] = new(x => Ce(x, Y, reduction: Reduction.None), [0.23419613713579818, 0.3450052766575144],
            [0.17654205886637114, 0.032251325457234005, -0.20879338432360517, -0.29178338355859046, 0.21331074565219665, 0.07847263790639376]),
        ["cross entropy sum"] = new(x => Ce(x, Y, reduction: Reduction.Sum), [0.5792014137933126],
            [0.17654205886637114, 0.032251325457234005, -0.20879338432360517, -0.29178338355859046, 0.21331074565219665, 0.07847263790639376]),
        ["cross entropy weighted"] = new(x => Ce(x, Y, W), [0.2563579650401414],
            [0.1412336470930969, 0.025801060365787207, -0.16703470745888416, -0.0583566767117181, 0.042662149130439336, 0.015694527581278754]),
        ["cross entropy smoothed"] = new(x => Ce(x, Y, smoothing: 0.1), [0.4246007068966563],
            [0.07160436276651891, -0.000541003938049664, -0.07106335882846926, -0.1125583584459619, 0.08998870615943166, 0.022569652286530215]),
        ["cross entropy weighted smoothed"] = new(x => Ce(x, Y, W, smoothing: 0.1), [0.3850849011798152],
            [0.12868224513088453, 0.011392682850546069, -0.1400749279814306, -0.02613756693994716, 0.03501710234783124, -0.00887953540788408]),
        ["cross entropy weighted smoothed ignoring"] = new(x => Ce(x, Labels([2, -100], 2), W, smoothing: 0.1), [0.29027129808847324],
            [0.1608528064136057, 0.01424085356318259, -0.17509365997678827, 0, 0, 0]),
        ["cross entropy weighted smoothed sum"] = new(x => Ce(x, Y, W, reduction: Reduction.Sum, smoothing: 0.1), [0.962712252949538],
            [0.3217056128272114, 0.02848170712636518, -0.35018731995357655, -0.06534391734986794, 0.0875427558695781, -0.0221988385197102]),
        ["cross entropy of probabilities"] = new(x => Ce(x, Probabilities.To(x.DType)), [0.9796007068966562],
            [-0.011728970566814434, -0.13387433727138298, 0.14560330783819742, -0.09589169177929524, 0.056655372826098324, 0.03923631895319688]),
        ["cross entropy of probabilities weighted smoothed"] = new(x => Ce(x, Probabilities.To(x.DType), W, smoothing: 0.1), [0.9793857881728978],
            [0.06818645051968547, -0.1294670043102706, 0.06128055379058512, 0.005762915194997748, 0.0035708697119634708, -0.00933378490696124]),
        ["cross entropy of images"] = new(x => Ce(x, Y3, W), [1.2782700467987103],
            [-0.11877069732161463, 0.050323113534429864, 0.10794795969986985, 0.18465043279610835, 0.010822737621744767, -0.23497354633053816,
                0.20654020591750683, 0, -0.2628289785698191, 0, 0.056288772652312316, 0], X3, [2, 3, 2]),
        ["cross entropy of images none"] = new(x => Ce(x, Y3, W, reduction: Reduction.None), [0.8900979367813439, 1.0593500117562231, 2.5244972152579193, 0],
            [-0.4156974406256513, 0.17613089737050452, 0.3778178589495445, 0.6462765147863793, 0.03787958167610669, -0.8224074121568836,
                0.7228907207112739, 0, -0.9199014249943671, 0, 0.1970107042830931, 0], X3, [2, 3, 2]),
        ["cross entropy of one row"] = new(x => Ce(x, Labels([1])), [3.4341961371357983],
            [0.17654205886637114, -0.967748674542766, 0.7912066156763948], [0.5, -1.2, 2.0], [3]),
        ["nll of log softmax"] = new(x => Functional.NllLoss(x.LogSoftmax(1), Y, W), [0.2563579650401414],
            [0.1412336470930969, 0.025801060365787207, -0.16703470745888416, -0.0583566767117181, 0.042662149130439336, 0.015694527581278754]),
        ["nll weighted"] = new(x => new NllLoss(W).Call(x, Y), [-1.9], [0, 0, -0.8, -0.2, 0, 0]),
        ["nll ignoring sum"] = new(x => new NllLoss(W, reduction: Reduction.Sum).Call(x, Labels([-100, 1], 2)), [-0.3], [0, 0, 0, 0, -1, 0]),
        ["nll of images"] = new(x => Functional.NllLoss(x, Y3), [-0.16666666666666666],
            [-1.0 / 3, 0, 0, 0, 0, -1.0 / 3, 0, 0, -1.0 / 3, 0, 0, 0], X3, [2, 3, 2]),
        ["mse"] = new(x => new MseLoss().Call(x, Target.To(x.DType)), [0.8916666666666667],
            [0.16666666666666666, -0.06666666666666665, 0.5333333333333333, -0.5, 0, -0.16666666666666663]),
        ["mse sum"] = new(x => new MseLoss(Reduction.Sum).Call(x, Target.To(x.DType)), [5.35], [1, -0.4, 3.2, -3, 0, -1]),
        ["mse none"] = new(x => new MseLoss(Reduction.None).Call(x, Target.To(x.DType)), [0.25, 0.04, 2.56, 2.25, 0, 0.25], [1, -0.4, 3.2, -3, 0, -1]),
        ["l1"] = new(x => new L1Loss().Call(x, Target.To(x.DType)), [0.7166666666666667], [1.0 / 6, -1.0 / 6, 1.0 / 6, -1.0 / 6, 0, -1.0 / 6]),
        ["l1 none"] = new(x => new L1Loss(Reduction.None).Call(x, Target.To(x.DType)), [0.5, 0.2, 1.6, 1.5, 0, 0.5], [1, -1, 1, -1, 0, -1]),
        ["smooth l1"] = new(x => new SmoothL1Loss(beta: 0.7).Call(x, Target.To(x.DType)), [0.46428571428571425],
            [0.11904761904761905, -0.04761904761904761, 0.16666666666666666, -0.16666666666666666, 0, -0.11904761904761903]),
        ["smooth l1 none"] = new(x => new SmoothL1Loss(Reduction.None, 0.7).Call(x, Target.To(x.DType)),
            [0.17857142857142858, 0.02857142857142856, 1.25, 1.15, 0, 0.17857142857142855],
            [0.7142857142857143, -0.28571428571428564, 1, -1, 0, -0.7142857142857143]),
        ["huber"] = new(x => new HuberLoss(delta: 0.7).Call(x, Target.To(x.DType)), [0.325],
            [0.08333333333333333, -0.033333333333333326, 0.11666666666666665, -0.11666666666666665, 0, -0.08333333333333331]),
        ["huber none"] =
            new(x => new HuberLoss(Reduction.None, 0.7).Call(x, Target.To(x.DType)), [0.125, 0.02, 0.875, 0.805, 0, 0.125], [0.5, -0.2, 0.7, -0.7, 0, -0.5]),
        ["bce"] = new(x => new BinaryCrossEntropyLoss().Call(x, Binary.To(x.DType)), [0.46096975541983015],
            [0.1851851851851852, -0.3333333333333333, 0.3703703703703705, 0.1388888888888889, 0, 0], P),
        ["bce weighted"] = new(x => new BinaryCrossEntropyLoss(T([0.5, 1, 2], 1, 3)).Call(x, Binary.To(x.DType)), [0.6320951904849736],
            [0.0925925925925926, -0.3333333333333333, 0.740740740740741, 0.06944444444444445, 0, 0], P),
        ["bce with logits"] = new(x => new BinaryCrossEntropyWithLogitsLoss().Call(x, Binary.To(x.DType)), [0.9555403389829747],
            [0.10374322186697577, -0.12808746391650294, 0.03013284632964706, 0.10292907936560729, -0.07092624719805683, 0.005302037971972318]),
        ["bce with logits none"] = new(x => new BinaryCrossEntropyWithLogitsLoss(reduction: Reduction.None).Call(x, Binary.To(x.DType)),
            [0.9740769841801067, 1.4632824673380314, 0.7269280110429727, 1.4014132779827526, 0.554355244468527, 0.6131860488854579],
            [0.6224593312018546, -0.7685247834990176, 0.18079707797788236, 0.6175744761936437, -0.42555748318834097, 0.031812227831833906]),
        ["bce with logits, positive weights"] = new(x => new BinaryCrossEntropyWithLogitsLoss(posWeight: W).Call(x, Binary.To(x.DType)), [1.022151021415882],
            [0.10374322186697577, -0.12808746391650294, 0.016225838760399996, 0.10596950476237992, -0.07092624719805683, -0.02810735063643598]),
        ["bce with logits, all weights, sum"] =
            new(x => new BinaryCrossEntropyWithLogitsLoss(T([1, 2, 3], 1, 3), Reduction.Sum, W).Call(x, Binary.To(x.DType)), [11.670382804950147],
            [0.6224593312018546, -1.5370495669980353, 0.2920650976871999, 0.6358170285742795, -0.8511149663766819, -0.5059323114558476]),
        ["kl"] = new(x => new KlDivLoss().Call(x, Probabilities.To(x.DType)), [-0.5791226645760036], [-0.2 / 6, -0.3 / 6, -0.5 / 6, -0.9 / 6, -0.1 / 6, 0]),
        ["kl none"] = new(x => new KlDivLoss(Reduction.None).Call(x, Probabilities.To(x.DType)),
            [-0.4218875824868201, -0.0011918412977808268, -1.3465735902799727, -1.4448244640920438, -0.26025850929940453, 0],
            [-0.2, -0.3, -0.5, -0.9, -0.1, 0]),
        ["kl batch mean"] =
            new(x => new KlDivLoss(Reduction.BatchMean).Call(x, Probabilities.To(x.DType)), [-1.7373679937280109], [-0.1, -0.15, -0.25, -0.45, -0.05, 0]),
        ["kl of logarithms"] = new(x => new KlDivLoss(logTarget: true).Call(x, LogTarget.To(x.DType)), [-0.5836915071097458],
            [-0.03364941966577589, -0.050199035318700354, -0.08276421729856825, -0.15080623633932658, -0.016709807287133956, -0.0011229911665142445]),
        ["kl of logarithms batch mean"] = new(x => new KlDivLoss(Reduction.BatchMean, true).Call(x, LogTarget.To(x.DType)), [-1.7510745213292376],
            [-0.10094825899732769, -0.15059710595610107, -0.24829265189570476, -0.45241870901797976, -0.050129421861401874, -0.0033689734995427335]),
        ["cosine similarity"] = new(x => new CosineSimilarity().Call(x, T([1, 0.5, -1, 0.2, 0.1, 0.9], 2, 3)), [-0.5869105314104459, -0.19229979060487198],
            [0.3310550658386815, 0.015963337744446818, -0.07318576381300229, 0.23012554446943453, 0.08448506701486132, 0.529334052583729]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Loss_and_gradient_are_PyTorchs(string name)
    {
        LossCase loss = Cases[name];
        foreach ((DType type, double tolerance) in new[] { (DType.Float64, 1e-14), (DType.Float32, 2e-6) })
        {
            Tensor x = loss.NewInput(type);
            Tensor y = loss.Function(x);
            Values.AssertClose(loss.Value, y, tolerance, $"{name}, {type}");
            y.Sum().Backward();
            Values.AssertClose(loss.Gradient, x.Grad!, tolerance, $"gradient of {name}, {type}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradients_and_their_gradients_agree_with_differences(string name)
    {
        LossCase loss = Cases[name];
        // The kinks at equal elements and at certainty are moved away from.
        Tensor x = Tensor.From<double>([.. (loss.Input ?? X).Select((v, i) => v * 0.9 + 0.01 * i)], loss.Shape ?? [2, 3], requiresGrad: true);
        Assert.True(Autograd.GradCheck(t => loss.Function(t[0]), [x]));
        Assert.True(Autograd.GradGradCheck(t => loss.Function(t[0]), [x]));
    }

    [Fact]
    public void Losses_have_gradients_of_targets_too()
    {
        Tensor x = T([0.4, 0.2, 0.7], 3), y = Tensor.From<double>([0.3, 0.9, 0.5], [3], requiresGrad: true);
        foreach (Func<Tensor, Tensor, Tensor> loss in new Func<Tensor, Tensor, Tensor>[]
        {
            Functional.MseLoss, Functional.L1Loss, (a, b) => Functional.SmoothL1Loss(a, b, beta: 0.3), (a, b) => Functional.HuberLoss(a, b, delta: 0.3),
            (a, b) => Functional.KlDiv(a, b),
            (a, b) => Functional.KlDiv(a, b, Reduction.Sum, logTarget: true), (a, b) => Functional.BinaryCrossEntropy(a, b),
            (a, b) => Functional.BinaryCrossEntropyWithLogits(a, b),
        })
        {
            Assert.True(Autograd.GradCheck(t => loss(x, t[0]), [y]));
            Assert.True(Autograd.GradGradCheck(t => loss(x, t[0]), [y]));
        }
    }

    [Fact]
    public void Mse_broadcasts_the_target_to_the_input_but_not_the_other_way_round()
    {
        Tensor x = Tensor.From<float>([1, 2, 3, 4], [2, 2], requiresGrad: true), row = Tensor.From<float>([1, 1], [2], requiresGrad: true);
        Functional.MseLoss(x, row).Backward();
        Assert.Equal([0, 0.5f, 1, 1.5f], x.Grad!.ToArray<float>());
        Assert.Equal([-1, -2], row.Grad!.ToArray<float>());

        var error = Assert.Throws<ArgumentException>(() => Functional.MseLoss(Tensor.Zeros(5), Tensor.Zeros(5, 1)));
        Assert.Contains("[5]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[5, 1]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Functional.MseLoss(Tensor.Zeros(5, 1), Tensor.Zeros(5)));
    }

    [Fact]
    public void Mean_of_nothing_is_not_a_number_as_in_PyTorch()
    {
        Assert.True(float.IsNaN(Functional.MseLoss(Tensor.Zeros(0), Tensor.Zeros(0)).Item()));
        Assert.True(float.IsNaN(Functional.CrossEntropy(Tensor.Zeros(2, 3), Labels([-100, -100], 2)).Item()));
        Assert.Equal(0, Functional.MseLoss(Tensor.Zeros(0), Tensor.Zeros(0), Reduction.Sum).Item());
    }

    [Fact]
    public void Cross_entropy_says_what_does_not_fit()
    {
        Tensor x = Tensor.Zeros(2, 3);
        Assert.Throws<ArgumentException>(() => Functional.CrossEntropy(x, Labels([0, 1, 2], 3)));
        Assert.Throws<ArgumentException>(() => Functional.CrossEntropy(x, Tensor.Zeros(2)));
        Assert.Throws<ArgumentException>(() => Functional.CrossEntropy(x, Y, Tensor.Zeros(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Functional.CrossEntropy(x, Labels([0, 3], 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Functional.CrossEntropy(x, Y, null, reduction: Reduction.BatchMean));
        Assert.Throws<ArgumentOutOfRangeException>(() => Functional.MseLoss(x, x, Reduction.BatchMean));
    }

    [Fact]
    public void Cross_entropy_does_not_overflow()
    {
        Tensor x = Tensor.From<float>([1000, -1000, 0], [1, 3], requiresGrad: true);
        Tensor loss = Functional.CrossEntropy(x, Labels([1], 1));
        Assert.Equal(2000, loss.Item());
        loss.Backward();
        Assert.Equal([1, -1, 0], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Losses_are_modules_and_functions()
    {
        Func<Tensor, Tensor, Tensor> loss = new MseLoss();
        Assert.Equal(1, loss(Tensor.Zeros(3), Tensor.Ones(3)).Item());
        loss = Functional.MseLoss;
        Assert.Equal(1, loss(Tensor.Zeros(3), Tensor.Ones(3)).Item());
        loss = Functional.CrossEntropy;
        Assert.Equal("MSELoss()", new MseLoss().ToString());
        Assert.Equal("CrossEntropyLoss()", new CrossEntropyLoss().ToString());
        Assert.Equal(["weight"], new CrossEntropyLoss(Tensor.Ones(3)).StateDict().Keys);
        Assert.Equal(["weight", "pos_weight"], new BinaryCrossEntropyWithLogitsLoss(Tensor.Ones(3), posWeight: Tensor.Ones(3)).StateDict().Keys);
    }
}

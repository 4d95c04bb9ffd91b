using System.Text.RegularExpressions;
using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;
using Operand = Facula.Backends.Operand;

namespace Facula.Tests.Gpu;

/// <summary>Convolutions on an emulated device, against the reference backend.</summary>
public sealed partial class ConvolutionKernelTests
{
    private static readonly EmulatorOptions s_ampere = new() { Throws = true, Immediate = true }, s_volta = s_ampere with { Capability = 70 };
    private static readonly Device s_newer = Emulated.Create(s_ampere), s_older = Emulated.Create(s_volta);

    public static TheoryData<string> Types() => ["float32", "float64", "float16", "bfloat16"];

    // What is summed in float32 and what the result is rounded to; the reference sums in float64.
    private static double ToleranceOf(DType type) => type.Kind switch
    {
        ElementType.Float32 => 1e-5,
        ElementType.Float16 => 2e-3,
        ElementType.BFloat16 => 1.6e-2,
        _ => 1e-13,
    };

    [Theory, MemberData(nameof(Types))]
    public void Any_geometry_and_layout_is_right(string name)
    {
        DType type = DType.Parse(name);
        var random = new Random(1);
        for (int done = 0; done < 24;)
        {
            if (WindowCase.Any(random, type) is not { } window) continue;
            window.Check(done % 4 == 0 ? s_older : s_newer, ToleranceOf(type));
            done++;
        }
    }

    /// <summary>The usual: what every device has the fast way for.</summary>
    [Theory, MemberData(nameof(Types))]
    public void Channels_that_lie_together_are_moved_together(string name)
    {
        DType type = DType.Parse(name);
        var random = new Random(2);
        var window = new Window([3, 3], [1, 1], [1, 1], [1, 1]);
        foreach (Device device in (Device[])[s_newer, s_older])
        {
            new WindowCase(random, type, window, 1, 8, 16, 2, [5, 4], "LrL").Check(device, ToleranceOf(type));
            new WindowCase(random, type, window with { Stride = [2, 2] }, 2, 16, 8, 1, [6, 5], "LlL").Check(device, ToleranceOf(type));
        }
    }

    [Theory, InlineData("float32"), InlineData("float16")]
    public void The_depth_is_shared_among_blocks(string name)
    {
        DType type = DType.Parse(name);
        var random = new Random(3);
        int channels = type == DType.Float32 ? 120 : 232;
        // What a kernel reads is long, and then the places are many.
        var deep = new WindowCase(random, type, new Window([3, 3], [1, 1], [1, 1], [1, 1]), 1, channels, 3, 1, [2, 2], "LrL");
        deep.CheckForward(s_newer, 4 * ToleranceOf(type));
        int side = type == DType.Float32 ? 33 : 47;
        new WindowCase(random, type, new Window([1, 1], [1, 1], [0, 0], [1, 1]), 1, 2, 3, 1, [side, side], "LrL").CheckWeightGrad(s_newer, 4 * ToleranceOf(type));
        Assert.True(ProductChoice.Choose(type == DType.Float32 ? ProductMethod.Scalar : ProductMethod.Half, DType.Float32, 1, 3, 3, side * side, 132).Parts > 1);
    }

    [Fact]
    public void Tensor_cores_multiply_float32_where_that_is_allowed()
    {
        Device device = Emulated.Create(s_ampere);
        ((CudaBackend)device.Backend).AllowTf32 = true;
        var random = new Random(4);
        for (int done = 0; done < 8;)
        {
            if (WindowCase.Any(random, DType.Float32) is not { } window) continue;
            window.Check(device, 2e-3);
            done++;
        }
    }

    [Fact]
    public void A_pass_is_one_launch_and_the_weights_gradient_two()
    {
        using var driver = new EmulatedDriver(s_ampere);
        Device device = Cuda.DeviceOf(driver);
        Backend backend = device.Backend;
        Tensor x = Tensor.Randn([2, 8, 4, 4]).To(device), y = Tensor.Zeros([2, 8, 4, 4]).To(device);
        Tensor w = Tensor.Randn([8, 8, 3, 3]).To(device), b = Tensor.Randn([8]).To(device);
        var window = new Window([3, 3], [1, 1], [1, 1], [1, 1]);
        Operand last = y.Operand.With(Layout.ChannelsLast([2, 8, 4, 4]));
        Assert.Equal(1, Launches(() => backend.Convolution(x.Operand, w.Operand, last, window, 1, new(b.Operand, ActivationKind.Relu, last))));
        Assert.Equal(1, Launches(() => backend.ConvolutionInputGrad(x.Operand, w.Operand, last, window, 1)));
        Assert.Equal(2, Launches(() => backend.ConvolutionWeightGrad(x.Operand, y.Operand, w.Operand, b.Operand, window, 1)));

        long Launches(Action call)
        {
            long before = driver.Counters.Launches;
            call();
            return driver.Counters.Launches - before;
        }
    }

    public static TheoryData<string, string> Faults()
    {
        var faults = new TheoryData<string, string>();
        foreach (string type in (string[])["float32", "float16"])
            foreach (string fault in (string[])["barrier", "wait", "edge", "place"]) faults.Add(type, fault);
        return faults;
    }

    [Theory, MemberData(nameof(Faults))]
    public void Faults_in_the_text_are_found(string name, string kind)
    {
        DType type = DType.Parse(name);
        bool isChanged = false;
        Device device = Emulated.Create(s_ampere with { Edit = Planted });
        var window = new WindowCase(new Random(5), type, new Window([3, 3], [1, 1], [1, 1], [1, 1]), 1, 16, 8, 2, [5, 4], "LlL");
        Assert.ThrowsAny<Exception>(() => window.CheckForward(device, ToleranceOf(type)));
        Assert.True(isChanged);

        string Planted(string ptx)
        {
            if (!ptx.Contains(".entry convolution", StringComparison.Ordinal)) return ptx;
            string wrong = kind switch
            {
                "barrier" => ptx.Replace("\tbar.sync 0;\n", "", StringComparison.Ordinal),
                // One group of copies too few is waited for.
                "wait" => WaitDepth().Replace(ptx, match => $"cp.async.wait_group {int.Parse(match.Groups[1].Value) + 1};", 1),
                // What lies just behind a bound is taken for there.
                "edge" => Bound().Replace(ptx, "setp.le.u32 ${1}"),
                // What a thread copies lands 16 bytes further on.
                _ => CopyPlace().Replace(ptx, "[$1+16], ", 1),
            };
            isChanged |= wrong != ptx;
            return wrong;
        }
    }

    [GeneratedRegex(@"cp\.async\.wait_group ([1-9]);")]
    private static partial Regex WaitDepth();

    [GeneratedRegex(@"setp\.lt\.u32 (%p\d+, %r\d+, %r\d+;)")]
    private static partial Regex Bound();

    [GeneratedRegex(@"(?<=cp\.async\.c[ag]\.shared\.global )\[(%r\d+)\], ")]
    private static partial Regex CopyPlace();
}

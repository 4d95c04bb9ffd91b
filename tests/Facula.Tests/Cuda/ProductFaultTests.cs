using System.Text.RegularExpressions;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>What is wrong in the text of a kernel of products is found: by the emulator, or by the result.</summary>
public sealed partial class ProductFaultTests
{
    private const int Size = 40, Depth = 100;

    private static readonly ProductTile s_single = new(2, 2, 16, 32, 16, 3), s_half = new(2, 2, 32, 32, 32, 4);

    private static CudaKernel Kernel(DType type) => ProductKernel.Build(type == DType.Float32
        ? new(ProductMethod.Scalar, type, s_single, new(type, true, 4, true), new(type, false, 4, true), new(type, 1))
        : new(ProductMethod.Half, DType.Float32, s_half, new(type, true, 8, true), new(type, true, 8, true), new(type, 1)), 80);

    /// <summary>The fault of the device, or null; and the largest error of the result.</summary>
    private static (EmulatorFault? Fault, double Error) Run(DType type, string ptx)
    {
        CudaKernel kernel = Kernel(type);
        using var program = new EmulatedProgram();
        var random = new Random(1);
        // Rows of depth, 16 bytes at a time.
        int rows = 104;
        float[] a = Numbers(Size * rows), b = Numbers(Depth * rows);
        bool isHalf = type == DType.Float16;
        ulong pa = isHalf ? program.Upload<Half>([.. a.Select(x => (Half)x)]) : program.Upload<float>(a);
        ulong pb = isHalf ? program.Upload<Half>([.. b.Select(x => (Half)x)]) : program.Upload<float>(b);
        ulong py = program.Allocate(Size * Size * type.Size);
        long chunk = isHalf ? 8 : 4;
        int tiles = isHalf ? 1 : 2;
        CudaResult result = program.Run(ptx, new CudaGrid(tiles, 1, 1, kernel.Threads), kernel.SharedBytes, Size, Size, Depth, Depth,
            pa, 0L, rows / chunk, 0L, pb, 0L, isHalf ? rows / chunk : 0L, isHalf ? 0L : rows / chunk, 0L, py, 0L, (long)Size, 1L, 1f);
        if (result != CudaResult.Success) return (program.Driver.Fault, double.NaN);
        double[] y = isHalf ? [.. program.Download<Half>(py, Size * Size).Select(x =>
            (double)x)] : [.. program.Download<float>(py, Size * Size).Select(x => (double)x)];
        double error = 0;
        for (int i = 0; i < Size; i++)
        {
            for (int j = 0; j < Size; j++)
            {
                double sum = 0;
                for (int k = 0; k < Depth; k++) sum += (double)a[i * rows + k] * (isHalf ? b[j * rows + k] : b[k * rows + j]);
                error = Math.Max(error, Math.Abs(sum - y[i * Size + j]));
            }
        }
        return (program.Driver.Fault, error);

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(Half)(random.NextDouble() - 0.5))];
    }

    public static TheoryData<string, string> Faults()
    {
        var faults = new TheoryData<string, string>();
        foreach (string type in (string[])["float32", "float16"])
            foreach (string fault in (string[])["barrier", "wait", "commit", "bound", "place"]) faults.Add(type, fault);
        return faults;
    }

    [Theory, InlineData("float32"), InlineData("float16")]
    public void Kernels_are_right_as_they_are(string type)
    {
        DType of = DType.Parse(type);
        (EmulatorFault? fault, double error) = Run(of, Kernel(of).Ptx);
        Assert.Null(fault);
        Assert.InRange(error, 0, 2e-3);
    }

    [Theory, MemberData(nameof(Faults))]
    public void Faults_in_the_text_are_found(string type, string kind)
    {
        DType of = DType.Parse(type);
        string ptx = Kernel(of).Ptx;
        string wrong = kind switch
        {
            // The slice that is computed with is overwritten, or not there yet.
            "barrier" => ptx.Replace("\tbar.sync 0;\n", "", StringComparison.Ordinal),
            // One group of copies too few is waited for.
            "wait" => WaitDepth().Replace(ptx, match => $"cp.async.wait_group {int.Parse(match.Groups[1].Value) + 1};", 1),
            "commit" => LastCommit().Replace(ptx, "$1", 1),
            // A row more than there are is written.
            "bound" => RowBound().Replace(ptx, "setp.le.u32 $1"),
            // What a thread copies lands 16 bytes further on.
            _ => CopyPlace().Replace(ptx, "[$1+16], ", 1),
        };
        Assert.NotEqual(ptx, wrong);
        (EmulatorFault? fault, double error) = Run(of, wrong);
        Assert.True(fault is not null || double.IsNaN(error) || error > 1e-2, $"{kind}: nothing found, error {error}");
    }

    [GeneratedRegex(@"cp\.async\.wait_group ([1-9]);")]
    private static partial Regex WaitDepth();

    // The one of the loop.
    [GeneratedRegex(@"cp\.async\.commit_group;\n([^~]*?cp\.async\.wait_group 0)", RegexOptions.RightToLeft)]
    private static partial Regex LastCommit();

    // M is the first argument.
    [GeneratedRegex(@"setp\.lt\.u32 (%p\d+, %r\d+, %r0;)")]
    private static partial Regex RowBound();

    [GeneratedRegex(@"(?<=cp\.async\.c[ag]\.shared\.global )\[(%r\d+)\], ")]
    private static partial Regex CopyPlace();
}

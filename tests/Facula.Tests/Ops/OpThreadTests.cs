namespace Facula.Tests.Ops;

/// <summary>Alone, because it sets the number of threads for all.</summary>
[Collection("Threads")]
public sealed class OpThreadTests
{
    public static TheoryData<string> Large { get; } = OpTests.Where(c => c.Large is not null);

    [Theory, MemberData(nameof(Large))]
    public void Any_number_of_threads_gives_the_same_bits(string name)
    {
        OpCase c = OpCases.Find(name);
        DType type = c.Takes(DType.Float32) ? DType.Float32 : DType.Bool;
        Tensor[] inputs = OpInputs.Make(c, type, c.Large);
        int before = CpuSettings.ThreadCount;
        try
        {
            CpuSettings.ThreadCount = 1;
            OpRun one = OpRun.Of(c, inputs);
            foreach (int threads in new[] { 2, 3, 5, 8, 16 })
            {
                CpuSettings.ThreadCount = threads;
                OpRun several = OpRun.Of(c, inputs);
                for (int i = 0; i < one.Outputs.Length; i++) Close.AssertSameBits(one.Outputs[i], several.Outputs[i], $"{name}, {threads} threads, result {i}");
                for (int i = 0; i < inputs.Length; i++)
                {
                    if (one.Gradients[i] is { } gradient)
                        Close.AssertSameBits(gradient, several.Gradients[i]!, $"{name}, {threads} threads, gradient of operand {i}");
                }
            }
        }
        finally
        {
            CpuSettings.ThreadCount = before;
        }
    }
}

[CollectionDefinition("Threads", DisableParallelization = true)]
public sealed class ThreadsCollection;

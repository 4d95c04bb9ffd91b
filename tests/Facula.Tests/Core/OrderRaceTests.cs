namespace Facula.Tests.Core;

/// <summary>
/// While one thread puts a convolution's result in row-major order, others read the right elements: a layout is never met with another one's buffer.
/// </summary>
public sealed class OrderRaceTests
{
    [Fact]
    public void Readers_see_the_right_elements_while_the_order_changes()
    {
        Tensor rows = Tensor.Arange(2 * 16 * 8 * 8, dtype: DType.Float32).Reshape(2, 16, 8, 8);
        float[] expected = rows.ToArray<float>();
        for (int round = 0; round < 300; round++)
        {
            Tensor x = Tensor.Allocate(Layout.ChannelsLast(rows.Layout.Shape), rows.DType, rows.Device);
            x.Device.Backend.Copy(rows.Operand, x.Operand);
            Assert.True(x.Layout.IsChannelsLast);
            using var start = new Barrier(2);
            var wrong = new List<int>();
            var reader = new Thread(() =>
            {
                start.SignalAndWait();
                for (int i = 0; i < 20; i++)
                {
                    if (!(x + 0).ToArray<float>().AsSpan().SequenceEqual(expected)) wrong.Add(i);
                }
            });
            reader.Start();
            start.SignalAndWait(TestContext.Current.CancellationToken);
            x.EnsureRowMajor();
            reader.Join();
            Assert.Empty(wrong);
            Assert.False(x.Layout.IsChannelsLast);
        }
    }
}

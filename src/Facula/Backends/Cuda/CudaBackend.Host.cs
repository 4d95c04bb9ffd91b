using Facula.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>What has no kernel yet: the host does it, on copies of the buffers, and waits.</summary>
internal sealed partial class CudaBackend
{
    public override void Gather(in Operand x, in Operand index, in Operand y, int dim, string operation = "")
    {
        using var call = new HostCall(this);
        host.Gather(call.Argument(x), call.Argument(index), call.Result(y), dim, operation);
    }

    public override void Scatter(in Operand x, in Operand index, in Operand y, int dim, bool add, string operation = "")
    {
        using var call = new HostCall(this);
        host.Scatter(call.Argument(x), call.Argument(index), call.Result(y), dim, add, operation);
    }

    public override void Sort(in Operand x, in Operand values, in Operand indices, int dim, bool descending)
    {
        using var call = new HostCall(this);
        host.Sort(call.Argument(x), call.Result(values), call.Result(indices), dim, descending);
    }

    /// <summary>Copies of buffers in the host's memory, of which the results go back in the end.</summary>
    private sealed class HostCall(CudaBackend backend) : IDisposable
    {
        private readonly List<(Buffer There, HostBuffer Here, bool IsResult)> _copies = [];

        public Operand Argument(in Operand x) => x.Buffer is null or Number ? x : new(Bring(x, isResult: false), x.Layout, x.DType);

        public Operand Result(in Operand y) => new(Bring(y, isResult: true), y.Layout, y.DType);

        private HostBuffer Bring(in Operand x, bool isResult)
        {
            Buffer there = x.Buffer;
            int known = _copies.FindIndex(copy => ReferenceEquals(copy.There, there));
            if (known >= 0)
            {
                if (isResult) _copies[known] = _copies[known] with { IsResult = true };
                return _copies[known].Here;
            }
            HostBuffer here = HostBuffer.Allocate(there.Bytes);
            _copies.Add((there, here, isResult));
            using HeldSpan<byte> whole = new(here, 0, checked((int)there.Bytes));
            backend.Download(there, 0, whole.Span);
            x.KeepAlive();
            return here;
        }

        public void Dispose()
        {
            foreach ((Buffer there, HostBuffer here, bool isResult) in _copies)
            {
                if (isResult)
                {
                    using HeldSpan<byte> whole = new(here, 0, checked((int)there.Bytes));
                    backend.Upload(whole.Span, there, 0);
                }
                here.Release();
            }
        }
    }
}

namespace Facula;

internal static partial class MemoryPool
{
    /// <summary>Little blocks that a thread has returned and will want again: it needs no lock for them. What it has when it ends goes back to all.</summary>
    private sealed class ThreadCache
    {
        private const long LargestBytes = 256 << 10;
        private const long MostBytes = 2 << 20;

        private static readonly int LargestClass = ClassOf(LargestBytes, out _);
        [ThreadStatic] private static ThreadCache? t_mine;
        private static int s_emptied;

        private readonly Block?[] _piles = new Block?[LargestClass + ClassesPerOctave + 1];
        private long _bytes;
        private int _emptied = s_emptied;

        public static ThreadCache Mine => t_mine ??= new();

        /// <summary>Has each thread empty its own, when it next comes by.</summary>
        public static void EmptyAll()
        {
            Interlocked.Increment(ref s_emptied);
            Mine.Follow();
        }

        public Block? TryTake(int sizeClass)
        {
            if (_emptied != s_emptied) Follow();
            if (sizeClass > LargestClass || _bytes == 0) return null;
            for (int i = sizeClass; i <= sizeClass + ClassesPerOctave; i++)
            {
                if (_piles[i] is not { } block) continue;
                _piles[i] = block.Next;
                block.Next = null;
                _bytes -= block.Bytes;
                return block;
            }
            return null;
        }

        public bool TryKeep(Block block)
        {
            if (_emptied != s_emptied) Follow();
            if (block.SizeClass > LargestClass || _bytes + block.Bytes > MostBytes) return false;
            ref Block? pile = ref _piles[block.SizeClass];
            block.Next = pile;
            pile = block;
            _bytes += block.Bytes;
            return true;
        }

        private void Follow()
        {
            _emptied = s_emptied;
            Empty();
        }

        private void Empty()
        {
            _bytes = 0;
            for (int i = 0; i < _piles.Length; i++)
            {
                while (_piles[i] is { } block)
                {
                    _piles[i] = block.Next;
                    block.Next = null;
                    Keep(block);
                }
            }
        }

        ~ThreadCache() => Empty();
    }
}

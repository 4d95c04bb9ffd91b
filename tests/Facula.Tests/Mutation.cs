namespace Facula.Tests;

/// <summary>Files that are damaged at random, for readers that must say so and nothing else. FACULA_MUTATIONS says how many, if not 10,000.</summary>
internal static class Mutation
{
    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("FACULA_MUTATIONS"), out int count) ? count : 10_000;

    /// <summary>Reads damaged files; a reader may take one for good, or say that it is invalid and which one it is.</summary>
    public static void Sample(byte[] good, Action<string> read, int seed = 1)
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < Count; i++)
        {
            byte[] bad = Mutate(good, new Random(seed * 1_000_003 + i));
            string path = folder.Write("mutated", bad);
            try
            {
                read(path);
            }
            catch (InvalidDataException e) when (e.Message.Contains(path, StringComparison.Ordinal))
            {
                // As it must.
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Mutation {i} of seed {seed}, {Convert.ToHexString(bad.AsSpan(0, Math.Min(64, bad.Length)))}...: {e.Message}", e);
            }
        }
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        var bytes = new List<byte>(good);
        for (int times = random.Next(1, 4); times > 0; times--)
        {
            // Headers are short, and most of what can go wrong is in them.
            int at = random.Next(random.Next(2) == 0 ? Math.Min(32, bytes.Count + 1) : bytes.Count + 1);
            if (at >= bytes.Count)
            {
                bytes.Add((byte)random.Next(256));
                continue;
            }
            switch (random.Next(7))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes[at] = (byte)(random.Next(2) == 0 ? 0 : 255); break;
                case 3: bytes.RemoveRange(at, bytes.Count - at); break;
                case 4: bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)); break;
                case 5: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 9), bytes.Count - at))); break;
                default: for (int i = at; i < Math.Min(at + 4, bytes.Count); i++) bytes[i] = 255; break;
            }
        }
        return [.. bytes];
    }
}

using Facula.Numerics;

namespace Facula.Tests.RandomNumbers;

public sealed unsafe class PhiloxTests
{
    // The known answers of the authors' library Random123, file kat_vectors, philox4x32 with 10 rounds.
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Block_gives_the_known_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint w0, uint w1, uint w2, uint w3) =>
        Assert.Equal((w0, w1, w2, w3), Philox.Block(c0, c1, c2, c3, k0, k1));

    [Theory, InlineData(0ul, 0ul), InlineData(0xa4093822299f31d0ul, 7ul), InlineData(ulong.MaxValue, 0xfffffff8ul), InlineData(1ul, ulong.MaxValue - 20)]
    public void Group_is_sixteen_blocks_whatever_the_width(ulong key, ulong counter)
    {
        uint* words = stackalloc uint[Philox.GroupWords], expected = stackalloc uint[Philox.GroupWords];
        Philox.Group(key, counter, words);
        Philox.Scalars(key, counter, expected);
        Assert.Equal(new ReadOnlySpan<uint>(expected, 64).ToArray(), new ReadOnlySpan<uint>(words, 64).ToArray());
        (uint first, _, _, uint last) = Philox.Block((uint)(counter + 3), (uint)((counter + 3) >> 32), 0, 0, (uint)key, (uint)(key >> 32));
        Assert.Equal((first, last), (words[3], words[51]));
    }
}

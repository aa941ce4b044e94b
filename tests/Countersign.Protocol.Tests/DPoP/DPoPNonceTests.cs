using Countersign.Protocol.DPoP;
using CsCheck;

namespace Countersign.Protocol.Tests.DPoP;

public sealed class DPoPNonceTests
{
    private static readonly DateTimeOffset Now = DPoPKeys.Now;
    private static readonly byte[] Key = DPoPKeys.NonceKey;
    private static readonly byte[] Random = [.. Enumerable.Range(0, DPoPNonce.RandomLength).Select(i => (byte)(i * 11))];

    // The MAC was computed by another program: hmac.new(bytes(range(32)), b"countersign-dpop-nonce/1" + time + random, "sha256").
    [Fact]
    public void A_nonce_is_its_time_the_random_bytes_and_the_MAC() =>
        Assert.Equal("AAABm36UMgAACxYhLDdCTVhjbnmEj5ql0fRyh3qZcuJDX7Z46fWcAId14uvlfAumt3ASy4Zvj5Y", DPoPNonce.Make(Key, Now, Random));

    [Fact]
    public void A_nonce_can_stand_in_a_header_as_it_is() =>
        Gen.Byte.Array[DPoPNonce.RandomLength].Sample(random =>
        {
            var nonce = DPoPNonce.Make(Key, Now, random);

            Assert.Equal(DPoPNonce.Length, nonce.Length);
            Assert.All(nonce, letter => Assert.True(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'));
        });

    [Theory]
    [InlineData(0, true)]
    [InlineData(300_000, true)]
    [InlineData(300_001, false)]
    [InlineData(-60_000, true)]
    [InlineData(-60_001, false)]
    public void A_nonce_is_good_for_five_minutes_and_on_a_node_whose_clock_is_a_minute_behind(int milliseconds, bool good)
    {
        var (nonce, then) = (DPoPNonce.Make(Key, Now, Random), Now.AddMilliseconds(milliseconds));
        var proof = DPoPProof.Create(DPoPKeys.Signer, DPoPKeys.Request, "j", DateTimeOffset.UnixEpoch, nonce);

        Assert.Equal(good, DPoPNonce.Check(nonce, Key, then));
        Assert.Equal(
            good ? null : DPoPFault.NonceExpired,
            (DPoPProof.Verify(proof, DPoPKeys.Request, DPoPFreshness.ByNonce(then, Key)) as DPoPRefused)?.Fault);
    }

    [Fact]
    public void Nonces_of_the_key_before_are_good_while_it_is_named()
    {
        byte[] next = [.. Key.Select(octet => (byte)~octet)];
        var proof = DPoPProof.Create(DPoPKeys.Signer, DPoPKeys.Request, "j", Now, DPoPNonce.Make(Key, Now, Random));

        Assert.Equal(DPoPNonce.Make(Key, Now, Random), DPoPKeys.Accepted(proof, freshness: DPoPFreshness.ByNonce(Now, next, Key)).Nonce);
        Assert.Equal(DPoPFault.NonceUnknown, DPoPKeys.FaultOf(proof, freshness: DPoPFreshness.ByNonce(Now, next)));
        Assert.False(DPoPNonce.Check(DPoPNonce.Make(Key, Now, Random), next, Now));
    }

    [Fact]
    public void A_nonce_with_one_letter_changed_is_refused() =>
        Gen.Select(Gen.Byte.Array[DPoPNonce.RandomLength], Gen.Int[0, DPoPNonce.Length - 1], Gen.Char).Sample((random, at, letter) =>
        {
            var nonce = DPoPNonce.Make(Key, Now, random);
            var changed = $"{nonce[..at]}{letter}{nonce[(at + 1)..]}";

            Assert.Equal(changed == nonce, DPoPNonce.Check(changed, Key, Now));
        });

    [Fact]
    public void Anything_else_is_refused() =>
        Gen.OneOf(Gen.String, DPoPKeys.VisibleAscii(DPoPNonce.Length).Select(text => text.PadLeft(DPoPNonce.Length, 'A')))
            .Sample(text => Assert.False(DPoPNonce.Check(text, Key, Now)));

    [Fact]
    public void Nothing_is_no_nonce() => Assert.False(DPoPNonce.Check(null, Key, Now));

    [Fact]
    public void Short_keys_and_too_few_random_bytes_are_mistakes_of_the_caller()
    {
        Assert.Throws<ArgumentException>("key", () => DPoPNonce.Make(Key.AsSpan(1), Now, Random));
        Assert.Throws<ArgumentException>("random", () => DPoPNonce.Make(Key, Now, Random.AsSpan(1)));
        Assert.Throws<ArgumentException>("key", () => DPoPNonce.Check("x", Key.AsSpan(1), Now));
        Assert.Throws<ArgumentException>("keys", () => DPoPFreshness.ByNonce(Now));
        Assert.Throws<ArgumentException>("keys", () => DPoPFreshness.ByNonce(Now, Key, Key.AsMemory(1)));
    }
}

using System.Globalization;
using System.Numerics;
using Countersign.Protocol.DPoP;
using CsCheck;

namespace Countersign.Protocol.Tests.DPoP;

public sealed class DPoPKeyTests
{
    private static readonly BigInteger P = Number("00FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF");

    [Fact]
    public void A_point_that_differs_in_one_bit_is_not_on_the_curve() =>
        Gen.Select(Gen.Int[0, 63], Gen.Int[0, 7]).Sample((at, bit) =>
        {
            byte[] point = [.. DPoPKeys.FromBase64Url(DPoPKeys.Jwk["x"]!), .. DPoPKeys.FromBase64Url(DPoPKeys.Jwk["y"]!)];
            point[at] ^= (byte)(1 << bit);

            Assert.Equal(DPoPFault.WrongKey, Judged(point[..32], point[32..]));
        });

    // The smallest x of a point: x + p still fits into 32 bytes, and would be the same key with another thumbprint.
    // No key is known for the point, so what is read as a key is refused for its signature.
    [Fact]
    public void A_coordinate_has_one_spelling()
    {
        var (x, y) = SmallestPoint();

        Assert.Equal(DPoPFault.WrongSignature, Judged(Bytes(x), Bytes(y)));
        Assert.Equal(DPoPFault.WrongKey, Judged(Bytes(x + P), Bytes(y)));
        Assert.Equal(DPoPFault.WrongKey, Judged(Bytes(x), [0, .. Bytes(y)]));
        Assert.Equal(DPoPFault.WrongKey, Judged(Bytes(x)[1..], Bytes(y)));
        Assert.Equal(DPoPFault.WrongKey, Judged([], Bytes(y)));
    }

    [Theory]
    [InlineData("kty", "RSA")]
    [InlineData("crv", "P-384")]
    [InlineData("crv", "secp256k1")]
    [InlineData("use", "enc")]
    [InlineData("use", null)]
    [InlineData("alg", "ES384")]
    [InlineData("x", null)]
    public void A_key_for_something_else_is_refused(string name, string? value) =>
        Assert.Equal(DPoPFault.WrongKey, Judged(new(DPoPKeys.Jwk) { [name] = value }));

    [Theory]
    [InlineData("use", "sig")]
    [InlineData("alg", "ES256")]
    [InlineData("kid", "another")]
    public void What_a_key_says_besides_is_no_hindrance(string name, string value) =>
        Assert.Null(Judged(new(DPoPKeys.Jwk) { [name] = value }));

    [Theory]
    [InlineData("d")]
    [InlineData("p")]
    [InlineData("q")]
    [InlineData("dp")]
    [InlineData("dq")]
    [InlineData("qi")]
    [InlineData("oth")]
    [InlineData("k")]
    public void A_member_of_a_private_key_is_refused_whatever_it_holds(string name) =>
        Assert.Equal(DPoPFault.PrivateKey, Judged(new(DPoPKeys.Jwk) { [name] = null }));

    private static DPoPFault? Judged(byte[] x, byte[] y) =>
        Judged(new(DPoPKeys.Jwk) { ["x"] = DPoPKeys.Base64Url(x), ["y"] = DPoPKeys.Base64Url(y) });

    private static DPoPFault? Judged(Dictionary<string, string?> jwk)
    {
        var claims = DPoPKeys.FromBase64Url(DPoPProof.Create(DPoPKeys.Signer, DPoPKeys.Request, "j", DPoPKeys.Now).Split('.')[1]);
        return (DPoPProof.Verify(DPoPKeys.Signed(claims, jwk), DPoPKeys.Request, DPoPKeys.Clock) as DPoPRefused)?.Fault;
    }

    private static byte[] Bytes(BigInteger number)
    {
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }

    private static BigInteger Number(string hexadecimal) =>
        BigInteger.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    // p = 3 (mod 4): a root of y² is its power (p + 1) / 4, if it has one.
    private static (BigInteger X, BigInteger Y) SmallestPoint()
    {
        var b = Number("005AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B");
        for (var x = BigInteger.Zero; ; x++)
        {
            var square = ((x * x * x) - (3 * x) + b) % P;
            square = square.Sign < 0 ? square + P : square;
            var y = BigInteger.ModPow(square, (P + 1) / 4, P);
            if (y * y % P == square)
            {
                return (x, y);
            }
        }
    }
}

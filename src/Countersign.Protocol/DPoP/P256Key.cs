using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Countersign.Protocol.DPoP;

/// <summary>A public key on the curve P-256, with its one JWK (RFC 7518 §6.2.1) and thumbprint (RFC 7638).</summary>
internal sealed class P256Key
{
    public const int SignatureLength = 2 * CoordinateLength;

    private const int CoordinateLength = 32;

    // The members of private and of symmetric keys of any type (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    // y² = x³ - 3x + b over the numbers below p (FIPS 186-5 and SP 800-186 §3.2.1.3).
    private static readonly BigInteger P = Number("00FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF");
    private static readonly BigInteger B = Number("005AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B");

    private readonly byte[] _x;
    private readonly byte[] _y;

    private P256Key(byte[] x, byte[] y) => (_x, _y) = (x, y);

    /// <summary>The JWK in the spelling of RFC 7638 §3: these members in this order, without white space.</summary>
    public string Jwk =>
        $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(_x)}}","y":"{{Base64Url.EncodeToString(_y)}}"}""";

    public string Thumbprint => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Jwk)));

    public static bool IsPrivate(JsonElement jwk) => PrivateMembers.Any(name => jwk.TryGetProperty(name, out _));

    /// <summary>The key of a JWK, or null if it is of another type, or no point of the curve.</summary>
    public static P256Key? FromJwk(JsonElement jwk) =>
        jwk.Text("kty") == "EC" && jwk.Text("crv") == "P-256"
        && IsAbsentOr(jwk, "use", "sig") && IsAbsentOr(jwk, "alg", "ES256")
        && Base64UrlText.TryDecode(jwk.Text("x"), out var x) && Base64UrlText.TryDecode(jwk.Text("y"), out var y)
            ? FromPoint(x, y)
            : null;

    /// <summary>The public half of a key, or null if it is on another curve.</summary>
    public static P256Key? FromKey(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return point is { X: { } x, Y: { } y } ? FromPoint(x, y) : null;
    }

    /// <summary>Tells whether a signature r ‖ s (RFC 7518 §3.4) over the data is of this key.</summary>
    public bool Verifies(byte[] data, byte[] signature)
    {
        if (signature.Length != SignatureLength)
        {
            return false;
        }

        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = _x, Y = _y } });
        return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static bool IsAbsentOr(JsonElement jwk, string name, string value) =>
        !jwk.TryGetProperty(name, out _) || jwk.Text(name) == value;

    // The name of a curve is spelt differently by platforms; the points of no other curve pass.
    private static P256Key? FromPoint(byte[] x, byte[] y) =>
        x.Length == CoordinateLength && y.Length == CoordinateLength && IsOnCurve(Number(x), Number(y)) ? new P256Key(x, y) : null;

    // Coordinates of p and more would be reduced by some platforms: a second thumbprint for the same key.
    private static bool IsOnCurve(BigInteger x, BigInteger y) => x < P && y < P && (((y * y) - ((x * x * x) - (3 * x) + B)) % P).IsZero;

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static BigInteger Number(string hexadecimal) =>
        BigInteger.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

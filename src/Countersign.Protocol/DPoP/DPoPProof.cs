using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Countersign.Protocol.DPoP;

/// <summary>
/// Proofs that the sender of a request has a private key (RFC 9449), in the one algorithm ES256 (RFC 7518 §3.4), with the hash of the
/// body as a further claim <c>bh</c> where both ends want it.
/// </summary>
public static class DPoPProof
{
    // The other encoder writes + and & as six characters, and so could make a proof too long; this one is unsafe only within HTML.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The most characters of a proof that is read; what is written is shorter.</summary>
    public const int MaxLength = 4_096;

    /// <summary>The most characters of a <c>jti</c>.</summary>
    public const int MaxJtiLength = 128;

    /// <summary>The most characters of a <c>htm</c> that is written.</summary>
    public const int MaxMethodLength = 32;

    /// <summary>The most characters of a <c>htu</c>.</summary>
    public const int MaxAddressLength = 1_024;

    /// <summary>The most characters of a nonce that is written: it may be of another server than this one.</summary>
    public const int MaxNonceLength = 256;

    /// <summary>Checks a proof by RFC 9449 §4.3, except what only the caller can know.</summary>
    /// <remarks>
    /// The caller has yet to see that there was one <c>DPoP</c> header (number 1), that the key is the one to which a token or a session
    /// is bound (number 12), and that the proof was not used before (§11.1). Of the header nothing but <c>jwk</c> says whose key it is:
    /// <c>kid</c>, <c>jku</c>, <c>x5u</c> and <c>x5c</c> are passed over, as are claims that are not known.
    /// </remarks>
    /// <param name="proof">The value of the header, or null if there was none.</param>
    /// <param name="request">The request that it came with.</param>
    /// <param name="freshness">How it is known to be new.</param>
    /// <returns>Accepted, or refused with the check that was not passed. Nothing in a proof makes this throw.</returns>
    /// <exception cref="ArgumentNullException">The request or the rule is null.</exception>
    public static DPoPVerdict Verify(string? proof, DPoPRequest request, DPoPFreshness freshness)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(freshness);
        if (CompactJws.Read(proof, MaxLength) is not { } jws)
        {
            return new DPoPRefused(DPoPFault.Malformed);
        }

        if (FaultOfHeader(jws.Header) is { } headerFault)
        {
            return new DPoPRefused(headerFault);
        }

        if (P256Key.FromJwk(jws.Header.GetProperty("jwk")) is not { } key)
        {
            return new DPoPRefused(DPoPFault.WrongKey);
        }

        if (!key.Verifies(jws.SigningInput, jws.Signature))
        {
            return new DPoPRefused(DPoPFault.WrongSignature);
        }

        return FaultOfClaims(jws.Payload, request) is { } claimsFault
            ? new DPoPRefused(claimsFault)
            : Judge(jws.Payload, key, freshness);
    }

    /// <summary>Makes a proof.</summary>
    /// <param name="key">A key on P-256 that can sign.</param>
    /// <param name="request">The request that it is for.</param>
    /// <param name="jti">Its id: at least 96 random bits in visible ASCII, such as a random UUID; never one twice (RFC 9449 §4.2).</param>
    /// <param name="issuedAt">The time; fractions of a second are cut off.</param>
    /// <param name="nonce">What the server last sent in <c>DPoP-Nonce</c>, or null if it sent none (RFC 9449 §8).</param>
    /// <returns>The value of the <c>DPoP</c> header.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">
    /// The key is on another curve; the <c>jti</c>, the method or the nonce is empty, too long or not visible ASCII; or the address is
    /// too long.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    /// <exception cref="CryptographicException">The key cannot sign.</exception>
    public static string Create(ECDsa key, DPoPRequest request, string jti, DateTimeOffset issuedAt, string? nonce = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequireText(request.Method, MaxMethodLength, nameof(request));
        RequireText(TargetAddress.Write(request.Address), MaxAddressLength, nameof(request));
        RequireText(jti, MaxJtiLength, nameof(jti));
        ArgumentOutOfRangeException.ThrowIfLessThan(issuedAt, DateTimeOffset.UnixEpoch);
        if (nonce is not null)
        {
            RequireText(nonce, MaxNonceLength, nameof(nonce));
        }

        var header = $$"""{"typ":"dpop+jwt","alg":"ES256","jwk":{{PublicKey(key).Jwk}}}""";
        return CompactJws.Sign(key, Encoding.ASCII.GetBytes(header), Claims(request, jti, issuedAt, nonce));
    }

    /// <summary>Computes the <c>jkt</c> of a key (RFC 7638, RFC 9449 §6.1), as <see cref="DPoPAccepted.Thumbprint"/> has it.</summary>
    /// <param name="key">A key on P-256.</param>
    /// <returns>43 characters of the alphabet of base64url.</returns>
    /// <exception cref="ArgumentNullException">The key is null.</exception>
    /// <exception cref="ArgumentException">The key is on another curve.</exception>
    public static string Thumbprint(ECDsa key) => PublicKey(key).Thumbprint;

    private static DPoPFault? FaultOfHeader(JsonElement header)
    {
        if (header.Text("typ") != "dpop+jwt")
        {
            return DPoPFault.WrongType;
        }

        if (header.Text("alg") != "ES256")
        {
            return DPoPFault.WrongAlgorithm;
        }

        if (header.TryGetProperty("crit", out _))
        {
            return DPoPFault.CriticalHeader;
        }

        if (!header.TryGetProperty("jwk", out var jwk) || jwk.ValueKind != JsonValueKind.Object)
        {
            return DPoPFault.WrongKey;
        }

        return P256Key.IsPrivate(jwk) ? DPoPFault.PrivateKey : null;
    }

    private static DPoPFault? FaultOfClaims(JsonElement claims, DPoPRequest request)
    {
        if (!VisibleAscii.Is(claims.Text("jti"), MaxJtiLength))
        {
            return DPoPFault.WrongJti;
        }

        if (claims.Text("htm") != request.Method)
        {
            return DPoPFault.WrongMethod;
        }

        if (TargetAddress.Read(claims.Text("htu")) != TargetAddress.Of(request.Address))
        {
            return DPoPFault.WrongAddress;
        }

        // Without a token there may be no hash of one, whatever its type.
        if (request.TokenHash is { } token ? claims.Text("ath") != token : claims.TryGetProperty("ath", out _))
        {
            return DPoPFault.WrongAccessToken;
        }

        return request.BodyHashText is { } body && claims.Text("bh") != body ? DPoPFault.WrongBody : null;
    }

    private static DPoPVerdict Judge(JsonElement claims, P256Key key, DPoPFreshness freshness)
    {
        if (IssuedAt(claims) is not { } issuedAt)
        {
            return new DPoPRefused(DPoPFault.WrongTime);
        }

        return freshness.Judge(issuedAt, claims.Text("nonce"), out var until, out var nonce) is { } fault
            ? new DPoPRefused(fault)
            : new DPoPAccepted(key.Thumbprint, claims.Text("jti")!, issuedAt, nonce, until, claims);
    }

    // RFC 7519 §2, NumericDate: seconds since 1970, which may have a fraction.
    private static DateTimeOffset? IssuedAt(JsonElement claims) =>
        claims.TryGetProperty("iat", out var member) && member.ValueKind == JsonValueKind.Number
        && member.TryGetDouble(out var seconds) && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;

    private static P256Key PublicKey(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return P256Key.FromKey(key) ?? throw new ArgumentException("A key on the curve P-256 is expected.", nameof(key));
    }

    private static void RequireText(string text, int most, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        if (!VisibleAscii.Is(text, most))
        {
            throw new ArgumentException($"1 to {most} visible ASCII characters are expected.", parameter);
        }
    }

    private static byte[] Claims(DPoPRequest request, string jti, DateTimeOffset issuedAt, string? nonce)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            json.WriteString("jti", jti);
            json.WriteString("htm", request.Method);
            json.WriteString("htu", TargetAddress.Write(request.Address));
            json.WriteNumber("iat", issuedAt.ToUnixTimeSeconds());
            foreach (var (name, value) in new[] { ("nonce", nonce), ("ath", request.TokenHash), ("bh", request.BodyHashText) })
            {
                if (value is not null)
                {
                    json.WriteString(name, value);
                }
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}

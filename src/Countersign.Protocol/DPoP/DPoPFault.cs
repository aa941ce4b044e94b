namespace Countersign.Protocol.DPoP;

/// <summary>Which check a proof did not pass: for the log. What the client is told is <see cref="DPoPRefused.Error"/>.</summary>
public enum DPoPFault
{
    /// <summary>
    /// No JWS in the compact form (RFC 7515 §7.1): too long, not three parts, not base64url without padding, not JSON objects, or a
    /// member occurs twice.
    /// </summary>
    Malformed = 0,

    /// <summary><c>typ</c> is not <c>dpop+jwt</c> (RFC 9449 §4.2): a token of another purpose.</summary>
    WrongType = 1,

    /// <summary><c>alg</c> is not <c>ES256</c> (RFC 7518 §3.4), the only one that is accepted.</summary>
    WrongAlgorithm = 2,

    /// <summary>There is a <c>crit</c> (RFC 7515 §4.1.11), and no extension is understood.</summary>
    CriticalHeader = 3,

    /// <summary>
    /// There is no <c>jwk</c>, it is no point on P-256 (RFC 7518 §6.2.1), or it is for something else (RFC 7517 §4.2, §4.4).
    /// </summary>
    WrongKey = 4,

    /// <summary>
    /// The <c>jwk</c> has a member of a private or symmetric key, which is then no secret any more (RFC 9449 §4.3 number 7).
    /// </summary>
    PrivateKey = 5,

    /// <summary>The signature is not 64 bytes, or not of this key over these bytes (RFC 9449 §4.3 number 6).</summary>
    WrongSignature = 6,

    /// <summary><c>jti</c> is missing, too long, or not visible ASCII (RFC 9449 §4.2, §11.1).</summary>
    WrongJti = 7,

    /// <summary><c>htm</c> is not the method of the request (RFC 9449 §4.3 number 8).</summary>
    WrongMethod = 8,

    /// <summary><c>htu</c> is not the address of the request (RFC 9449 §4.3 number 9).</summary>
    WrongAddress = 9,

    /// <summary>
    /// <c>ath</c> is not the hash of the access token, is missing, or is there without a token (RFC 9449 §4.3 number 12, §7).
    /// </summary>
    WrongAccessToken = 10,

    /// <summary><c>bh</c> is not the hash of the body, or is missing where it is required.</summary>
    WrongBody = 11,

    /// <summary><c>iat</c> is missing, or no time (RFC 9449 §4.2).</summary>
    WrongTime = 12,

    /// <summary><c>iat</c> is before the window that is accepted (RFC 9449 §4.3 number 11).</summary>
    TooOld = 13,

    /// <summary><c>iat</c> is behind the window that is accepted (RFC 9449 §11.1).</summary>
    TooNew = 14,

    /// <summary>There is no <c>nonce</c>, and one is required (RFC 9449 §8).</summary>
    NonceMissing = 15,

    /// <summary><c>nonce</c> was not made with one of the keys (RFC 9449 §4.3 number 10).</summary>
    NonceUnknown = 16,

    /// <summary><c>nonce</c> is older than <see cref="DPoPNonce.Lifetime"/>, or of a node whose clock is ahead (RFC 9449 §8).</summary>
    NonceExpired = 17,
}

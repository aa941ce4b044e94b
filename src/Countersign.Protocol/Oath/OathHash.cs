namespace Countersign.Protocol.Oath;

/// <summary>The hash function under the HMAC (RFC 6238 §1.2, RFC 6287 §5.2).</summary>
public enum OathHash
{
    /// <summary>HMAC-SHA-1, the one of RFC 4226.</summary>
    Sha1,

    /// <summary>HMAC-SHA-256.</summary>
    Sha256,

    /// <summary>HMAC-SHA-512.</summary>
    Sha512,
}

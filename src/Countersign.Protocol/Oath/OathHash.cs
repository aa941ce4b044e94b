namespace Countersign.Protocol.Oath;

/// <summary>The hash function under an HMAC, or of a PIN (RFC 6238 §1.2, RFC 6287 §5.2 and §6.3).</summary>
public enum OathHash
{
    /// <summary>SHA-1, the one of RFC 4226. In an HMAC it is sound (RFC 4226 appendix B.2).</summary>
    Sha1,

    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-512.</summary>
    Sha512,
}

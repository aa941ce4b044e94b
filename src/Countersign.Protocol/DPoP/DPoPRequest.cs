using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Protocol.DPoP;

/// <summary>What a proof says of its request: the same at both ends.</summary>
public sealed class DPoPRequest
{
    private readonly Uri _address = null!;
    private readonly ReadOnlyMemory<byte>? _bodyHash;

    /// <summary>Gets the method, in the letters of the request: it is compared with case (RFC 9110 §9.1).</summary>
    public required string Method { get; init; }

    /// <summary>
    /// Gets the address as the client knows it. The server takes scheme, host and port from its configuration, not from the request.
    /// Query and fragment are passed over (RFC 9449 §4.3 number 9).
    /// </summary>
    /// <exception cref="ArgumentNullException">The address is null.</exception>
    /// <exception cref="ArgumentException">It is no absolute http or https address, or names a user.</exception>
    public required Uri Address
    {
        get => _address;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _address = TargetAddress.Is(value)
                ? value
                : throw new ArgumentException("An absolute http or https address is expected.", nameof(value));
        }
    }

    /// <summary>
    /// Gets the access token that comes with the request, for <c>ath</c> (RFC 9449 §4.2), or null if none does: then a proof that was
    /// made for a token is refused (§7).
    /// </summary>
    public string? AccessToken { get; init; }

    /// <summary>
    /// Gets the SHA-256 of the body as sent, for <c>bh</c>, which RFC 9449 does not have but allows (§4.2). If it is set the claim is
    /// required, also for an empty body; if it is null the claim is passed over.
    /// </summary>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public ReadOnlyMemory<byte>? BodyHash
    {
        get => _bodyHash;
        init => _bodyHash = value is null or { Length: SHA256.HashSizeInBytes }
            ? value
            : throw new ArgumentException("A SHA-256 is expected.", nameof(value));
    }

    // RFC 9449 §4.2 hashes the token's ASCII; UTF-8 is the same for it, and makes two texts that are no tokens less alike.
    internal string? TokenHash =>
        AccessToken is { } token ? Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(token))) : null;

    internal string? BodyHashText => BodyHash is { } hash ? Base64Url.EncodeToString(hash.Span) : null;
}

using System.ComponentModel.DataAnnotations;
using Countersign.Protocol.Oath;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.AuthenticatorApps;

/// <summary>What new authenticator apps are given. Those that are there keep what they have.</summary>
internal sealed class AuthenticatorAppOptions
{
    public const string Section = "AuthenticatorApps";

    /// <summary>
    /// Some apps ignore what the QR code says and always use SHA-1, which is sound in HMAC (RFC 6238 §1.2, RFC 4226 appendix B).
    /// </summary>
    public OathHash Hash { get; set; } = OathHash.Sha1;

    [Range(6, 8)]
    public int Digits { get; set; } = 6;
}

/// <summary>Checks <see cref="AuthenticatorAppOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class AuthenticatorAppOptionsValidator : IValidateOptions<AuthenticatorAppOptions>;

using System.Globalization;

namespace Countersign.Protocol.Oath;

/// <summary>An <c>otpauth://totp/</c> address, as authenticator apps read it from a QR code.</summary>
/// <param name="Issuer">Who checks the codes.</param>
/// <param name="Account">Whose they are.</param>
/// <param name="Key">The shared secret.</param>
/// <param name="Parameters">What both ends agree on.</param>
public sealed record OtpAuthUri(string Issuer, string Account, ReadOnlyMemory<byte> Key, TotpParameters Parameters)
{
    /// <summary>The address, with every parameter written out.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"otpauth://totp/{Uri.EscapeDataString(Issuer)}:{Uri.EscapeDataString(Account)}?secret={Base32.Encode(Key.Span)}&issuer={Uri.EscapeDataString(Issuer)}&algorithm={Parameters.Hash.ToString().ToUpperInvariant()}&digits={Parameters.Digits}&period={Parameters.Period}");
}

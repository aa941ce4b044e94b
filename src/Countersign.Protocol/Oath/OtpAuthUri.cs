using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Countersign.Protocol.Oath;

/// <summary>An <c>otpauth://totp/</c> address, as authenticator apps read it from a QR code (the "Key Uri Format").</summary>
/// <remarks>The address holds the key: it is shown to its owner, and neither logged nor stored.</remarks>
public sealed class OtpAuthUri : IEquatable<OtpAuthUri>
{
    /// <summary>The most characters of an address that is read; what is written is shorter.</summary>
    public const int MaxLength = 4_096;

    /// <summary>The most characters of an issuer or an account.</summary>
    public const int MaxNameLength = 100;

    /// <summary>The most bytes of a key.</summary>
    public const int MaxKeyLength = 128;

    internal const string Prefix = "otpauth://totp/";

    private readonly byte[] _key;

    /// <summary>Makes an address.</summary>
    /// <param name="issuer">
    /// Who checks the codes: no colon, which separates it from the account. Empty only if it is not known; apps then mix up accounts.
    /// </param>
    /// <param name="account">Whose codes they are: not empty, and without a colon if there is no issuer.</param>
    /// <param name="key">The shared secret, 1 to <see cref="MaxKeyLength"/> bytes.</param>
    /// <param name="parameters">What both ends agree on.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">
    /// A name is longer than <see cref="MaxNameLength"/> characters, not well-formed Unicode, begins or ends with white space or
    /// holds a control character or a colon where none may be; or the key has no allowed length.
    /// </exception>
    public OtpAuthUri(string issuer, string account, ReadOnlySpan<byte> key, TotpParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(parameters);
        if (!IsIssuer(issuer))
        {
            throw new ArgumentException("A short name without a colon or control characters is expected.", nameof(issuer));
        }

        if (!IsAccount(account, issuer))
        {
            throw new ArgumentException(
                "A short name without control characters is expected; a colon only behind an issuer.", nameof(account));
        }

        if (!IsKey(key))
        {
            throw new ArgumentException($"A key has 1 to {MaxKeyLength} bytes.", nameof(key));
        }

        (Issuer, Account, Parameters, _key) = (issuer, account, parameters, key.ToArray());
    }

    /// <summary>Gets who checks the codes; empty if that is not known.</summary>
    public string Issuer { get; }

    /// <summary>Gets whose codes they are.</summary>
    public string Account { get; }

    /// <summary>Gets the shared secret.</summary>
    public ReadOnlyMemory<byte> Key => _key;

    /// <summary>Gets what both ends agree on.</summary>
    public TotpParameters Parameters { get; }

    /// <summary>Reads an address.</summary>
    /// <remarks>
    /// Parameters that are not of TOTP are passed over. One that occurs twice, a value out of range and an escape that is not UTF-8
    /// are refused. If the label and the parameter name different issuers, the parameter counts, as in the apps.
    /// </remarks>
    /// <param name="address">The address, at most <see cref="MaxLength"/> characters.</param>
    /// <param name="result">What was read, or null.</param>
    /// <returns>False for anything that is not such an address.</returns>
    public static bool TryParse([NotNullWhen(true)] string? address, [NotNullWhen(true)] out OtpAuthUri? result)
    {
        result = address is { Length: <= MaxLength } ? OtpAuthUriReader.Read(address) : null;
        return result is not null;
    }

    /// <summary>Writes the address, with every parameter, since apps differ in what they take for granted.</summary>
    /// <returns>The address. It holds the key.</returns>
    public override string ToString()
    {
        var issuer = Uri.EscapeDataString(Issuer);
        var label = (issuer.Length == 0 ? "" : issuer + ":") + Uri.EscapeDataString(Account);
        var query = $"secret={Base32.Encode(_key)}" + (issuer.Length == 0 ? "" : $"&issuer={issuer}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix}{label}?{query}&algorithm={Parameters.Hash.ToString().ToUpperInvariant()}"
            + $"&digits={Parameters.Digits}&period={Parameters.Period}");
    }

    /// <summary>Compares names, key and parameters, the key in constant time.</summary>
    /// <param name="other">The other address.</param>
    /// <returns>True if both say the same.</returns>
    public bool Equals([NotNullWhen(true)] OtpAuthUri? other) =>
        other is not null
        && (Issuer, Account, Parameters) == (other.Issuer, other.Account, other.Parameters)
        && CryptographicOperations.FixedTimeEquals(_key, other._key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as OtpAuthUri);

    /// <summary>A hash of all but the key.</summary>
    /// <returns>The hash.</returns>
    public override int GetHashCode() => HashCode.Combine(Issuer, Account, Parameters);

    internal static bool IsIssuer(string issuer) =>
        issuer.Length == 0 || (IsName(issuer) && !issuer.Contains(':', StringComparison.Ordinal));

    // The first colon of a label ends the issuer; so an account may hold one only behind an issuer.
    internal static bool IsAccount(string account, string issuer) =>
        IsName(account) && (issuer.Length > 0 || !account.Contains(':', StringComparison.Ordinal));

    internal static bool IsKey(ReadOnlySpan<byte> key) => key.Length is > 0 and <= MaxKeyLength;

    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength
        && !char.IsWhiteSpace(text[0])
        && !char.IsWhiteSpace(text[^1])
        && PrintableText.Is(text);
}

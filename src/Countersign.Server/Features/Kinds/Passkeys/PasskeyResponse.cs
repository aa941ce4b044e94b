using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>
/// What a browser sent for a passkey, as far as it must be read before it is believed: whether it is one at all, and the flags
/// and the counter, which count only once the signature over them was right.
/// </summary>
internal sealed class PasskeyResponse
{
    /// <summary>Far beyond what an authenticator sends without attestation.</summary>
    public const int LongestText = 16 * 1024;

    /// <summary>WebAuthn §6.1: hash of the host name, flags, counter.</summary>
    private const int HeaderLength = 37;
    private const int FlagsAt = 32;
    private const int CounterAt = 33;
    private const byte UserVerified = 0x04;
    private const byte BackedUpFlag = 0x10;
    private const int DeepestText = 8;

    private PasskeyResponse(string json, byte[] credentialId, string? userHandle, byte[] header) =>
        (Json, CredentialId, UserHandle, Header) = (json, credentialId, userHandle, header);

    public string Json { get; }

    public byte[] CredentialId { get; }

    /// <summary>Whose passkey it says it is.</summary>
    public string? UserHandle { get; }

    /// <summary>Whether the authenticator made sure of the person, by PIN or biometrics.</summary>
    public bool IsUserVerified => (Header[FlagsAt] & UserVerified) != 0;

    public bool IsBackedUp => (Header[FlagsAt] & BackedUpFlag) != 0;

    /// <summary>How often the authenticator has signed; zero where it does not count.</summary>
    public uint Counter => BinaryPrimitives.ReadUInt32BigEndian(Header.AsSpan(CounterAt));

    private byte[] Header { get; }

    /// <summary>Whether it is the answer to a request for a passkey that is there.</summary>
    public static bool TryReadUse(string text, [NotNullWhen(true)] out PasskeyResponse? response)
    {
        response = Read(text, "authenticatorData", "signature") is { } read && read.Field.Length >= HeaderLength
            ? new(text, read.Id, read.UserHandle, read.Field[..HeaderLength])
            : null;
        return response is not null;
    }

    /// <summary>Whether it is the answer to a request for a new one.</summary>
    public static bool IsNew(string text) => Read(text, "attestationObject") is not null;

    private static (byte[] Id, byte[] Field, string? UserHandle)? Read(string text, string field, string? second = null)
    {
        if (text.Length is 0 or > LongestText)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DeepestText });
            return Bytes(document.RootElement, "id") is { } id && Member(document.RootElement, "response") is { } response
                && Bytes(response, "clientDataJSON") is not null
                && Bytes(response, field) is { } bytes
                && (second is null || Bytes(response, second) is not null)
                ? (id, bytes, Bytes(response, "userHandle") is { } handle ? Encoding.UTF8.GetString(handle) : null)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: half of a surrogate pair in a string.
            return null;
        }
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    private static byte[]? Bytes(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } member
            && member.GetString() is { Length: > 0 } text
            && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>What the server keeps of a passkey: nothing in it is secret, and all of it is closed with the row.</summary>
/// <param name="Id">The credential's id, made by the authenticator.</param>
/// <param name="PublicKey">As COSE writes keys (RFC 9052).</param>
/// <param name="Transports">How the browser reaches the authenticator.</param>
/// <param name="BackupEligible">Whether it may be copied to other devices. Fixed when it was made.</param>
/// <param name="BackedUp">Whether it was copied, as last seen.</param>
/// <param name="Model">The AAGUID: which model of authenticator made it, by its own word.</param>
/// <param name="Alone">The client's choice: it signs in without user name and password.</param>
internal sealed record PasskeyCredential(
    byte[] Id, byte[] PublicKey, IReadOnlyList<string> Transports, bool BackupEligible, bool BackedUp, Guid Model, bool Alone = false)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, PasskeysJson.Default.PasskeyCredential);

    /// <summary>Null for a device that waits: it has not made its passkey yet.</summary>
    public static PasskeyCredential? Read(byte[] state) =>
        state.Length == 0 ? null : JsonSerializer.Deserialize(state, PasskeysJson.Default.PasskeyCredential);
}

/// <summary>A ceremony that waits for its answer: what the browser is given, and what the server compares with.</summary>
internal sealed record PasskeyPrompt(string Options, string Expected)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, PasskeysJson.Default.PasskeyPrompt);

    public static PasskeyPrompt Read(byte[] state) => JsonSerializer.Deserialize(state, PasskeysJson.Default.PasskeyPrompt)!;
}

[JsonSerializable(typeof(PasskeyCredential))]
[JsonSerializable(typeof(PasskeyPrompt))]
internal sealed partial class PasskeysJson : JsonSerializerContext;

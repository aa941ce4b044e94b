using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Protocol.Oath;

namespace Countersign.Server.Features.Kinds.AuthenticatorApps;

/// <summary>What an authenticator app shares with the server.</summary>
internal sealed record AppKey(byte[] Key, OathHash Hash, int Digits)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, AuthenticatorAppsJson.Default.AppKey);

    public static AppKey Read(byte[] state) => JsonSerializer.Deserialize(state, AuthenticatorAppsJson.Default.AppKey)!;

    /// <summary>As long as the hash is, which RFC 6238 §5.1 recommends.</summary>
    public static int Length(OathHash hash) => hash switch
    {
        OathHash.Sha256 => 32,
        OathHash.Sha512 => 64,
        _ => 20,
    };
}

[JsonSerializable(typeof(AppKey))]
[JsonSerializable(typeof(AppPrompt))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class AuthenticatorAppsJson : JsonSerializerContext;

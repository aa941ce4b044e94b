using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Testing;

/// <summary>
/// An authenticator in software: a P-256 key that does what WebAuthn says, or on purpose not quite. Like a real one it does one thing
/// after the other, however many ask at once.
/// </summary>
public sealed class SoftPasskey : IDisposable
{
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;
    private const byte BackupEligible = 0x08;
    private const byte BackedUp = 0x10;
    private const byte Attested = 0x40;
    private static readonly byte[] Model = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    private readonly Lock _gate = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public SoftPasskey() => Id = SHA256.HashData(_key.ExportSubjectPublicKeyInfo());

    public IReadOnlyList<byte> CredentialId => Id;

    /// <summary>The AAGUID.</summary>
    public static Guid ModelId { get; } = new(Model, bigEndian: true);

    /// <summary>The page that asks, as the browser saw it.</summary>
    public string Origin { get; set; } = "https://broker.example";

    /// <summary>The host that the authenticator signs for.</summary>
    public string RpId { get; set; } = "broker.example";

    public bool IsCrossOrigin { get; set; }

    /// <summary>Whether fingerprint, face or PIN were asked for.</summary>
    public bool Verifies { get; set; } = true;

    /// <summary>Whether a cloud account may copy it.</summary>
    public bool Syncs { get; set; }

    /// <summary>Whether the account has copied it.</summary>
    public bool IsBackedUp { get; set; }

    /// <summary>The next response's counter; null where the authenticator does not count.</summary>
    public uint? Counter { get; set; }

    public string? UserHandle { get; set; }

    private byte[] Id { get; }

    /// <summary>Makes the passkey for a creation's options.</summary>
    public string Make(string options)
    {
        using var json = JsonDocument.Parse(options);
        UserHandle = json.RootElement.GetProperty("user").GetProperty("id").GetString();
        byte[] data;
        lock (_gate)
        {
            data = AuthenticatorData(Attested);
        }

        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)Id.Length);
        var attested = new CborWriter(CborConformanceMode.Ctap2Canonical);
        attested.WriteStartMap(3);
        attested.WriteTextString("fmt");
        attested.WriteTextString("none");
        attested.WriteTextString("attStmt");
        attested.WriteStartMap(0);
        attested.WriteEndMap();
        attested.WriteTextString("authData");
        attested.WriteByteString([.. data, .. Model, .. length, .. Id, .. CosePublicKey()]);
        attested.WriteEndMap();
        return Response(new JsonObject
        {
            ["clientDataJSON"] = Text(ClientData("webauthn.create", json.RootElement.GetProperty("challenge").GetString()!)),
            ["attestationObject"] = Text(attested.Encode()),
            ["transports"] = new JsonArray("internal", "made up"),
        });
    }

    /// <summary>Signs for a request's options.</summary>
    public string Use(string options)
    {
        using var json = JsonDocument.Parse(options);
        var client = ClientData("webauthn.get", json.RootElement.GetProperty("challenge").GetString()!);
        byte[] data, signature;
        lock (_gate)
        {
            data = AuthenticatorData(0);
            signature = _key.SignData(
                [.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }

        return Response(new JsonObject
        {
            ["clientDataJSON"] = Text(client),
            ["authenticatorData"] = Text(data),
            ["signature"] = Text(signature),
            ["userHandle"] = UserHandle,
        });
    }

    /// <summary>A response with one bit of its signature turned.</summary>
    public static string Forged(string response)
    {
        var json = JsonNode.Parse(response)!;
        var signature = Base64Url.DecodeFromChars(json["response"]!["signature"]!.GetValue<string>());
        signature[^1] ^= 1;
        json["response"]!["signature"] = Text(signature);
        return json.ToJsonString();
    }

    public void Dispose() => _key.Dispose();

    private string Response(JsonObject response) => new JsonObject
    {
        ["id"] = Text(Id),
        ["rawId"] = Text(Id),
        ["type"] = "public-key",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    }.ToJsonString();

    private byte[] ClientData(string type, string challenge) =>
        Encoding.UTF8.GetBytes(new JsonObject
        {
            ["type"] = type,
            ["challenge"] = challenge,
            ["origin"] = Origin,
            ["crossOrigin"] = IsCrossOrigin,
        }.ToJsonString());

    private byte[] AuthenticatorData(byte more)
    {
        var flags = (byte)(UserPresent | more | (Verifies ? UserVerified : 0) | (Syncs ? BackupEligible : 0) | (IsBackedUp ? BackedUp : 0));
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, Counter ?? 0);
        Counter++;
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(RpId)), flags, .. counter];
    }

    /// <summary>COSE_Key: EC2, ES256, P-256.</summary>
    public byte[] CosePublicKey()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        var key = new CborWriter(CborConformanceMode.Ctap2Canonical);
        key.WriteStartMap(5);
        key.WriteInt32(1);
        key.WriteInt32(2);
        key.WriteInt32(3);
        key.WriteInt32(-7);
        key.WriteInt32(-1);
        key.WriteInt32(1);
        key.WriteInt32(-2);
        key.WriteByteString(point.X!);
        key.WriteInt32(-3);
        key.WriteByteString(point.Y!);
        key.WriteEndMap();
        return key.Encode();
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}

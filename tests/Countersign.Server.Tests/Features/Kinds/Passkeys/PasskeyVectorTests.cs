using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Server.Features.Kinds.Passkeys;
using Countersign.Server.Http;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Tests.Features.Kinds.Passkeys;

/// <summary>The test vectors of WebAuthn Level 3, through the verifier that the server uses.</summary>
public sealed class PasskeyVectorTests
{
    private const string Handle = "0123456789abcdef0123456789abcdef";

    /// <summary>
    /// Not ours: EdDSA is an algorithm that the framework does not check and that is not asked for; a page in somebody else's
    /// frame is refused. Attestation statements are not asked for and not looked at, whatever their format.
    /// </summary>
    private static readonly HashSet<string> Refused = ["packed-eddsa", "packed-ed448", "none-es256-crossOrigin", "none-es256-topOrigin"];

    private static readonly JsonElement File = JsonDocument.Parse(System.IO.File.ReadAllBytes(
        Path.Combine(Repository.Root, "tests/vectors/webauthn_l3_test_vectors.json"))).RootElement;

    private static readonly PasskeyVerifier Verifier = new(
        new RelyingParty(
            Options.Create(new SiteOptions { PublicUrl = File.GetProperty("origin").GetString()! }), new ServeMode(Demo: false)),
        new ServiceCollection().BuildServiceProvider());

    public static TheoryData<string> Names =>
        [.. File.GetProperty("vectors").EnumerateArray().Select(v => v.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_vector_is_taken_where_we_ask_for_its_like_and_else_refused(string name)
    {
        var vector = File.GetProperty("vectors").EnumerateArray().Single(v => v.GetProperty("id").GetString() == name);
        var made = await MakeAsync(vector.GetProperty("registration"));
        if (Refused.Contains(name))
        {
            Assert.Null(made);
            return;
        }

        Assert.NotNull(made);
        Assert.Equal(Hex(vector.GetProperty("registration"), "aaguid"), made.Model.ToByteArray(bigEndian: true));
        Assert.Equal(Hex(vector.GetProperty("registration"), "credential_id"), made.Id);
        Assert.NotNull(await UseAsync(vector.GetProperty("authentication"), made, turned: false));
        Assert.Null(await UseAsync(vector.GetProperty("authentication"), made, turned: true));
    }

    private static async Task<PasskeyCredential?> MakeAsync(JsonElement vector)
    {
        var owner = new PasskeyOwner(Handle, []);
        var asked = await Verifier.AskForNewAsync(owner, "vector");
        var response = Response(Hex(vector, "credential_id"), new JsonObject
        {
            ["clientDataJSON"] = Text(vector, "clientDataJSON"),
            ["attestationObject"] = Text(vector, "attestationObject"),
        });
        return (await Verifier.CheckNewAsync(owner, For(asked, vector), response))?.Passkey;
    }

    private static async Task<PasskeyCredential?> UseAsync(JsonElement vector, PasskeyCredential made, bool turned)
    {
        var owner = new PasskeyOwner(Handle, [made]);
        var asked = await Verifier.AskForAsync(owner);
        var response = Response(made.Id, new JsonObject
        {
            ["clientDataJSON"] = Text(vector, "clientDataJSON"),
            ["authenticatorData"] = Text(vector, "authenticatorData"),
            ["signature"] = Text(vector, "signature"),
        });
        Assert.True(PasskeyResponse.TryReadUse(turned ? SoftPasskey.Forged(response) : response, out var read));
        return await Verifier.CheckAsync(owner, For(asked, vector), read);
    }

    /// <summary>The same request with the vector's challenge.</summary>
    private static PasskeyPrompt For(PasskeyPrompt asked, JsonElement vector)
    {
        var expected = JsonNode.Parse(asked.Expected)!;
        expected["challenge"] = JsonValue.Create(expected["challenge"]!.GetValue<string>().Contains('=', StringComparison.Ordinal)
            ? Convert.ToBase64String(Hex(vector, "challenge"))
            : Text(vector, "challenge"));
        return asked with { Expected = expected.ToJsonString() };
    }

    private static string Response(byte[] id, JsonObject response) => new JsonObject
    {
        ["id"] = Base64Url.EncodeToString(id),
        ["rawId"] = Base64Url.EncodeToString(id),
        ["type"] = "public-key",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    }.ToJsonString();

    private static byte[] Hex(JsonElement vector, string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);

    private static string Text(JsonElement vector, string name) => Base64Url.EncodeToString(Hex(vector, name));
}

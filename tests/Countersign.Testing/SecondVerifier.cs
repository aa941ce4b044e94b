using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Testing;

/// <summary>A passkey as the other implementation keeps it.</summary>
public sealed record SecondCredential(string Id, string PublicKey, long Counter);

/// <summary>What the other implementation says.</summary>
public sealed record SecondOpinion(bool Verified, string? Why = null, SecondCredential? Credential = null, string? Aaguid = null);

/// <summary>A response and what it is compared with.</summary>
public sealed record SecondQuestion(
    string Type, JsonNode Response, string Challenge, string Origin, string RpId, SecondCredential? Credential = null)
{
    public static SecondQuestion Of(string type, string response, string options, Uri site, SecondCredential? credential = null) => new(
        type, JsonNode.Parse(response)!, JsonNode.Parse(options)!["challenge"]!.GetValue<string>(),
        site.GetLeftPart(UriPartial.Authority), site.Host, credential);
}

/// <summary>Another implementation of WebAuthn, in JavaScript, that looks at the same responses as ours.</summary>
public static class SecondVerifier
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private static readonly JsonSerializerOptions Names = new(JsonSerializerDefaults.Web);

    public static async Task<IReadOnlyList<SecondOpinion>> LookAsync(params IReadOnlyList<SecondQuestion> questions)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests/tools/webauthn.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await JsonSerializer.SerializeAsync(node.StandardInput.BaseStream, questions, Names);
        node.StandardInput.Close();
        var answer = await node.StandardOutput.ReadToEndAsync().WaitAsync(Ceiling);
        await node.WaitForExitAsync().WaitAsync(Ceiling);
        return JsonSerializer.Deserialize<List<SecondOpinion>>(answer, Names)!;
    }
}

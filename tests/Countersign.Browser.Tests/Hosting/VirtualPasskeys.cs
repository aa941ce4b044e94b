using System.Text.Json;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests.Hosting;

/// <summary>An authenticator that Chromium plays for one page: it is touched at once, and its fingerprint is right unless told.</summary>
public sealed class VirtualPasskeys
{
    private readonly ICDPSession _session;
    private string _authenticator = string.Empty;

    private VirtualPasskeys(ICDPSession session) => _session = session;

    /// <param name="page">The page that has it, wherever it goes.</param>
    /// <param name="verifies">Whether it can ask for fingerprint, face or PIN.</param>
    public static async Task<VirtualPasskeys> PlugInAsync(IPage page, bool verifies = true)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        var passkeys = new VirtualPasskeys(session);
        await passkeys.PlugInAsync(verifies);
        return passkeys;
    }

    /// <summary>Takes the authenticator away and plugs another one in.</summary>
    public async Task ReplaceAsync(bool verifies)
    {
        await _session.SendAsync(
            "WebAuthn.removeVirtualAuthenticator", new Dictionary<string, object> { ["authenticatorId"] = _authenticator });
        await PlugInAsync(verifies);
    }

    /// <summary>Turns the counter of the only passkey back, as a copy of the key would count.</summary>
    public async Task TurnBackAsync(int counter)
    {
        var answer = await _session.SendAsync("WebAuthn.getCredentials", Named());
        var credential = answer!.Value.GetProperty("credentials")[0].Deserialize<Dictionary<string, object>>()!;
        credential["signCount"] = counter;
        await _session.SendAsync("WebAuthn.clearCredentials", Named());
        var copy = Named();
        copy["credential"] = credential;
        await _session.SendAsync("WebAuthn.addCredential", copy);
    }

    private async Task PlugInAsync(bool verifies)
    {
        var options = new Dictionary<string, object>
        {
            ["protocol"] = "ctap2",
            ["transport"] = "internal",
            ["hasResidentKey"] = true,
            ["hasUserVerification"] = verifies,
            ["isUserVerified"] = verifies,
            ["automaticPresenceSimulation"] = true,
        };
        var answer = await _session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object> { ["options"] = options });
        _authenticator = answer!.Value.GetProperty("authenticatorId").GetString()!;
    }

    private Dictionary<string, object> Named() => new() { ["authenticatorId"] = _authenticator };
}

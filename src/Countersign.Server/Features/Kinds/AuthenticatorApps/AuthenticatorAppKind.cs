using System.Text.Json;
using Countersign.Protocol.Oath;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.AuthenticatorApps;

/// <summary>What an activation has shown of a new key; empty for an app that has it.</summary>
internal sealed record AppPrompt(int Digits, NewKey? Key);

/// <summary>
/// An app that shows a new code every 30 seconds (RFC 6238). A code is taken from the present step and, where the regime lets
/// it, from the one before; a step counts once, by the position that the engine spends.
/// </summary>
internal sealed class AuthenticatorAppKind(
    ISecrets secrets, IOptions<AuthenticatorAppOptions> options, IOptions<SiteOptions> site, TimeProvider time) : IAddableKind
{
    public const string KindId = "totp";

    public string Id => KindId;

    public KindTraits Traits { get; } = new(
        Permanent: true, Physical: false, Issuable: true, KindChannel.None, Links.None, Strength: 2, Icon: "authenticator");

    public Type Texts => typeof(AuthenticatorAppText);

    public Task<Result<Prepared>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct)
    {
        var hash = options.Value.Hash;
        return Task.FromResult<Result<Prepared>>(
            new Prepared.Made(new AppKey(secrets.Bytes(AppKey.Length(hash)), hash, options.Value.Digits).ToBytes()));
    }

    /// <summary>Nothing is asked of the app: it shows what it shows. A new one is given its key.</summary>
    public Task<Prompt> PromptAsync(OpenedCredential credential, Ask ask, Prompt? earlier, CountersignDbContext db, CancellationToken ct)
    {
        var app = AppKey.Read(credential.State);
        var prompt = new AppPrompt(app.Digits, ask.Activates ? KeyFor(app, ask) : null);
        return Task.FromResult(new Prompt(JsonSerializer.SerializeToUtf8Bytes(prompt, AuthenticatorAppsJson.Default.AppPrompt)));
    }

    public ValueTask<Verdict> CheckAsync(OpenedCredential credential, Ask ask, Prompt prompt, string response, CancellationToken ct)
    {
        var app = AppKey.Read(credential.State);
        if (!Digits.TryRead(response, app.Digits, out var code))
        {
            return new(new Verdict.Malformed(AuthenticatorAppErrors.Digits with { Arguments = [app.Digits] }));
        }

        var step = Totp.FindStep(app.Key, code, time.GetUtcNow(), Parameters(app), ask.Regime.TimeStepsBack, stepsAhead: 0);
        return new(step is { } found ? new Verdict.Accepted(found) : new Verdict.Wrong());
    }

    public PromptView Show(CredentialView credential, Prompt prompt)
    {
        var app = JsonSerializer.Deserialize(prompt.State, AuthenticatorAppsJson.Default.AppPrompt)!;
        return new PromptView(ResponseForm.Digits) { Length = app.Digits, NewKey = app.Key };
    }

    private NewKey KeyFor(AppKey app, Ask ask)
    {
        var uri = new OtpAuthUri(site.Value.Name, ask.UserName, app.Key, Parameters(app)).ToString();
        return new NewKey(site.Value.Name, ask.UserName, uri, Grouped(Base32.Encode(app.Key)));
    }

    private static TotpParameters Parameters(AppKey app) => new(app.Hash, app.Digits);

    private static string Grouped(string text) => string.Join(' ', text.Chunk(4).Select(c => new string(c)));
}

using Countersign.Protocol.Oath;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.AuthenticatorApps;

/// <summary>What the page of an authenticator app shows.</summary>
/// <param name="Link">The <c>otpauth</c> address; only while the app waits to be activated.</param>
/// <param name="Secret">The key in Base32, in groups of four.</param>
internal sealed record AppView(int Digits, string Site, string UserName, string? Link, string? Secret, QrPicture? Qr);

/// <summary>
/// An app that shows a new code every 30 seconds (RFC 6238). A code is taken from the present step and, where the regime lets
/// it, from the one before; a step counts once, by the position that the engine spends.
/// </summary>
internal sealed class AuthenticatorAppKind(ISecrets secrets, IOptions<AuthenticatorAppOptions> options, IOptions<SiteOptions> site, TimeProvider time) : IAddableKind
{
    public const string KindId = "totp";

    public string Id => KindId;

    public KindTraits Traits { get; } = new(Permanent: true, Physical: false, Issuable: true, CostsMessage: false, Links.None, Strength: 40, Icon: "authenticator");

    public Type Texts => typeof(AuthenticatorAppText);

    public bool AsksFirst => false;

    public Error? Unavailable(DeviceView device, ChallengeView challenge) => null;

    public Task<Error?> RefusesAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) => Task.FromResult<Error?>(null);

    public Task<Result<NewDevice>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct)
    {
        var hash = options.Value.Hash;
        return Task.FromResult<Result<NewDevice>>(new NewDevice(new AppKey(secrets.Bytes(AppKey.Length(hash)), hash, options.Value.Digits).ToBytes()));
    }

    /// <summary>Nothing is asked of the app: it shows what it shows.</summary>
    public Task<Prompt> PromptAsync(DeviceView device, ChallengeView challenge, Prompt? earlier, CountersignDbContext db, CancellationToken ct) => Task.FromResult(new Prompt([]));

    public ValueTask<Verdict> CheckAsync(DeviceView device, ChallengeView challenge, Prompt prompt, string response, CancellationToken ct)
    {
        var app = AppKey.Read(device.State);
        if (!Digits.TryRead(response, app.Digits, out var code))
        {
            return new(new Verdict.Malformed(AuthenticatorAppErrors.Digits with { Arguments = [app.Digits] }));
        }

        var step = Totp.FindStep(app.Key, code, time.GetUtcNow(), Parameters(app), challenge.User.Regime.TimeStepsBack, stepsAhead: 0);
        return new(step is { } found ? new Verdict.Accepted(found) : new Verdict.Wrong());
    }

    public object Show(DeviceView device, ChallengeView challenge, Prompt prompt)
    {
        var app = AppKey.Read(device.State);
        if (device.Status != DeviceStatus.Ordered)
        {
            return new AppView(app.Digits, site.Value.Name, challenge.User.Name, null, null, null);
        }

        var uri = new OtpAuthUri(site.Value.Name, challenge.User.Name, app.Key, Parameters(app)).ToString();
        return new AppView(app.Digits, site.Value.Name, challenge.User.Name, uri, Grouped(Base32.Encode(app.Key)), QrPicture.Of(uri));
    }

    private static TotpParameters Parameters(AppKey app) => new(app.Hash, app.Digits);

    private static string Grouped(string text) => string.Join(' ', text.Chunk(4).Select(c => new string(c)));
}

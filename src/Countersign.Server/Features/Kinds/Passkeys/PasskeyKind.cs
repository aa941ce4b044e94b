using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>What the page of a passkey gives the browser.</summary>
/// <param name="Options">The ceremony, as WebAuthn writes it in JSON.</param>
internal sealed record PasskeyView(string Options);

/// <summary>
/// A key in the client's phone, computer or security key, which signs only for this site (WebAuthn). It counts as two factors:
/// without PIN or biometrics it is refused, when it is made and when it is used.
/// </summary>
internal sealed partial class PasskeyKind(PasskeyVerifier verifier, HeldPasskeys held, RelyingParty party, Contexts contexts, ILogger<PasskeyKind> logger) : IAddableKind, IKindWithSettings
{
    public const string KindId = "passkey";
    private const string Bound = "passkey-bound";
    private const string Synced = "passkey-synced";

    public string Id => KindId;

    public KindTraits Traits { get; } = new(Permanent: true, Physical: false, Issuable: true, CostsMessage: false, Links.None, Strength: 60, Icon: "passkey");

    public Type Texts => typeof(PasskeyText);

    public bool AsksFirst => false;

    public Error Wrong => PasskeyErrors.Wrong;

    /// <summary>One that cannot leave its authenticator is worth more than one that a cloud account copies (NIST SP 800-63B appendix B).</summary>
    public string TierOf(DeviceView device) => PasskeyCredential.Read(device.State) is { BackupEligible: false } ? Bound : Synced;

    public Error? Unavailable(DeviceView device, ChallengeView challenge) => party.Id is null ? PasskeyErrors.NoHostName : null;

    public Task<Error?> RefusesAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) => Task.FromResult(party.Id is null ? PasskeyErrors.NoHostName : null);

    public Task<Result<NewDevice>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) => Task.FromResult<Result<NewDevice>>(new NewDevice([]));

    public async Task<Prompt> PromptAsync(DeviceView device, ChallengeView challenge, Prompt? earlier, CountersignDbContext db, CancellationToken ct)
    {
        if (earlier is not null)
        {
            return earlier;
        }

        var asked = device.Status == DeviceStatus.Ordered
            ? await verifier.AskForNewAsync(await held.OwnerAsync(db, device.UserId, ct), challenge.User)
            : await verifier.AskForAsync(OwnerOf(device));
        return new Prompt(asked.ToBytes());
    }

    public ValueTask<Verdict> CheckAsync(DeviceView device, ChallengeView challenge, Prompt prompt, string response, CancellationToken ct)
    {
        var asked = PasskeyPrompt.Read(prompt.State);
        return new(device.Status == DeviceStatus.Ordered ? CheckNewAsync(device, asked, response, ct) : CheckUseAsync(device, asked, response));
    }

    public object Show(DeviceView device, ChallengeView challenge, Prompt prompt) => new PasskeyView(PasskeyPrompt.Read(prompt.State).Options);

    /// <summary>Whether a response is by the device's passkey, with the person behind it, and newer than the last one.</summary>
    public async Task<Verdict> CheckUseAsync(DeviceView device, PasskeyPrompt asked, string response)
    {
        if (!PasskeyResponse.TryReadUse(response, out var read))
        {
            return new Verdict.Malformed(PasskeyErrors.Malformed);
        }

        if (await verifier.CheckAsync(OwnerOf(device), asked, read) is not { } passkey)
        {
            return new Verdict.Wrong();
        }

        if (!read.IsUserVerified)
        {
            return new Verdict.Malformed(PasskeyErrors.NotVerified);
        }

        // WebAuthn §6.1.1: a counter that does not go on means that the key is in two places.
        if (read.Counter <= device.Position && (read.Counter, device.Position) != (0, 0))
        {
            LogCounter(device.Id, device.UserId);
            return new Verdict.Wrong("counter");
        }

        return new Verdict.Accepted(
            read.Counter > 0 ? read.Counter : null,
            passkey.BackedUp == read.IsBackedUp ? null : (passkey with { BackedUp = read.IsBackedUp }).ToBytes());
    }

    private async Task<Verdict> CheckNewAsync(DeviceView device, PasskeyPrompt asked, string response, CancellationToken ct)
    {
        if (!PasskeyResponse.IsNew(response))
        {
            return new Verdict.Malformed(PasskeyErrors.Malformed);
        }

        await using var db = contexts.Read();
        var owner = await held.OwnerAsync(db, device.UserId, ct);
        if (await verifier.CheckNewAsync(owner with { Passkeys = [] }, asked, response) is not { } made)
        {
            return new Verdict.Wrong();
        }

        return !made.UserVerified ? new Verdict.Malformed(PasskeyErrors.NotVerified)
            : owner.Passkeys.Any(p => p.Id.AsSpan().SequenceEqual(made.Passkey.Id)) ? new Verdict.Malformed(PasskeyErrors.Known)
            : new Verdict.Accepted(made.Counter > 0 ? made.Counter : null, made.Passkey.ToBytes());
    }

    private static PasskeyOwner OwnerOf(DeviceView device) => new(PasskeyOwner.HandleOf(device.UserId), PasskeyCredential.Read(device.State) is { } passkey ? [passkey] : []);

    [LoggerMessage(13001, LogLevel.Warning, "The counter of passkey {DeviceId} of user {UserId} did not go on: the key may be in two places. The response was refused.")]
    private partial void LogCounter(Guid deviceId, Guid userId);
}

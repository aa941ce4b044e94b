using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>
/// A key in the client's phone, computer or security key, which signs only for this site (WebAuthn). It counts as two factors:
/// without PIN or biometrics it is refused, when it is made and when it is used.
/// </summary>
internal sealed partial class PasskeyKind(
    PasskeyVerifier verifier, HeldPasskeys held, RelyingParty party, Contexts contexts, ILogger<PasskeyKind> logger)
    : IAddableKind, IKindWithSettings
{
    public const string KindId = "passkey";
    private const string Synced = "passkey-synced";

    public string Id => KindId;

    public KindTraits Traits { get; } = new(
        Permanent: true, Physical: false, Issuable: true, KindChannel.None, Links.None, Strength: 2, Icon: "passkey");

    public Type Texts => typeof(PasskeyText);

    public Error Wrong => PasskeyErrors.Wrong;

    /// <summary>
    /// One that cannot leave its authenticator would be worth more than one that a cloud account copies (NIST SP 800-63B appendix B). Only
    /// the authenticator says which it is, and a key made in software says what it likes: until its attestation is verified each counts
    /// as copied (D33).
    /// </summary>
    public string TierOf(OpenedCredential credential) => Synced;

    public Error? Unavailable(OpenedCredential credential, Ask ask) => party.Id is null ? PasskeyErrors.NoHostName : null;

    public Task<Error?> RefusesAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult(party.Id is null ? PasskeyErrors.NoHostName : null);

    public Task<Result<Prepared>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult<Result<Prepared>>(new Prepared.Made([]));

    public async Task<Prompt> PromptAsync(
        OpenedCredential credential, Ask ask, Prompt? earlier, CountersignDbContext db, CancellationToken ct)
    {
        if (earlier is not null)
        {
            return earlier;
        }

        var asked = ask.Activates
            ? await verifier.AskForNewAsync(await held.OwnerAsync(db, ask.UserId, ct), ask.UserName)
            : await verifier.AskForAsync(OwnerOf(credential));
        return new Prompt(asked.ToBytes());
    }

    public ValueTask<Verdict> CheckAsync(OpenedCredential credential, Ask ask, Prompt prompt, string response, CancellationToken ct)
    {
        var asked = PasskeyPrompt.Read(prompt.State);
        return new(ask.Activates ? CheckNewAsync(ask.UserId, asked, response, ct) : CheckUseAsync(credential, asked, response));
    }

    public PromptView Show(CredentialView credential, Prompt prompt) =>
        new(ResponseForm.Passkey) { Ceremony = PasskeyPrompt.Read(prompt.State).Options };

    /// <summary>Whether a response is by the device's passkey, with the person behind it, and newer than the last one.</summary>
    public async Task<Verdict> CheckUseAsync(OpenedCredential credential, PasskeyPrompt asked, string response)
    {
        if (!PasskeyResponse.TryReadUse(response, out var read))
        {
            return new Verdict.Malformed(PasskeyErrors.Malformed);
        }

        if (await verifier.CheckAsync(OwnerOf(credential), asked, read) is not { } passkey)
        {
            return new Verdict.Wrong();
        }

        if (!read.IsUserVerified)
        {
            return new Verdict.Malformed(PasskeyErrors.NotVerified);
        }

        // WebAuthn §6.1.1: a counter that does not go on means that the key is in two places.
        if (read.Counter <= credential.Position && (read.Counter, credential.Position) != (0, 0))
        {
            LogCounter(credential.Key.Id, credential.Key.Owner);
            return new Verdict.Wrong("counter");
        }

        return new Verdict.Accepted(
            read.Counter > 0 ? read.Counter : null,
            passkey.BackedUp == read.IsBackedUp ? null : (passkey with { BackedUp = read.IsBackedUp }).ToBytes());
    }

    private async Task<Verdict> CheckNewAsync(Guid userId, PasskeyPrompt asked, string response, CancellationToken ct)
    {
        if (!PasskeyResponse.IsNew(response))
        {
            return new Verdict.Malformed(PasskeyErrors.Malformed);
        }

        await using var db = contexts.Read();
        var owner = await held.OwnerAsync(db, userId, ct);
        if (await verifier.CheckNewAsync(owner with { Passkeys = [] }, asked, response) is not { } made)
        {
            return new Verdict.Wrong();
        }

        return !made.UserVerified ? new Verdict.Malformed(PasskeyErrors.NotVerified)
            : owner.Passkeys.Any(p => p.Id.AsSpan().SequenceEqual(made.Passkey.Id)) ? new Verdict.Malformed(PasskeyErrors.Known)
            : new Verdict.Accepted(made.Counter > 0 ? made.Counter : null, made.Passkey.ToBytes());
    }

    private static PasskeyOwner OwnerOf(OpenedCredential credential) =>
        new(PasskeyOwner.HandleOf(credential.Key.Owner), PasskeyCredential.Read(credential.State) is { } passkey ? [passkey] : []);

    [LoggerMessage(
        13001,
        LogLevel.Warning,
        "The counter of passkey {CredentialId} of user {UserId} did not go on: the key may be in two places. The response was refused.")]
    private partial void LogCounter(Guid credentialId, Guid userId);
}

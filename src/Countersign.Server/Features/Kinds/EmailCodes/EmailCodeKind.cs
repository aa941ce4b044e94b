using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.SentCodes;
using Countersign.Server.Features.Messaging.Messages;

namespace Countersign.Server.Features.Kinds.EmailCodes;

/// <summary>
/// A code to an e-mail address, to show that the address is the person's. It is never a second factor: no address is ever an
/// active device (NIST SP 800-63B §3.1.3.1).
/// </summary>
internal sealed class EmailCodeKind(MessageCodes codes) : IDeviceKind, IRepeatablePrompt
{
    public const string KindId = "email";

    public string Id => KindId;

    public KindTraits Traits { get; } = new(
        Permanent: false, Physical: false, Issuable: false, KindChannel.Mail, Links.Shows, Strength: 0, Icon: "mail");

    public Type Texts => typeof(EmailCodeText);

    public Error? Unavailable(OpenedCredential credential, Ask ask) => ask.Activates ? null : ChallengeErrors.DeviceUnavailable;

    public Task<Prompt> PromptAsync(OpenedCredential credential, Ask ask, Prompt? earlier, CountersignDbContext db, CancellationToken ct) =>
        codes.PromptAsync(credential, ask, MessageChannel.Email, earlier, db, ct);

    public Task<Result<Prompt>> RepeatAsync(
        OpenedCredential credential, Ask ask, Prompt earlier, string? by, CountersignDbContext db, CancellationToken ct) =>
        codes.RepeatAsync(credential, ask, MessageChannel.Email, earlier, db, ct);

    public ValueTask<Verdict> CheckAsync(OpenedCredential credential, Ask ask, Prompt prompt, string response, CancellationToken ct) =>
        new(codes.Check(ask, prompt, response));

    public PromptView Show(CredentialView credential, Prompt prompt) => MessageCodes.Show(prompt, calls: false);
}

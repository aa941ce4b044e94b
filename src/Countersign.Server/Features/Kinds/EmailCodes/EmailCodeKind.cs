using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.TextMessages;
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

    public KindTraits Traits { get; } = new(Permanent: false, Physical: false, Issuable: false, CostsMessage: false, Links.Shows, Strength: 0, Icon: "mail");

    public Type Texts => typeof(EmailCodeText);

    public Error? Unavailable(DeviceView device, ChallengeView challenge) => device.Status == DeviceStatus.Active ? ChallengeErrors.DeviceUnavailable : null;

    public Task<Prompt> PromptAsync(DeviceView device, ChallengeView challenge, Prompt? earlier, CountersignDbContext db, CancellationToken ct) =>
        codes.PromptAsync(device, challenge, MessageChannel.Email, earlier, db, ct);

    public Task<Result<Prompt>> RepeatAsync(DeviceView device, ChallengeView challenge, Prompt earlier, string? by, CountersignDbContext db, CancellationToken ct) =>
        codes.RepeatAsync(device, challenge, MessageChannel.Email, earlier, db, ct);

    public ValueTask<Verdict> CheckAsync(DeviceView device, ChallengeView challenge, Prompt prompt, string response, CancellationToken ct) =>
        new(codes.Check(challenge, prompt, response));

    public object Show(DeviceView device, ChallengeView challenge, Prompt prompt)
    {
        var open = MessageCodes.Open(prompt);
        return new CodeView(EmailAddress.Mask(MessageCodes.Recipient(device)), open.SentAt, open.NextSendAt, Calls: false, open.NextCallAt, open.Refused);
    }
}

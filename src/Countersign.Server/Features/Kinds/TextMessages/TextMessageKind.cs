using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.PhoneNumbers;

namespace Countersign.Server.Features.Kinds.TextMessages;

/// <summary>A code to a mobile number: by SMS, or where that does not come, read out in a call (S7).</summary>
internal sealed class TextMessageKind(MessageCodes codes) : IDeviceKind, IRepeatablePrompt
{
    public const string KindId = "sms";

    /// <summary>What a form says to have the code read out.</summary>
    public const string ByCall = "call";

    public string Id => KindId;

    public KindTraits Traits { get; } = new(Permanent: false, Physical: false, Issuable: true, CostsMessage: true, Links.Shows, Strength: 10, Icon: "message");

    public Type Texts => typeof(TextMessageText);

    public Error? Unavailable(DeviceView device, ChallengeView challenge) => null;

    public Task<Prompt> PromptAsync(DeviceView device, ChallengeView challenge, Prompt? earlier, CountersignDbContext db, CancellationToken ct) =>
        codes.PromptAsync(device, challenge, MessageChannel.Sms, earlier, db, ct);

    public async Task<Result<Prompt>> RepeatAsync(DeviceView device, ChallengeView challenge, Prompt earlier, string? by, CountersignDbContext db, CancellationToken ct)
    {
        if (by == ByCall && !codes.Calls)
        {
            return TextMessageErrors.NoCalls;
        }

        return await codes.RepeatAsync(device, challenge, by == ByCall ? MessageChannel.Voice : MessageChannel.Sms, earlier, db, ct);
    }

    public ValueTask<Verdict> CheckAsync(DeviceView device, ChallengeView challenge, Prompt prompt, string response, CancellationToken ct) =>
        new(codes.Check(challenge, prompt, response));

    public object Show(DeviceView device, ChallengeView challenge, Prompt prompt)
    {
        var open = MessageCodes.Open(prompt);
        return new CodeView(MobileNumber.Mask(MessageCodes.Recipient(device)), open.SentAt, open.NextSendAt, codes.Calls, open.NextCallAt, open.Refused);
    }
}

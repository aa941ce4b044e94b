using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.SentCodes;
using Countersign.Server.Features.Messaging.Messages;

namespace Countersign.Server.Features.Kinds.TextMessages;

/// <summary>A code to a mobile number: by SMS, or where that does not come, read out in a call (S7).</summary>
internal sealed class TextMessageKind(MessageCodes codes) : IDeviceKind, IRepeatablePrompt
{
    public const string KindId = "sms";

    /// <summary>What a form says to have the code read out.</summary>
    public const string ByCall = "call";

    /// <summary>The level of the kind.</summary>
    public const int Strength = 1;

    public string Id => KindId;

    public KindTraits Traits { get; } = new(
        Permanent: false, Physical: false, Issuable: true, KindChannel.Sms, Links.Shows, Strength, Icon: "message");

    public Type Texts => typeof(TextMessageText);

    public Task<Prompt> PromptAsync(OpenedCredential credential, Ask ask, Prompt? earlier, CountersignDbContext db, CancellationToken ct) =>
        codes.PromptAsync(credential, ask, MessageChannel.Sms, earlier, db, ct);

    public async Task<Result<Prompt>> RepeatAsync(
        OpenedCredential credential, Ask ask, Prompt earlier, string? by, CountersignDbContext db, CancellationToken ct)
    {
        if (by == ByCall && !codes.Calls)
        {
            return TextMessageErrors.NoCalls;
        }

        return await codes.RepeatAsync(credential, ask, by == ByCall ? MessageChannel.Voice : MessageChannel.Sms, earlier, db, ct);
    }

    public ValueTask<Verdict> CheckAsync(OpenedCredential credential, Ask ask, Prompt prompt, string response, CancellationToken ct) =>
        new(codes.Check(ask, prompt, response));

    public PromptView Show(CredentialView credential, Prompt prompt) => MessageCodes.Show(prompt, codes.Calls);
}

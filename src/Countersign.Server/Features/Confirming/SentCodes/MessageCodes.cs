using System.Text.Json;
using Countersign.Protocol.Messages;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.SentCodes;

/// <summary>Codes that travel in messages: six digits for one challenge, sent again unchanged (S2, B1).</summary>
internal sealed class MessageCodes(
    Outbox outbox, OpenChannels channels, MessageShield shield, Rationing rationing, CodeSecrets secrets, IOptions<SiteOptions> site,
    TimeProvider time)
{
    /// <summary>Whether calls can be made at all.</summary>
    public bool Calls => channels.Has(MessageChannel.Voice);

    public async Task<Prompt> PromptAsync(
        OpenedCredential credential, Ask ask, MessageChannel channel, Prompt? earlier, CountersignDbContext db, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var prompt = earlier is null ? new CodePrompt(Masked(credential, channel), null, null, null, now, now, null) : Open(earlier);
        return Close(prompt.SentAt is null ? (await SendAsync(credential, ask, channel, prompt, db, ct)).Prompt : prompt);
    }

    public async Task<Result<Prompt>> RepeatAsync(
        OpenedCredential credential, Ask ask, MessageChannel channel, Prompt earlier, CountersignDbContext db, CancellationToken ct)
    {
        var (prompt, refusal) = await SendAsync(credential, ask, channel, Open(earlier), db, ct);
        return refusal is null ? Close(prompt) : refusal;
    }

    /// <summary>The last step of a check; reads and arithmetic only.</summary>
    public Verdict Check(Ask ask, Prompt prompt, string response)
    {
        if (!Digits.TryRead(response, CodeSecrets.Length, out var digits))
        {
            return new Verdict.Malformed(SentCodeErrors.SixDigits);
        }

        // Not by the missing MAC: the generated serialiser writes a null array as an empty one.
        if (Open(prompt) is not { SentAt: not null, Mac: { } mac })
        {
            return new Verdict.Malformed(SentCodeErrors.NotSent);
        }

        return secrets.Matches(mac, ask.Id, digits) ? new Verdict.Accepted() : new Verdict.Wrong();
    }

    /// <param name="calls">Whether the code can be read out in a call.</param>
    public static PromptView Show(Prompt prompt, bool calls)
    {
        var open = Open(prompt);
        return new PromptView(ResponseForm.Digits)
        {
            Length = CodeSecrets.Length,
            Sent = new SentCode(open.To, open.SentAt, open.NextSendAt, calls, open.NextCallAt, open.Refused),
        };
    }

    /// <summary>
    /// Sends unless this address had such a message a moment ago. Browsers that are known to the user and all others have rations
    /// apart, so that a stranger who has the password cannot make the owner wait. A code that came back from there ends the wait: it
    /// guards against who asks for messages and does not get them.
    /// </summary>
    private async Task<(CodePrompt Prompt, Error? Refusal)> SendAsync(
        OpenedCredential credential, Ask ask, MessageChannel channel, CodePrompt prompt, CountersignDbContext db, CancellationToken ct)
    {
        var (now, regime) = (time.GetUtcNow(), ask.Regime);
        var rule = new RationRule(regime.MessagesPerDay, TimeSpan.FromDays(1), Gap: regime.MessageGap)
        {
            GapEndedAt = credential.LastUsedAt,
        };
        var ration =
            $"{(channel == MessageChannel.Voice ? "voice" : "sms")}/{credential.Key.Id:N}/{(ask.From.Known ? "known" : "unknown")}";
        var next = await Rationing.NextAsync(db, ask.UserId, ration, rule, ct);
        if (next > now)
        {
            return (Waiting(prompt, channel, next, refused: null), SentCodeErrors.Wait with { RetryAfter = next - now });
        }

        if (await AdmitAsync(db, credential, ask, channel, ct) is { } refusal)
        {
            return (Waiting(prompt, channel, now + (refusal.RetryAfter ?? TimeSpan.Zero), refusal.Code), refusal);
        }

        if (!await rationing.TakeAsync(db, ask.UserId, ration, rule))
        {
            return (Waiting(prompt, channel, now + regime.MessageGap, refused: null), SentCodeErrors.Wait with
            {
                RetryAfter = regime.MessageGap,
            });
        }

        var code = prompt.Code ?? secrets.New();
        Queue(db, credential, ask, channel, code);
        return (Waiting(prompt with
        {
            Code = code,
            Mac = secrets.Mac(ask.Id, code),
            SentAt = now,
        }, channel, now + regime.MessageGap, refused: null), null);
    }

    /// <summary>Proven: the owner has shown before that messages arrive there.</summary>
    private Task<Error?> AdmitAsync(
        CountersignDbContext db, OpenedCredential credential, Ask ask, MessageChannel channel, CancellationToken ct)
    {
        var code = new CodeToSend(ask.UserId, ask.From.Source, AddressCredentials.AddressOf(credential), Proven: !ask.Activates);
        return channel switch
        {
            MessageChannel.Sms => shield.AdmitSmsAsync(db, code, ct),
            MessageChannel.Voice => shield.AdmitCallAsync(db, code, ct),
            _ => shield.AdmitMailAsync(db, code, ct),
        };
    }

    private void Queue(CountersignDbContext db, OpenedCredential credential, Ask ask, MessageChannel channel, string code)
    {
        string[] arguments = channel switch
        {
            // One digit after the other, as a voice has to say them.
            MessageChannel.Voice => [string.Join(", ", code.ToCharArray()), ask.Statement],
            MessageChannel.Sms => [code, ask.Statement, LastLine(ask, code)],
            _ => [code, ask.Statement],
        };
        outbox.Add(
            db, ask.UserId, channel, AddressCredentials.AddressOf(credential), "code", ask.Language, ask.ExpiresAt, ask.Id, arguments);
    }

    private string LastLine(Ask ask, string code) =>
        ask.Regime.OriginBoundCodes && OriginBoundCode.IsHost(site.Value.Host)
            ? "\n\n" + OriginBoundCode.Format(string.Empty, site.Value.Host, code)
            : string.Empty;

    private static string Masked(OpenedCredential credential, MessageChannel channel)
    {
        var address = AddressCredentials.AddressOf(credential);
        return channel == MessageChannel.Email ? EmailAddress.Mask(address) : MobileNumber.Mask(address);
    }

    private static CodePrompt Waiting(CodePrompt prompt, MessageChannel channel, DateTimeOffset until, string? refused) =>
        channel == MessageChannel.Voice
            ? prompt with { NextCallAt = until, Refused = refused }
            : prompt with { NextSendAt = until, Refused = refused };

    private static CodePrompt Open(Prompt prompt) => JsonSerializer.Deserialize(prompt.State, CodePromptJson.Default.CodePrompt)!;

    private static Prompt Close(CodePrompt prompt) => new(JsonSerializer.SerializeToUtf8Bytes(prompt, CodePromptJson.Default.CodePrompt));
}

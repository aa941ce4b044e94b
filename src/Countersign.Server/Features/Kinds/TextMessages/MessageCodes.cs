using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Protocol.Messages;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.TextMessages;

/// <summary>Codes that travel in messages: six digits for one challenge, sent again unchanged (S2, B1).</summary>
internal sealed class MessageCodes(
    Outbox outbox, OpenChannels channels, MessageShield shield, Rationing rationing, MasterKeys keys, ISecrets secrets,
    IOptions<SiteOptions> site, TimeProvider time)
{
    private const int CodeLength = 6;
    private const string Use = "text-message-code";

    /// <summary>Whether calls can be made at all.</summary>
    public bool Calls => channels.Has(MessageChannel.Voice);

    public async Task<Prompt> PromptAsync(DeviceView device, ChallengeView challenge, MessageChannel channel, Prompt? earlier, CountersignDbContext db, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var prompt = earlier is null ? new CodePrompt(null, null, null, now, now, null) : Open(earlier);
        return Close(prompt.SentAt is null ? (await SendAsync(device, challenge, channel, prompt, db, ct)).Prompt : prompt);
    }

    public async Task<Result<Prompt>> RepeatAsync(DeviceView device, ChallengeView challenge, MessageChannel channel, Prompt earlier, CountersignDbContext db, CancellationToken ct)
    {
        var (prompt, refusal) = await SendAsync(device, challenge, channel, Open(earlier), db, ct);
        return refusal is null ? Close(prompt) : refusal;
    }

    /// <summary>The last step of a check; reads and arithmetic only.</summary>
    public Verdict Check(ChallengeView challenge, Prompt prompt, string response)
    {
        if (!Digits.TryRead(response, CodeLength, out var digits))
        {
            return new Verdict.Malformed(TextMessageErrors.SixDigits);
        }

        // Not by the missing MAC: the generated serialiser writes a null array as an empty one.
        if (Open(prompt) is not { SentAt: not null, Mac: { } mac })
        {
            return new Verdict.Malformed(TextMessageErrors.NotSent);
        }

        return keys.DeriveAll(Use).Any(key => CryptographicOperations.FixedTimeEquals(mac, Mac(key, challenge.Id, digits))) ? new Verdict.Accepted() : new Verdict.Wrong();
    }

    public static CodePrompt Open(Prompt prompt) => JsonSerializer.Deserialize(prompt.State, CodePromptJson.Default.CodePrompt)!;

    /// <summary>The number or address that a device stands for.</summary>
    public static string Recipient(DeviceView device) => Encoding.UTF8.GetString(device.State);

    /// <summary>
    /// Sends unless this device had such a message a moment ago. Browsers that are known to the user and all others have rations
    /// apart, so that a stranger who has the password cannot make the owner wait.
    /// </summary>
    private async Task<(CodePrompt Prompt, Error? Refusal)> SendAsync(
        DeviceView device, ChallengeView challenge, MessageChannel channel, CodePrompt prompt, CountersignDbContext db, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var regime = challenge.User.Regime;
        var rule = new RationRule(regime.MessagesPerDay, TimeSpan.FromDays(1), Gap: regime.MessageGap);
        var ration = $"{(channel == MessageChannel.Voice ? "voice" : "sms")}/{device.Id:N}/{(challenge.KnownBrowser ? "known" : "unknown")}";
        var next = await Rationing.NextAsync(db, device.UserId, ration, rule, ct);
        if (next > now)
        {
            return (Waiting(prompt, channel, next, refused: null), TextMessageErrors.Wait with { RetryAfter = next - now });
        }

        if (await AdmitAsync(db, device, challenge, channel, ct) is { } refusal)
        {
            return (Waiting(prompt, channel, now + (refusal.RetryAfter ?? TimeSpan.Zero), refusal.Code), refusal);
        }

        if (!await rationing.TakeAsync(db, device.UserId, ration, rule, ct))
        {
            return (Waiting(prompt, channel, now + regime.MessageGap, refused: null), TextMessageErrors.Wait with { RetryAfter = regime.MessageGap });
        }

        var code = prompt.Code ?? secrets.Below(1_000_000).ToString("D6", CultureInfo.InvariantCulture);
        Queue(db, device, challenge, channel, code);
        return (Waiting(prompt with { Code = code, Mac = Mac(keys.Current.Derive(Use), challenge.Id, code), SentAt = now }, channel, now + regime.MessageGap, refused: null), null);
    }

    private Task<Error?> AdmitAsync(
        CountersignDbContext db, DeviceView device, ChallengeView challenge, MessageChannel channel, CancellationToken ct)
    {
        var code = new CodeToSend(challenge.User.Id, challenge.Source, Recipient(device), Proven: device.Status == DeviceStatus.Active);
        return channel switch
        {
            MessageChannel.Sms => shield.AdmitSmsAsync(db, code, ct),
            MessageChannel.Voice => shield.AdmitCallAsync(db, code, ct),
            _ => shield.AdmitMailAsync(db, code, ct),
        };
    }

    private void Queue(CountersignDbContext db, DeviceView device, ChallengeView challenge, MessageChannel channel, string code)
    {
        string[] arguments = channel switch
        {
            // One digit after the other, as a voice has to say them.
            MessageChannel.Voice => [string.Join(", ", code.ToCharArray()), challenge.Statement],
            MessageChannel.Sms => [code, challenge.Statement, LastLine(challenge, code)],
            _ => [code, challenge.Statement],
        };
        outbox.Add(db, device.UserId, channel, Recipient(device), "code", challenge.Language, challenge.ExpiresAt, challenge.Id, arguments);
    }

    private string LastLine(ChallengeView challenge, string code) =>
        challenge.User.Regime.OriginBoundCodes && OriginBoundCode.IsHost(site.Value.Host) ? "\n\n" + OriginBoundCode.Format(string.Empty, site.Value.Host, code) : string.Empty;

    private static CodePrompt Waiting(CodePrompt prompt, MessageChannel channel, DateTimeOffset until, string? refused) =>
        channel == MessageChannel.Voice ? prompt with { NextCallAt = until, Refused = refused } : prompt with { NextSendAt = until, Refused = refused };

    private static byte[] Mac(byte[] key, Guid challengeId, string code) => HMACSHA256.HashData(key, (byte[])[.. challengeId.ToByteArray(bigEndian: true), .. Encoding.ASCII.GetBytes(code)]);

    private static Prompt Close(CodePrompt prompt) => new(JsonSerializer.SerializeToUtf8Bytes(prompt, CodePromptJson.Default.CodePrompt));
}

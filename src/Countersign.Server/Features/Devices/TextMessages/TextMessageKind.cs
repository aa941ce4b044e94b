using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Protocol.Messages;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Messages;
using Countersign.Server.Features.PhoneNumbers;
using Countersign.Server.Features.Rations;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Devices.TextMessages;

/// <summary>A code by SMS: six digits for one challenge, sent again unchanged (S2, B1).</summary>
internal sealed class TextMessageKind(Outbox outbox, Rationing rationing, MasterKeys keys, ISecrets secrets, IOptions<SiteOptions> site, TimeProvider time)
    : IDeviceKind, IRepeatablePrompt
{
    public const string KindId = "sms";
    private const int Digits = 6;
    private const int LongestResponse = 32;

    private readonly byte[] _key = keys.Derive("text-message-code");

    public string Id => KindId;

    public KindTraits Traits { get; } = new(Permanent: false, Physical: false, Issuable: true, CostsMessage: true, Links.Shows, ["sms"], Strength: 10);

    public Error? Unavailable(DeviceView device, ChallengeView challenge) => null;

    public async Task<Prompt> PromptAsync(DeviceView device, ChallengeView challenge, Prompt? earlier, CountersignDbContext db, CancellationToken ct)
    {
        var prompt = earlier is null ? new TextMessagePrompt(null, null, null, time.GetUtcNow()) : Open(earlier);
        return Close(prompt.SentAt is null ? await SendAsync(device, challenge, prompt, db, ct) : prompt);
    }

    public async Task<Result<Prompt>> RepeatAsync(DeviceView device, ChallengeView challenge, Prompt earlier, CountersignDbContext db, CancellationToken ct)
    {
        var prompt = Open(earlier);
        var now = time.GetUtcNow();
        if (prompt.NextSendAt > now)
        {
            return TextMessageErrors.Wait with { RetryAfter = prompt.NextSendAt - now };
        }

        var sent = await SendAsync(device, challenge, prompt, db, ct);
        return sent.SentAt == now ? Close(sent) : TextMessageErrors.Wait with { RetryAfter = sent.NextSendAt - now };
    }

    public ValueTask<Verdict> CheckAsync(DeviceView device, ChallengeView challenge, Prompt prompt, string response, CancellationToken ct)
    {
        if (!TryReadDigits(response, out var digits))
        {
            return new(new Verdict.Malformed(TextMessageErrors.SixDigits));
        }

        // Not by the missing MAC: the generated serialiser writes a null array as an empty one.
        if (Open(prompt) is not { SentAt: not null, Mac: { } mac })
        {
            return new(new Verdict.Malformed(TextMessageErrors.NotSent));
        }

        var right = CryptographicOperations.FixedTimeEquals(mac, Mac(challenge.Id, digits));
        return new(right ? new Verdict.Accepted() : new Verdict.Wrong());
    }

    public object Show(DeviceView device, ChallengeView challenge, Prompt prompt)
    {
        var open = Open(prompt);
        return new TextMessageView(MobileNumber.Mask(Number(device)), open.SentAt, open.NextSendAt);
    }

    /// <summary>Reads what people type: spaces, hyphens and full-width digits are theirs to use.</summary>
    internal static bool TryReadDigits(string typed, out string digits)
    {
        digits = string.Empty;
        if (typed.Length > LongestResponse)
        {
            return false;
        }

        var read = new StringBuilder(Digits);
        foreach (var c in typed)
        {
            if (char.IsAsciiDigit(c))
            {
                read.Append(c);
            }
            else if (c is >= '０' and <= '９')
            {
                read.Append((char)('0' + (c - '０')));
            }
            else if (!char.IsWhiteSpace(c) && c is not '-')
            {
                return false;
            }
        }

        digits = read.ToString();
        return digits.Length == Digits;
    }

    /// <summary>
    /// Sends unless this device had a message a moment ago. Browsers that are known to the user and all others have rations
    /// apart, so that a stranger who has the password cannot make the owner wait.
    /// </summary>
    private async Task<TextMessagePrompt> SendAsync(DeviceView device, ChallengeView challenge, TextMessagePrompt prompt, CountersignDbContext db, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var regime = challenge.User.Regime;
        var rule = new RationRule(regime.MessagesPerDay, TimeSpan.FromDays(1), Gap: regime.MessageGap);
        var ration = $"sms/{device.Id:N}/{(challenge.KnownBrowser ? "known" : "unknown")}";
        if (!await rationing.TakeAsync(db, device.UserId, ration, rule, ct))
        {
            return prompt with { NextSendAt = await Rationing.NextAsync(db, device.UserId, ration, rule, ct) };
        }

        var code = prompt.Code ?? secrets.Below(1_000_000).ToString("D6", CultureInfo.InvariantCulture);
        var lastLine = regime.OriginBoundCodes && OriginBoundCode.IsHost(site.Value.Host) ? "\n\n" + OriginBoundCode.Format(string.Empty, site.Value.Host, code) : string.Empty;
        outbox.Add(db, device.UserId, MessageChannel.Sms, Number(device), "code", challenge.Language, challenge.ExpiresAt, challenge.Id, code, challenge.Statement, lastLine);
        return prompt with { Code = code, Mac = Mac(challenge.Id, code), SentAt = now, NextSendAt = now + regime.MessageGap };
    }

    private static string Number(DeviceView device) => Encoding.UTF8.GetString(device.State);

    private byte[] Mac(Guid challengeId, string code) => HMACSHA256.HashData(_key, (byte[])[.. challengeId.ToByteArray(bigEndian: true), .. Encoding.ASCII.GetBytes(code)]);

    private static TextMessagePrompt Open(Prompt prompt) => JsonSerializer.Deserialize(prompt.State, TextMessagesJson.Default.TextMessagePrompt)!;

    private static Prompt Close(TextMessagePrompt prompt) => new(JsonSerializer.SerializeToUtf8Bytes(prompt, TextMessagesJson.Default.TextMessagePrompt));
}

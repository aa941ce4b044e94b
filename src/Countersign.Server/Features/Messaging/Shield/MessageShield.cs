using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>Decides whether a message with a code may go. Limits bind only what goes to numbers that nobody has shown to be theirs.</summary>
internal sealed class MessageShield(Rationing rationing, CarrierRules carriers, NumberRules numbers, MasterKeys keys, IOptions<ShieldOptions> options) : ICodeMessageRules
{
    /// <summary>The rations of all users together hang on no user's id.</summary>
    private static readonly Guid Everybody = Guid.Empty;

    public async Task<Error?> RefusesAsync(CountersignDbContext db, CodeMessage message, CancellationToken ct)
    {
        if (message.Channel == MessageChannel.Email)
        {
            return message.Proven ? null : await RationAsync(db, Common(message), ct);
        }

        var place = NumberRange.Of(message.Recipient);
        var region = place.Region;
        if (await IsStoppedAsync(db, message, ct))
        {
            return ShieldErrors.Stopped;
        }

        // Registers and quiet hours are about messages: the code can still be read out.
        if (message.Channel == MessageChannel.Sms && await carriers.RefusesCodeAsync(db, message.Recipient, region, ct) is { } held)
        {
            return held;
        }

        if (message.Proven)
        {
            return null;
        }

        return numbers.IsAllowed(region)
            ? await RationAsync(db, [.. Common(message), .. ByPlace(place)], ct)
            : NumberErrors.Country;
    }

    private static async Task<bool> IsStoppedAsync(CountersignDbContext db, CodeMessage message, CancellationToken ct)
    {
        var prefixes = Prefixes.Of(message.Recipient);
        return await db.Set<PrefixStop>().AnyAsync(s => prefixes.Contains(s.Prefix) && (s.Scope == StopScope.All || !message.Proven), ct);
    }

    /// <summary>The narrowest first, so that what one person does is stopped before it uses up what others share.</summary>
    private IEnumerable<(Guid Owner, string Name, RationRule Rule)> Common(CodeMessage message)
    {
        var day = TimeSpan.FromDays(1);
        yield return (message.Challenge.User.Id, "shield/user", new RationRule(options.Value.PerUserDaily, day));
        yield return (OwnerOf(message.Recipient), "shield/recipient", new RationRule(options.Value.PerRecipientDaily, day));
        yield return (Everybody, "shield/source/" + message.Challenge.Source, new RationRule(options.Value.PerSourceDaily, day));
    }

    private IEnumerable<(Guid Owner, string Name, RationRule Rule)> ByPlace(NumberRange place)
    {
        var hour = TimeSpan.FromHours(1);
        yield return (Everybody, "shield/range/" + place.Range, new RationRule(options.Value.PerRangeHourly, hour));
        yield return (Everybody, "shield/country/" + place.Region, new RationRule(options.Value.PerCountryHourly, hour));
    }

    private async Task<Error?> RationAsync(CountersignDbContext db, IEnumerable<(Guid Owner, string Name, RationRule Rule)> rations, CancellationToken ct)
    {
        foreach (var (owner, name, rule) in rations)
        {
            if (!await rationing.TakeAsync(db, owner, name, rule, ct))
            {
                return ShieldErrors.TooMany with { RetryAfter = rule.Window };
            }
        }

        return null;
    }

    /// <summary>A keyed hash: the table of rations holds no numbers or addresses.</summary>
    private Guid OwnerOf(string recipient) => new(HMACSHA256.HashData(keys.Lookup("message-shield"), Encoding.UTF8.GetBytes(recipient)).AsSpan(0, 16));
}

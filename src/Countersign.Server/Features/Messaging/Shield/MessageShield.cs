using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>A code that is about to be queued.</summary>
/// <param name="Source">Where the request for it came from.</param>
/// <param name="Recipient">E.164 number or e-mail address.</param>
/// <param name="Proven">Whether the owner has shown before that messages arrive there.</param>
internal sealed record CodeToSend(Guid UserId, string Source, string Recipient, bool Proven);

/// <summary>
/// A notice, or an application's message, that is about to be queued. It goes where its owner has shown that messages arrive.
/// </summary>
/// <param name="Recipient">E.164 number or e-mail address.</param>
/// <param name="What">What is counted: a kind of message and its channel.</param>
/// <param name="PerDay">How many of it one user gets in a day.</param>
/// <param name="Agreed">Whether an operator was told what it costs and said yes: it takes nothing of a budget.</param>
internal sealed record OtherToSend(Guid UserId, string Recipient, string What, int PerDay, bool Agreed = false);

/// <summary>
/// Decides whether a message may go (S3, B3, D34). Asked in the unit of work that queues it; what it counts is counted with it. Limits for
/// codes bind only what goes to numbers and addresses that nobody has shown to be theirs.
/// </summary>
internal sealed class MessageShield(
    Rationing rationing, MessageBudget budget, CarrierRules carriers, NumberRules numbers, MasterKeys keys, IOptions<ShieldOptions> options,
    TimeProvider time)
{
    /// <summary>Stops of any prefix of the number <c>$1</c> that hold for it; <c>$2</c> is whether it is proven.</summary>
    private static readonly SqlQuery<Counted> Stops = new(_ => (
        $"""
        SELECT count(*) FROM prefix_stops
        WHERE prefix IN ({string.Join(", ", Prefixes.Lengths.Select(n => $"substr(CAST($1 AS text), 1, {n})"))})
          AND (scope = 'All' OR NOT $2)
        """,
        row => new Counted(row.GetInt32(0))));

    /// <summary>The rations of all users together hang on no user's id.</summary>
    private static readonly Guid Everybody = Guid.Empty;

    /// <returns>Null when it may go; else why not.</returns>
    public async Task<Error?> AdmitMailAsync(CountersignDbContext db, CodeToSend code, CancellationToken ct) =>
        code.Proven ? null : await RationAsync(db, Common(code));

    /// <returns>Null when it may go; else why not.</returns>
    public async Task<Error?> AdmitSmsAsync(CountersignDbContext db, CodeToSend code, int parts, CancellationToken ct)
    {
        if (await IsStoppedAsync(db, code.Recipient, code.Proven, ct))
        {
            return ShieldErrors.Stopped;
        }

        var place = NumberRange.Of(code.Recipient);
        return await carriers.RefusesCodeAsync(db, code.Recipient, place.Region, ct) ?? await CountAsync(db, code, place, parts, ct);
    }

    /// <summary>Registers and quiet hours are about messages: the code can still be read out.</summary>
    /// <returns>Null when it may go; else why not.</returns>
    public async Task<Error?> AdmitCallAsync(CountersignDbContext db, CodeToSend code, CancellationToken ct) =>
        await IsStoppedAsync(db, code.Recipient, code.Proven, ct)
            ? ShieldErrors.Stopped
            : await CountAsync(db, code, NumberRange.Of(code.Recipient), parts: 1, ct);

    /// <summary>What is no code.</summary>
    /// <param name="parts">Of an SMS; null for mail, which costs nothing.</param>
    /// <returns>Null when it may go; else why not.</returns>
    public async Task<Error?> AdmitOtherAsync(CountersignDbContext db, OtherToSend other, int? parts, CancellationToken ct)
    {
        if (parts is not null && await IsStoppedAsync(db, other.Recipient, proven: true, ct))
        {
            return ShieldErrors.Stopped;
        }

        var rule = new RationRule(other.PerDay, TimeSpan.FromDays(1));
        return !await rationing.TakeAsync(db, other.UserId, "shield/" + other.What, rule)
            || (parts is { } count && !other.Agreed
                && !await budget.TakeAsync(db, other.Recipient, NumberRange.Of(other.Recipient), count, ct))
            ? ShieldErrors.TooMany with { RetryAfter = rule.Window }
            : null;
    }

    /// <summary>Told that a code came back from a number: it is in its user's hands.</summary>
    public Task ProvedAsync(CountersignDbContext db, Guid userId, string number, CancellationToken ct)
    {
        var (now, recipient) = (time.GetUtcNow(), HashOf(number));
        return db.Set<AdmittedCode>().Where(c => c.UserId == userId && c.Recipient == recipient && c.ProvedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.ProvedAt, now), ct);
    }

    private static async Task<bool> IsStoppedAsync(CountersignDbContext db, string number, bool proven, CancellationToken ct) =>
        (await db.ReadOneAsync(Stops, [number, proven], ct))!.Count > 0;

    /// <summary>Takes the rations of a number that is not proven and notes the code; a proven one has no limits here.</summary>
    private async Task<Error?> CountAsync(
        CountersignDbContext db, CodeToSend code, NumberRange place, int parts, CancellationToken ct)
    {
        if (code.Proven)
        {
            return null;
        }

        if (!numbers.IsAllowed(place.Region))
        {
            return NumberErrors.Country;
        }

        if (await RationAsync(db, [.. Common(code), .. ByPlace(place)]) is { } refusal)
        {
            return refusal;
        }

        if (!await budget.TakeAsync(db, code.Recipient, place, parts, ct))
        {
            return ShieldErrors.TooMany with { RetryAfter = TimeSpan.FromDays(1) };
        }

        var now = time.GetUtcNow();
        db.Add(new AdmittedCode
        {
            UserId = code.UserId,
            Id = Guid.CreateVersion7(now),
            Recipient = HashOf(code.Recipient),
            Range = place.Range,
            At = now,
        });
        return null;
    }

    /// <summary>The narrowest first, so that what one person does is stopped before it uses up what others share.</summary>
    private IEnumerable<(Guid Owner, string Name, RationRule Rule)> Common(CodeToSend code)
    {
        var day = TimeSpan.FromDays(1);
        yield return (code.UserId, "shield/user", new RationRule(options.Value.PerUserDaily, day));
        yield return (HashOf(code.Recipient), "shield/recipient", new RationRule(options.Value.PerRecipientDaily, day));
        yield return (Everybody, "shield/source/" + code.Source, new RationRule(options.Value.PerSourceDaily, day));
    }

    private IEnumerable<(Guid Owner, string Name, RationRule Rule)> ByPlace(NumberRange place)
    {
        var hour = TimeSpan.FromHours(1);
        yield return (Everybody, "shield/range/" + place.Range, new RationRule(options.Value.PerRangeHourly, hour));
        yield return (Everybody, "shield/country/" + place.Region, new RationRule(options.Value.PerCountryHourly, hour));
    }

    private async Task<Error?> RationAsync(
        CountersignDbContext db, IEnumerable<(Guid Owner, string Name, RationRule Rule)> rations)
    {
        foreach (var (owner, name, rule) in rations)
        {
            if (!await rationing.TakeAsync(db, owner, name, rule))
            {
                return ShieldErrors.TooMany with { RetryAfter = rule.Window };
            }
        }

        return null;
    }

    private sealed record Counted(int Count);

    /// <summary>A keyed hash: the tables of the shield and of rations hold no numbers or addresses.</summary>
    private Guid HashOf(string recipient) =>
        new(HMACSHA256.HashData(keys.Lookup("message-shield"), Encoding.UTF8.GetBytes(EmailAddress.KeyOf(recipient))).AsSpan(0, 16));
}

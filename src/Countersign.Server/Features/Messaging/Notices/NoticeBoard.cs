using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Notices;

/// <summary>What a client is told. Security notices cannot be switched off (S36). Each has templates in <c>MessageText</c>.</summary>
internal enum Notice
{
    PasswordChanged,
    PasswordChangeForced,
    DeviceEnrolled,
    NewBrowser,
    SecondFactorFailed,
    NumberVerified,
    NumberReplaced,
    NumberPreferred,
    NumberRemoved,
    NumberElsewhere,
    DeviceAdded,
    DeviceSuspended,
    DeviceResumed,
    DeviceLocked,
    DeviceUnlocked,
    DeviceLost,
    DeviceRemoved,
    DeviceExpired,
    PasskeyAlone,
    AccessFrozen,
    AccessThawed,
}

/// <summary>A notice to one user.</summary>
/// <param name="Name">As templates and rights to repudiate call it.</param>
/// <param name="Template">What it is worded by.</param>
/// <param name="From">The moment before which it does not go; what it costs was agreed to. Null: at once.</param>
internal sealed record Telling(UserView User, string Name, string Template, IReadOnlyList<string> Arguments, DateTimeOffset? From)
{
    /// <summary>Null where there is nothing to repudiate.</summary>
    public required RightToRepudiate? Right { get; init; }
}

/// <summary>
/// Tells the client what happened, on every channel but the one in use, in the unit of work of the thing itself. What happens again and
/// again is gathered: see <see cref="NoticeGathering"/>.
/// </summary>
internal sealed class NoticeBoard(
    Outbox outbox, NotMe notMe, NoticeGathering gathering, IOptions<ShieldOptions> shield, TimeProvider time)
{
    private const string Again = "notice-again";
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(2);

    /// <summary>Notices of what the client did not do, or has done about it already: there is nothing to repudiate.</summary>
    private static readonly Notice[] Plain = [Notice.NumberElsewhere, Notice.AccessFrozen, Notice.DeviceExpired];

    /// <param name="except">The channel that a stranger may hold at this moment.</param>
    public async Task TellAsync(
        CountersignDbContext db, UserView user, Notice notice, MessageChannel? except, CancellationToken ct, params string[] arguments)
    {
        var number = except == MessageChannel.Sms ? null : await db.PreferredNumberAsync(user.Id, ct);
        await TellAsync(
            db, user, notice, except == MessageChannel.Email ? null : user.Email, number is null ? [] : [number.E164], from: null,
            arguments, ct);
    }

    /// <summary>Tells these numbers, old and new alike (D4), and the e-mail address.</summary>
    public Task TellNumbersAsync(
        CountersignDbContext db, UserView user, Notice notice, IReadOnlyList<string> numbers, CancellationToken ct,
        params string[] arguments) => TellAsync(db, user, notice, user.Email, numbers, from: null, arguments, ct);

    /// <summary>Tells what an operator did for many users, each of them at a moment of its own; what it costs was agreed to.</summary>
    public async Task TellFromAsync(
        CountersignDbContext db, DateTimeOffset from, UserView user, Notice notice, CancellationToken ct, params string[] arguments)
    {
        var number = await db.PreferredNumberAsync(user.Id, ct);
        await TellAsync(db, user, notice, user.Email, number is null ? [] : [number.E164], from, arguments, ct);
    }

    /// <summary>Says by one channel how often something has happened again. False: the shield does not let it go now.</summary>
    public async Task<bool> TellAgainAsync(
        CountersignDbContext db, UserView user, GatheredNotice again, string recipient, CancellationToken ct)
    {
        var (name, language) = (NameOf(again.Notice), LanguageOf(user));
        string[] arguments =
        [
            user.Name, Times.InWords(again.Since, user.TimeZone, CultureInfo.GetCultureInfo(language)),
            again.Times.ToString(CultureInfo.InvariantCulture), MessageTexts.SubjectOf("notice-" + name, language),
        ];
        var telling = new Telling(user, name, Again, arguments, From: null) { Right = RightOf(user, again.Notice) };
        var sent = await SendAsync(db, telling, again.Channel, recipient, ct);
        KeepRight(db, telling, sent);
        return sent;
    }

    private async Task TellAsync(
        CountersignDbContext db, UserView user, Notice notice, string? email, IReadOnlyList<string> numbers, DateTimeOffset? from,
        string[] arguments, CancellationToken ct)
    {
        if (email is null && numbers.Count == 0)
        {
            return;
        }

        var (at, name) = (from ?? time.GetUtcNow(), NameOf(notice));
        string[] all = [user.Name, Times.InWords(at, user.TimeZone, CultureInfo.GetCultureInfo(LanguageOf(user))), .. arguments];
        var telling = new Telling(user, name, "notice-" + name, all, from) { Right = RightOf(user, notice) };
        var what = new Gathering(user.Id, notice, arguments);
        var sent = email is not null && await SendOrCountAsync(db, telling, what, MessageChannel.Email, [email], ct);
        sent |= numbers.Count > 0 && await SendOrCountAsync(db, telling, what, MessageChannel.Sms, numbers, ct);
        KeepRight(db, telling, sent);
    }

    /// <summary>Whether one at least goes. Where one does not, the channel is told later that there was more.</summary>
    private async Task<bool> SendOrCountAsync(
        CountersignDbContext db, Telling telling, Gathering what, MessageChannel channel, IReadOnlyList<string> recipients,
        CancellationToken ct)
    {
        var sent = 0;
        if (await gathering.GoesAtOnceAsync(db, what, channel))
        {
            foreach (var recipient in recipients)
            {
                sent += await SendAsync(db, telling, channel, recipient, ct) ? 1 : 0;
            }
        }

        if (sent < recipients.Count)
        {
            await gathering.CountAsync(db, what, channel, ct);
        }

        return sent > 0;
    }

    private async Task<bool> SendAsync(
        CountersignDbContext db, Telling telling, MessageChannel channel, string recipient, CancellationToken ct)
    {
        var (user, from) = (telling.User, telling.From ?? time.GetUtcNow());
        var kind = $"notice/{telling.Template}/{channel.ToString().ToLowerInvariant()}";
        var content = new MessageContent(LanguageOf(user), telling.Arguments, telling.Right?.Way);
        return (await outbox.AddAsync(
            db, new OtherToSend(user.Id, recipient, kind, shield.Value.NoticesOfAKindDaily, Agreed: telling.From is not null),
            new Draft(channel, telling.Template, content, from + Lifetime, from), ct)).Succeeded;
    }

    private RightToRepudiate? RightOf(UserView user, Notice notice) => Plain.Contains(notice) ? null : notMe.Make(user, NameOf(notice));

    /// <summary>One that no message names is nobody's.</summary>
    private static void KeepRight(CountersignDbContext db, Telling telling, bool sent)
    {
        if (sent && telling.Right is { } right)
        {
            db.Add(right.Row);
        }
    }

    private static string LanguageOf(UserView user) => user.Language ?? "en";

    private static string NameOf(Notice notice) => JsonNamingPolicy.KebabCaseLower.ConvertName(notice.ToString());
}

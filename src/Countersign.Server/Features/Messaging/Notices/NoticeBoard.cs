using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;

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
    EmailChanged,
    AddressChanged,
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

/// <summary>Tells the client what happened, on every channel but the one in use, in the unit of work of the thing itself.</summary>
internal sealed class NoticeBoard(Outbox outbox, NotMe notMe, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(2);

    /// <summary>Notices of what the client did not do, or has done about it already: there is nothing to repudiate.</summary>
    private static readonly Notice[] Plain = [Notice.NumberElsewhere, Notice.AccessFrozen, Notice.DeviceExpired];

    /// <param name="except">The channel that a stranger may hold at this moment.</param>
    public async Task TellAsync(
        CountersignDbContext db, UserView user, Notice notice, MessageChannel? except, CancellationToken ct, params string[] arguments)
    {
        var number = except == MessageChannel.Sms ? null : await db.PreferredNumberAsync(user.Id, ct);
        var emails = except == MessageChannel.Email ? [] : await Emails.ToldAsync(db, user, time.GetUtcNow(), ct);
        Tell(db, user, notice, emails, number is null ? [] : [number.E164], arguments);
    }

    /// <summary>Tells these numbers, old and new alike (D4), and the e-mail address.</summary>
    public async Task TellNumbersAsync(
        CountersignDbContext db, UserView user, Notice notice, IReadOnlyList<string> numbers, CancellationToken ct,
        params string[] arguments) =>
        Tell(db, user, notice, await Emails.ToldAsync(db, user, time.GetUtcNow(), ct), numbers, arguments);

    /// <summary>Tells these addresses and numbers, old and new alike (D4).</summary>
    public void Tell(
        CountersignDbContext db, UserView user, Notice notice, IReadOnlyList<string> emails, IReadOnlyList<string> numbers,
        params string[] arguments)
    {
        var now = time.GetUtcNow();
        var name = NameOf(notice);
        var template = "notice-" + name;
        var language = user.Language ?? "en";
        string[] all = [user.Name, Times.InWords(now, user.TimeZone, CultureInfo.GetCultureInfo(language)), .. arguments];
        if (emails.Count + numbers.Count == 0)
        {
            return;
        }

        var repudiate = Plain.Contains(notice) ? null : notMe.Add(db, user, name);
        foreach (var email in emails)
        {
            outbox.AddNotice(db, user.Id, MessageChannel.Email, email, template, language, now + Lifetime, repudiate, all);
        }

        foreach (var number in numbers)
        {
            outbox.AddNotice(db, user.Id, MessageChannel.Sms, number, template, language, now + Lifetime, repudiate, all);
        }
    }

    private static string NameOf(Notice notice) =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(notice.ToString());
}

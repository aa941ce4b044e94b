using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Messages;
using Countersign.Server.Features.PhoneNumbers;
using Countersign.Server.Features.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Notices;

/// <summary>What a client is told. Security notices cannot be switched off (S36). Each has templates in <c>MessageText</c>.</summary>
internal enum Notice
{
    PasswordChanged,
    PasswordChangeForced,
    DeviceEnrolled,
    NewBrowser,
    SecondFactorFailed,
}

/// <summary>Tells the client what happened, on every channel but the one in use, in the unit of work of the thing itself.</summary>
internal sealed class NoticeBoard(Outbox outbox, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(2);

    /// <param name="except">The channel that a stranger may hold at this moment.</param>
    public async Task TellAsync(CountersignDbContext db, UserView user, Notice notice, MessageChannel? except, CancellationToken ct, params string[] arguments)
    {
        var now = time.GetUtcNow();
        var template = "notice-" + JsonNamingPolicyName(notice);
        var language = user.Language ?? "en";
        string[] all = [user.Name, Times.InWords(now, user.TimeZone, CultureInfo.GetCultureInfo(language)), .. arguments];
        if (user.Email is { } email && except != MessageChannel.Email)
        {
            outbox.Add(db, user.Id, MessageChannel.Email, email, template, language, now + Lifetime, challengeId: null, all);
        }

        if (except != MessageChannel.Sms
            && await db.Set<PhoneNumber>().AsNoTracking().Where(n => n.UserId == user.Id && n.VerifiedAt != null).OrderByDescending(n => n.Preferred).Select(n => n.E164).FirstOrDefaultAsync(ct) is { } number)
        {
            outbox.Add(db, user.Id, MessageChannel.Sms, number, template, language, now + Lifetime, challengeId: null, all);
        }
    }

    private static string JsonNamingPolicyName(Notice notice) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(notice.ToString());
}

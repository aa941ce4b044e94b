using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Messaging.Notices;

/// <summary>What happens again and again is told once, and then how often; what changes something is told each time (D34).</summary>
public abstract class GatheredNoticeTests(CountersignServer server)
{
    private const string Failed = "notice-second-factor-failed";
    private const string Again = "notice-again";
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    [Fact]
    [Claim("D34")]
    public async Task Thirty_times_wrong_codes_are_one_message_at_once_and_one_with_the_number_a_day_later()
    {
        await using var own = await server.FreshAsync(("Regimes:Default:ChallengeTries", "3"), ("Regimes:Default:MessagesPerDay", "100"));
        var user = await own.UserAsync();
        for (var episode = 0; episode < 30; episode++)
        {
            using var thief = own.Browser(CountersignServer.NewSource());
            var page = await CountersignServer.TypePasswordAsync(thief, user.Name, user.Password);
            var code = await own.CodeAsync(user, episode + 1);
            for (var wrong = 0; wrong < 3; wrong++)
            {
                await CountersignServer.TypeCodeAsync(thief, page, CountersignServer.WrongCode(code, wrong));
            }

            own.Clock.Advance(TimeSpan.FromMinutes(3));
        }

        await own.SettledAsync();
        Assert.Single(own.Sms.To(user.Mobile), m => m.Template == Failed);
        Assert.Single(own.Email.To(user.Email), m => m.Template == Failed);
        Assert.DoesNotContain(own.Sms.To(user.Mobile), m => m.Template == Again);

        own.Clock.Advance(Window);
        await DigestAsync(own);

        Assert.Contains("29 × more", Assert.Single(own.Sms.To(user.Mobile), m => m.Template == Again).Text, StringComparison.Ordinal);
        var mail = Assert.Single(own.Email.To(user.Email), m => m.Template == Again);
        Assert.Contains("29 × more", mail.Text, StringComparison.Ordinal);
        Assert.Contains("Someone could not confirm with your device", mail.Text, StringComparison.Ordinal);
        Assert.Contains("/not-me/", mail.Text, StringComparison.Ordinal);
        Assert.Empty(await own.RowsAsync<GatheredNotice>(_ => true));
    }

    [Fact]
    public async Task Sign_ins_from_new_browsers_are_gathered_by_address()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();

        foreach (var address in (string[])["192.0.2.1", "192.0.2.1", "192.0.2.1", "203.0.113.9"])
        {
            await TellAsync(own, user, Notice.NewBrowser, "Firefox, Linux", address);
        }

        await own.SettledAsync();
        Assert.Equal(2, own.Email.To(user.Email).Count(m => m.Template == "notice-new-browser"));
        own.Clock.Advance(Window);
        await DigestAsync(own);
        Assert.Contains("2 × more", Assert.Single(own.Email.To(user.Email), m => m.Template == Again).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_changes_something_is_told_each_time_up_to_the_shield_s_ceiling_and_counted_beyond()
    {
        await using var own = await server.FreshAsync(("Shield:NoticesOfAKindDaily", "3"));
        var user = await own.UserAsync();

        for (var i = 0; i < 5; i++)
        {
            await TellAsync(own, user, Notice.DeviceSuspended, "app", "phone");
        }

        // Another kind has a ceiling of its own: noise of one does not hide the other.
        await TellAsync(own, user, Notice.NumberReplaced, "1", "2");
        await own.SettledAsync();
        Assert.Equal(3, own.Sms.To(user.Mobile).Count(m => m.Template == "notice-device-suspended"));
        Assert.Single(own.Sms.To(user.Mobile), m => m.Template == "notice-number-replaced");

        own.Clock.Advance(Window);
        await DigestAsync(own);

        Assert.Contains("2 × more", Assert.Single(own.Sms.To(user.Mobile), m => m.Template == Again).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_nodes_tell_of_it_once()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        await TellAsync(own, user, Notice.SecondFactorFailed, "192.0.2.1");
        await TellAsync(own, user, Notice.SecondFactorFailed, "192.0.2.2");
        own.Clock.Advance(Window);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DigestAsync(own)));

        Assert.Single(await own.RowsAsync<Message>(m => m.Template == Again && m.Channel == MessageChannel.Sms));
    }

    private static Task<bool> TellAsync(CountersignServer own, TestUser user, Notice notice, params string[] arguments) =>
        own.WriteAsync(async (db, ct) =>
        {
            var view = (await own.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
            await own.App.Services.GetRequiredService<NoticeBoard>().TellAsync(db, view, notice, except: null, ct, arguments);
            return true;
        });

    private static async Task DigestAsync(CountersignServer own)
    {
        await own.App.Services.GetRequiredService<NoticeDigests>().RunOnceAsync(TestContext.Current.CancellationToken);
        await own.SettledAsync();
    }
}

public sealed class GatheredNoticesOnSqlite(OnSqlite server) : GatheredNoticeTests(server);

public sealed class GatheredNoticesOnPostgres(OnPostgres server) : GatheredNoticeTests(server);

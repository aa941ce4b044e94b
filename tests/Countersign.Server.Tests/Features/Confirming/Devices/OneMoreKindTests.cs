using System.Globalization;
using Countersign.SampleKind.Doubling;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Confirming.Devices;

/// <summary>
/// A kind of another assembly: a folder and one line of composition, and it is in the picker, in settings, and in every purpose
/// (B6).
/// </summary>
public abstract class OneMoreKindTests(CountersignServer server)
{
    [Fact]
    public async Task It_is_added_chosen_and_signs_in()
    {
        await using var other = await NewAsync();
        var (user, device) = await WithDoublingAsync(other);
        using var browser = other.Browser(language: "zh-Hant");

        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        var home = await CountersignServer.TypeCodeAsync(browser, page, Doubled(page));

        Assert.Contains("加倍", page.Text, StringComparison.Ordinal);
        Assert.Equal("/", home.Path);
        Faults.None(TextFiles.Missing(typeof(DoublingText), ["kind", "about", "label", "add.step"]));
    }

    /// <summary>The ladder: text message → strong device → large withdrawal right away (D2).</summary>
    [Fact]
    [Claim("D2")]
    public async Task However_strong_its_kind_it_has_the_tier_of_what_confirmed_it_until_it_is_old_enough()
    {
        await using var other = await NewAsync();
        var (user, device) = await WithDoublingAsync(other);

        var first = await other.TierAsync(user, device);
        other.Clock.Advance(TimeSpan.FromHours(71));
        var later = await other.TierAsync(user, device);
        other.Clock.Advance(TimeSpan.FromHours(2));
        var trusted = await other.TierAsync(user, device);

        Assert.Equal(("sms", 200_000m), (first.Name, first.Tier.PerDay));
        Assert.Equal("sms", later.Name);
        Assert.True(trusted.Tier.Unlimited);
    }

    /// <summary>A second rung does not help: what a new device confirms has no more than the new device has at that moment.</summary>
    [Fact]
    [Claim("D2")]
    public async Task A_device_that_a_new_one_confirmed_has_no_more_than_the_new_one()
    {
        await using var other = await NewAsync();
        var (user, device) = await WithDoublingAsync(other);
        using var browser = other.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        await CountersignServer.TypeCodeAsync(browser, page, Doubled(page));

        var picker = await CountersignServer.AskToAddAsync(browser, DoublingKind.KindId, "Second");
        var agree = await CountersignServer.ChooseAsync(browser, picker, device);
        var activate = await CountersignServer.TypeCodeAsync(browser, agree, Doubled(agree));
        await CountersignServer.TypeCodeAsync(browser, activate, Doubled(activate));

        var second = (await other.RowsAsync<Device>(d => d.UserId == user.Id && d.Label == "Second")).Single();
        Assert.Equal((DeviceStatus.Active, "sms"), (second.Status, second.Reach));
        Assert.Equal(200_000m, (await other.TierAsync(user, second.Id)).Tier.PerDay);
    }

    private Task<CountersignServer> NewAsync() => server.FreshWithAsync(s => s.AddDoubling(), ("Devices:Addable", DoublingKind.KindId));

    private static async Task<(TestUser User, Guid Device)> WithDoublingAsync(CountersignServer other)
    {
        var user = await other.UserAsync();
        using var browser = other.Browser();
        await other.SignInAsync(browser, user);
        var page = await other.BeginAddingAsync(browser, user, DoublingKind.KindId, "First");
        var done = await CountersignServer.TypeCodeAsync(browser, page, Doubled(page));
        Assert.Equal("/settings/devices", done.Path);
        return (user, (await other.DeviceAsync(user, DoublingKind.KindId)).Id);
    }

    private static string Doubled(TestPage page) =>
        (2 * int.Parse(page.Document.QuerySelector("#number")!.TextContent, CultureInfo.InvariantCulture)).ToString(
            CultureInfo.InvariantCulture);
}

public sealed class OneMoreKindOnSqlite(OnSqlite server) : OneMoreKindTests(server);

public sealed class OneMoreKindOnPostgres(OnPostgres server) : OneMoreKindTests(server);

using System.Net;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Platforms.TopicMessages.Topics;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Platforms.TopicMessages.Topics;

/// <summary>Settings → Messages.</summary>
public abstract class TopicPageTests(CountersignServer server)
{
    [Fact]
    public async Task Topics_start_with_their_defaults_and_keep_what_was_chosen()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await browser.GetAsync("/settings/messages");
        Assert.Equal(["account", "trades", "statements"], Checked(page));

        var saved = await browser.PostAsync("/settings/messages", CountersignServer.Fields(page, ("topic", "marketing")));

        Assert.Equal(HttpStatusCode.OK, saved.Status);
        Assert.NotNull(saved.Document.QuerySelector(".notice--success[role=status]"));
        Assert.Equal(["marketing"], Checked(saved));
        Assert.Equal(["marketing"], Checked(await browser.GetAsync("/settings/messages")));
        Assert.Equal(4, (await server.RowsAsync<TopicChoice>(c => c.UserId == user.Id)).Count);
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.TopicsChosen));
    }

    [Fact]
    public async Task All_can_be_switched_off_but_what_keeps_the_client_safe()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await browser.GetAsync("/settings/messages");

        var saved = await browser.PostAsync("/settings/messages", CountersignServer.Fields(page, ("topic", "no such topic")));

        Assert.Empty(Checked(saved));
        Assert.Contains("cannot be switched off", saved.Text, StringComparison.Ordinal);
        Assert.Equal(
            "/settings/messages",
            (await browser.GetAsync("/settings")).Document.QuerySelector("a[href='/settings/messages']")!.GetAttribute("href"));
    }

    [Fact]
    public async Task A_broker_adds_and_withholds_topics()
    {
        await using var own = await server.FreshAsync(
            ("Topics:Withheld:0", "marketing"), ("Topics:Further:0:Id", "research"), ("Topics:Further:0:English", "Research"),
            ("Topics:Further:0:Traditional", "研究報告"), ("Topics:Further:0:Simplified", "研究报告"), ("Topics:Further:0:On", "true"));
        var user = await own.UserAsync();
        using var browser = own.Browser(language: "zh-HK");
        await own.SignInAsync(browser, user);

        var page = await browser.GetAsync("/settings/messages");

        Assert.Equal(["account", "trades", "statements", "research"], Checked(page));
        Assert.Contains("研究報告", page.Text, StringComparison.Ordinal);
        Assert.Null(page.Document.QuerySelector("input[value='marketing']"));
    }

    private static IEnumerable<string?> Checked(TestPage page) =>
        page.Document.QuerySelectorAll("input[name='topic']").Where(i => i.HasAttribute("checked")).Select(i => i.GetAttribute("value"));
}

public sealed class TopicPageOnSqlite(OnSqlite server) : TopicPageTests(server);

public sealed class TopicPageOnPostgres(OnPostgres server) : TopicPageTests(server);

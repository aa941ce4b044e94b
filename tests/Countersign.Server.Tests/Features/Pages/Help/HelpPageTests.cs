using System.Net;
using Countersign.Server.Features.Pages.Help;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Pages.Help;

/// <summary>The help centre as a person walks it.</summary>
public abstract class HelpPageTests(CountersignServer server)
{
    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hant")]
    [InlineData("zh-Hans")]
    public async Task Every_link_of_every_article_leads_to_a_place_that_exists(string language)
    {
        using var browser = server.Browser(language: language);
        await server.SignInAsync(browser, await server.UserAsync());
        var pages = new Dictionary<string, TestPage>(StringComparer.Ordinal);
        async Task<TestPage> PageAsync(string path) =>
            pages.TryGetValue(path, out var had) ? had : pages[path] = await browser.GetAsync(path);
        var articles = (await PageAsync("/help")).Document.QuerySelectorAll(".help-groups a").Select(a => a.GetAttribute("href")!).ToList();

        Assert.Equal(ArticleIndex.Read().Select(e => "/help/" + e.Slug), articles);
        foreach (var path in articles)
        {
            var article = await PageAsync(path);
            Assert.Empty(article.Document.All.Where(e => !string.IsNullOrEmpty(e.Id)).GroupBy(e => e.Id).Where(g => g.Count() > 1).Select(
                g => $"{path}: {g.Key} twice"));
            foreach (var link in article.Document.QuerySelectorAll("main a[href]").Select(
                a => new Uri(article.Address, a.GetAttribute("href"))))
            {
                var target = await PageAsync(link.PathAndQuery);
                Assert.True(target.Status == HttpStatusCode.OK, $"{path}: {link.PathAndQuery} answers {(int)target.Status}");
                Assert.True(
                    link.Fragment.Length < 2 || target.Document.GetElementById(link.Fragment[1..]) is not null,
                    $"{path}: {link.PathAndQuery} has no {link.Fragment}");
            }
        }
    }

    [Fact]
    public async Task An_article_has_number_contents_references_neighbours_and_a_way_to_people()
    {
        using var browser = server.Browser();

        var page = await browser.GetAsync("/help/no-code");

        var main = page.Document.QuerySelector("main")!;
        Assert.Contains("Article 5", main.TextContent, StringComparison.Ordinal);
        Assert.Equal("#wait", main.QuerySelector("nav[aria-labelledby=contents] a")!.GetAttribute("href"));
        Assert.Contains("2 minutes after the last one", main.TextContent, StringComparison.Ordinal);
        Assert.Equal("7. Confirming your mobile number", main.QuerySelector("a[href='/help/confirm-number#change']")!.TextContent);
        Assert.Equal("#top", main.QuerySelector(".article__end a")!.GetAttribute("href"));
        Assert.Equal("/help/sms-sign-in", main.QuerySelector("a[rel=prev]")!.GetAttribute("href"));
        Assert.Equal("/help/sms-enrolment", main.QuerySelector("a[rel=next]")!.GetAttribute("href"));
        Assert.NotNull(main.QuerySelector("section a[href='/client-services']"));
    }

    [Fact]
    public async Task A_fact_is_what_is_in_force_here()
    {
        await using var own = await server.FreshAsync(("Regimes:Default:MessageGap", "00:05:00"), ("Site:Name", "A & *B*"));
        using var browser = own.Browser();

        Assert.Contains("5 minutes after the last one", (await browser.GetAsync("/help/no-code")).Text, StringComparison.Ordinal);
        Assert.Contains("At A & *B* you sign in", (await browser.GetAsync("/help/first-steps")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "no code arrives", "no-code")]
    [InlineData("en", "PASSWORDS", "password")]
    [InlineData("en", "ndnc", "no-code")]
    [InlineData("en", "I lost my phone", "devices")]
    [InlineData("zh-Hant", "收不到短訊", "no-code")]
    [InlineData("zh-Hant", "交易限制", "trade-restrictions")]
    [InlineData("zh-Hans", "手机丢失", "devices")]
    [InlineData("zh-Hans", "确认手机号码", "confirm-number")]
    public async Task Search_finds(string language, string question, string slug)
    {
        using var browser = server.Browser(language: language);

        var page = await browser.GetAsync("/help?q=" + Uri.EscapeDataString(question));

        var found = page.Document.QuerySelectorAll("[aria-labelledby=found] li a").Select(a => a.GetAttribute("href")).ToList();
        Assert.Contains("/help/" + slug, found.Take(3));
    }

    [Theory]
    [InlineData("zzzzzz")]
    [InlineData("\"><script>alert(1)</script>")]
    [InlineData("\ud800")]
    [InlineData("%00%ff")]
    public async Task Search_that_finds_nothing_says_so_and_shows_the_list(string question)
    {
        using var browser = server.Browser();

        var page = await browser.GetAsync("/help?q=" + Uri.EscapeDataString("xqz " + question));

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.NotNull(page.Document.QuerySelector("main .notice a[href='/client-services']"));
        Assert.NotNull(page.Document.QuerySelector(".help-groups"));
        Assert.Empty(page.Document.QuerySelectorAll("script:not([src])"));
    }

    [Fact]
    public async Task A_long_question_is_cut()
    {
        using var browser = server.Browser();

        var page = await browser.GetAsync("/help?q=" + new string('x', 5000));

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(100, page.Document.QuerySelector("#q")!.GetAttribute("value")!.Length);
    }

    [Theory]
    [InlineData("/help/nowhere")]
    [InlineData("/help/%3Cscript%3E")]
    public async Task An_unknown_article_is_not_found_and_can_be_searched_for(string path)
    {
        using var browser = server.Browser();

        var page = await browser.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.NotNull(page.Document.QuerySelector("form[action='/help'] input[name=q]"));
        Assert.NotNull(page.Document.QuerySelector("main a[href='/client-services']"));
        Assert.DoesNotContain("<script>", page.Html, StringComparison.Ordinal);
    }
}

public sealed class HelpPagesOnSqlite(OnSqlite server) : HelpPageTests(server);

public sealed class HelpPagesOnPostgres(OnPostgres server) : HelpPageTests(server);

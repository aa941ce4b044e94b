using System.Globalization;
using System.Net;
using System.Xml.Linq;
using Countersign.Server.Features.Pages.Help;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Pages.Help;

/// <summary>The feed is one that readers take (RFC 4287).</summary>
public abstract class HelpFeedTests(CountersignServer server)
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    [Theory]
    [InlineData("en", "/help/feed", "en", "I did not get a code")]
    [InlineData("zh-HK", "/help/feed", "zh-Hant", "收不到編碼")]
    [InlineData("en", "/help/feed?lang=zh-Hans", "zh-Hans", "收不到安全码")]
    [InlineData("en", "/help/feed?lang=xx", "en", "I did not get a code")]
    public async Task It_lists_every_article_with_absolute_links_in(string accepts, string path, string language, string title)
    {
        using var browser = server.Browser(language: accepts);

        var answer = await browser.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("application/atom+xml", answer.Response.Content.Headers.ContentType!.MediaType);
        var feed = XDocument.Parse(answer.Html).Root!;
        Assert.Equal(Atom + "feed", feed.Name);
        Assert.Equal(language, feed.Attribute(XNamespace.Xml + "lang")!.Value);
        Assert.NotNull(feed.Element(Atom + "author")!.Element(Atom + "name"));
        var entries = feed.Elements(Atom + "entry").ToList();
        Assert.Equal(ArticleIndex.Read().Count, entries.Count);
        Assert.Contains("5. " + title, entries.Select(e => e.Element(Atom + "title")!.Value));
        var ids = entries.Prepend(feed).Select(e => e.Element(Atom + "id")!.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(
            ids.Concat(feed.Descendants(Atom + "link").Select(l => l.Attribute("href")!.Value)),
            a => Assert.StartsWith("https://broker.example/help", a, StringComparison.Ordinal));
        Assert.All(entries, e => Assert.NotEmpty(e.Element(Atom + "summary")!.Value));
        var dates = entries.Select(e => DateTimeOffset.Parse(e.Element(Atom + "updated")!.Value, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(dates.OrderDescending(), dates);
        Assert.Equal(dates.Max(), DateTimeOffset.Parse(feed.Element(Atom + "updated")!.Value, CultureInfo.InvariantCulture));
    }
}

public sealed class HelpFeedOnSqlite(OnSqlite server) : HelpFeedTests(server);

public sealed class HelpFeedOnPostgres(OnPostgres server) : HelpFeedTests(server);

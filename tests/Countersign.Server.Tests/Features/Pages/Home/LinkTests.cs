using System.Net;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Pages.Home;

/// <summary>Walks wherever links lead, from the home page and from the sign-in page.</summary>
public abstract class LinkTests(CountersignServer server)
{
    [Theory]
    [InlineData("en", "en")]
    [InlineData("zh-HK", "zh-Hant")]
    [InlineData("zh-CN", "zh-Hans")]
    public async Task Every_link_of_every_page_leads_somewhere(string language, string shown)
    {
        var user = await server.UserAsync();
        using var signedIn = server.Browser(language: language);
        using var stranger = server.Browser(language: language);
        await server.SignInAsync(signedIn, user);

        var inside = await WalkAsync(signedIn, "/");
        var outside = await WalkAsync(stranger, "/sign-in");

        Assert.Superset(new HashSet<string>
        {
            "/",
            "/settings",
            "/settings/security",
            "/settings/password",
            "/help",
            "/help/no-code",
            "/help/feed",
            "/client-services",
            "/regulations",
        }, inside.Keys.ToHashSet());
        Assert.Superset(
            new HashSet<string> { "/sign-in", "/help", "/help/cannot-sign-in", "/help/feed", "/client-services", "/regulations" },
            outside.Keys.ToHashSet());
        Assert.All(inside.Values.Concat(outside.Values), page =>
        {
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.True(!IsPage(page) || page.Document.DocumentElement.GetAttribute("lang") == shown, page.Address.ToString());
        });
    }

    private static async Task<Dictionary<string, TestPage>> WalkAsync(TestBrowser browser, string start)
    {
        var seen = new Dictionary<string, TestPage>(StringComparer.Ordinal);
        var links = new List<(string From, string Path, string Fragment)>();
        var waiting = new Queue<string>([start]);
        while (waiting.TryDequeue(out var path))
        {
            if (seen.ContainsKey(path))
            {
                continue;
            }

            var page = await browser.GetAsync(path);
            seen.Add(path, page);
            foreach (var target in IsPage(page) ? Targets(page) : [])
            {
                links.Add((path, target.PathAndQuery, target.Fragment));
                waiting.Enqueue(target.PathAndQuery);
            }
        }

        // A link into a page needs the place that it names.
        Assert.All(
            links.Where(l => l.Fragment.Length > 1),
            l => Assert.True(seen[l.Path].Document.GetElementById(l.Fragment[1..]) is not null, $"{l.From} links to {l.Path}{l.Fragment}"));
        return seen;
    }

    private static IEnumerable<Uri> Targets(TestPage page) =>
        page.Document.QuerySelectorAll("a[href], link[href]").Select(e => e.GetAttribute("href")!)
            .Concat(page.Document.QuerySelectorAll("script[src]").Select(e => e.GetAttribute("src")!))
            .Select(href => new Uri(page.Address, href)).Where(target => target.Authority == page.Address.Authority);

    private static bool IsPage(TestPage page) => page.Response.Content.Headers.ContentType?.MediaType == "text/html";
}

public sealed class LinksOnSqlite(OnSqlite server) : LinkTests(server);

public sealed class LinksOnPostgres(OnPostgres server) : LinkTests(server);

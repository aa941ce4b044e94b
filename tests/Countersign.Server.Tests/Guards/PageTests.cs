using System.Net;
using System.Text.RegularExpressions;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Guards;

/// <summary>What holds for every page there is, those to come included: pages are found by their addresses and by their links.</summary>
public sealed partial class PageTests(OnSqlite server)
{
    // What HTML itself knows of: all that our pages need. A new element is added here on purpose, or is a tag helper that did not run.
    private static readonly HashSet<string> Elements =
    [
        "html", "head", "meta", "title", "link", "script", "template", "body", "header", "main", "nav", "aside", "footer", "section",
        "h1", "h2", "h3", "p", "a", "span", "strong", "code", "b", "br", "time", "noscript",
        "ul", "ol", "li", "dl", "dt", "dd", "div", "form", "fieldset", "legend", "label", "input", "button", "select", "option",
        "details", "summary", "dialog", "svg", "path", "article",
        "table", "caption", "thead", "tbody", "tr", "th", "td",
    ];

    private static readonly int[] WordedStatuses = [400, 403, 404, 405, 413, 429, 500, 503];

    // Razor's own, and the tag helpers that may stand in a source.
    private static readonly HashSet<string> Helpers = ["text", "partial", "icon"];

    [Fact]
    public void A_source_has_no_unknown_element() =>
        Faults.None(from page in PageSources.All
                    from Match tag in OpeningTag().Matches(page.Text)
                    let name = tag.Groups["name"].Value
                    where !Elements.Contains(name) && !Helpers.Contains(name)
                    select $"{page.Path}: <{name}>");

    /// <summary>The content policy would stop them without a word.</summary>
    [Fact]
    public void A_source_has_no_inline_style_script_or_handler()
    {
        Assert.NotEmpty(PageSources.All);
        Faults.None(from page in PageSources.All
                    from Match found in Inline().Matches(page.Text)
                    select $"{page.Path}: {found.Value}");
    }

    [Fact]
    public void A_source_picks_icons_that_exist()
    {
        var drawn = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Countersign.Server", "wwwroot", "icons"), "*.svg")
            .Select(f => Path.GetFileNameWithoutExtension(f))
            .ToHashSet();
        var styles = File.ReadAllText(Path.Combine(Repository.Root, "src", "Countersign.Server", "wwwroot", "css", "icons.css"));
        var asked = (from page in PageSources.All from Match icon in Icon().Matches(page.Text) select icon.Groups["name"].Value)
            .ToHashSet();

        Assert.NotEmpty(asked);
        Assert.All(asked, i => Assert.Contains(i, drawn));
        Assert.All(asked, i => Assert.Contains($".icon--{i} ", styles, StringComparison.Ordinal));
    }

    /// <summary>
    /// An <c>internal</c> tag helper is passed over in silence, and a forgotten token is only missed when a form is sent.
    /// </summary>
    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hant")]
    [InlineData("zh-Hans")]
    public async Task A_page_is_what_its_source_meant(string language)
    {
        using var client = server.Browser(language: language);
        var faults = new List<string>();
        foreach (var page in await PagesAsync(language, client))
        {
            var document = page.Document;
            faults.AddRange(document.All.Where(e => !Elements.Contains(e.LocalName)).Select(e => $"{page.Path}: <{e.LocalName}> was sent"));
            faults.AddRange(document.All.SelectMany(e => e.Attributes, (e, a) => (Element: e, a.Name)).Where(a => IsForeign(a.Name)).Select(
                a => $"{page.Path}: <{a.Element.LocalName} {a.Name}> was sent"));
            faults.AddRange(document.QuerySelectorAll("script:not([src])").Select(_ => $"{page.Path}: a script in the page"));
            faults.AddRange(document.QuerySelectorAll("form[method=post]")
                .Where(f => f.QuerySelector($"[name='{CountersignServer.FormToken}']") is null)
                .Select(f => $"{page.Path}: no token in {f.OuterHtml}"));
            faults.AddRange(document.All.Where(e => !string.IsNullOrEmpty(e.Id)).GroupBy(e => e.Id).Where(g => g.Count() > 1).Select(
                g => $"{page.Path}: {g.Count()} elements are {g.Key}"));
            if (document.DocumentElement.GetAttribute("lang") != language)
            {
                faults.Add($"{page.Path}: in {document.DocumentElement.GetAttribute("lang")}");
            }

            if (document.QuerySelectorAll("h1").Length != 1
                || document.QuerySelectorAll("main#main").Length != 1
                || string.IsNullOrEmpty(document.Title)
                || document.Title.StartsWith('·'))
            {
                faults.Add($"{page.Path}: title “{document.Title}”, {document.QuerySelectorAll("h1").Length} first headings");
            }
        }

        Faults.None(faults);
    }

    [Fact]
    public async Task No_link_is_dead()
    {
        // By the one who saw it: a link to a device of one's own leads nobody else anywhere.
        using var browser = server.Browser();
        var faults = new List<string>();
        foreach (var page in await PagesAsync("en", browser))
        {
            foreach (var href in page.Document.QuerySelectorAll("a[href], link[href], script[src]")
                .Select(e => e.GetAttribute("href") ?? e.GetAttribute("src")!)
                .Distinct())
            {
                var target = await browser.GetAsync(new Uri(page.Address, href).PathAndQuery);
                var place = new Uri(page.Address, href).Fragment.TrimStart('#');
                var here = href.StartsWith('#') ? page.Document : target.Document;
                if (!href.StartsWith('#') && target.Status != HttpStatusCode.OK)
                {
                    faults.Add($"{page.Path}: {href} answers {(int)target.Status}");
                }
                else if (place.Length > 0 && here.GetElementById(place) is null)
                {
                    faults.Add($"{page.Path}: {href} has no such place");
                }
            }
        }

        Faults.None(faults);
    }

    private static bool IsForeign(string attribute) => attribute == "style"
        || attribute.StartsWith("on", StringComparison.Ordinal)
        || attribute.StartsWith("asp-", StringComparison.Ordinal);

    /// <summary>Every page without a parameter, to a stranger and to a client, and the states of a sign-in between the two.</summary>
    private async Task<IReadOnlyList<TestPage>> PagesAsync(string language, TestBrowser client)
    {
        var user = await server.UserAsync();
        using var stranger = server.Browser(language: language);
        List<TestPage> pages =
        [
            await stranger.GetAsync("/sign-in?ended=1"),
            await CountersignServer.TypePasswordAsync(stranger, user.Name, "not the password"),
            await stranger.GetAsync("/sign-in/nothing"),
            await stranger.PostAsync("/sign-out", new Dictionary<string, string>()),
        ];
        pages.AddRange(await Task.WhenAll(WordedStatuses.Select(c => stranger.GetAsync($"/error/{c}"))));

        var code = await CountersignServer.TypePasswordAsync(client, user.Name, user.Password);
        var right = await server.CodeAsync(user);
        pages.Add(code);
        pages.Add(await client.GetAsync(code.Path + "?choose=true"));
        pages.Add(await CountersignServer.TypeCodeAsync(client, code, "12"));
        pages.Add(await CountersignServer.TypeCodeAsync(client, code, CountersignServer.WrongCode(right)));
        pages.Add(await CountersignServer.TypeCodeAsync(client, code, right));
        pages.Add(await client.GetAsync("/nowhere"));
        foreach (var route in server.Routes().Where(r => !r.Contains('{', StringComparison.Ordinal)))
        {
            pages.Add(await stranger.GetAsync(route));
            pages.Add(await client.GetAsync(route));
        }

        return [.. pages.Where(p => p.Response.Content.Headers.ContentType?.MediaType == "text/html")];
    }

    [GeneratedRegex(@"<(?<name>[a-z][a-z0-9-]*)(?=[\s/>])")]
    private static partial Regex OpeningTag();

    [GeneratedRegex(@"<style\b|<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=|javascript:|Html\.Raw")]
    private static partial Regex Inline();

    [GeneratedRegex(@"<icon name=""(?<name>[a-z-]+)""")]
    private static partial Regex Icon();
}

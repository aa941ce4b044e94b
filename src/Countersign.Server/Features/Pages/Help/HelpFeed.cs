using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>The articles as an Atom feed (RFC 4287), the newest first: for readers that tell when one changed.</summary>
internal static class HelpFeed
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    public static ContentHttpResult Answer(
        HttpContext http, HelpLibrary library, IOptions<SiteOptions> site, IStringLocalizer<HelpText> texts, string? lang)
    {
        var language = Languages.Match(lang) ?? CultureInfo.CurrentUICulture;

        // Of the language that is answered in, whichever the request would have got.
        CultureInfo.CurrentUICulture = language;
        http.Response.Headers.ContentLanguage = language.Name;
        http.Response.Headers.Vary = "Accept-Language, Cookie";
        return TypedResults.Text(
            Write(Feed(
                library.In(language), language, new Uri(site.Value.PublicUrl), $"{site.Value.Name}: {texts["title"]}", site.Value.Name)),
            "application/atom+xml",
            Encoding.UTF8);
    }

    private static XElement Feed(HelpShelf shelf, CultureInfo language, Uri home, string title, string author)
    {
        var self = new Uri(home, "/help/feed?lang=" + language.Name).AbsoluteUri;
        return new XElement(
            Atom + "feed",
            new XAttribute(XNamespace.Xml + "lang", language.Name),
            new XElement(Atom + "id", self),
            new XElement(Atom + "title", title),
            new XElement(Atom + "updated", Instant(shelf.Articles.Max(a => a.Entry.Changed))),
            new XElement(Atom + "author", new XElement(Atom + "name", author)),
            Link("self", "application/atom+xml", self),
            Link("alternate", "text/html", new Uri(home, "/help").AbsoluteUri),
            shelf.Articles.OrderByDescending(a => a.Entry.Changed).ThenByDescending(a => a.Entry.Number).Select(
                a => Entry(a, language, home)));
    }

    /// <summary>An entry is the article in one language: its translations have ids of their own.</summary>
    private static XElement Entry(HelpArticle article, CultureInfo language, Uri home) => new(
        Atom + "entry",
        new XElement(Atom + "id", new Uri(home, $"{article.Path}?lang={language.Name}").AbsoluteUri),
        new XElement(Atom + "title", article.Numbered),
        new XElement(Atom + "updated", Instant(article.Entry.Changed)),
        Link("alternate", "text/html", new Uri(home, article.Path).AbsoluteUri),
        new XElement(Atom + "category", new XAttribute("term", article.Entry.Group)),
        new XElement(Atom + "summary", article.Summary));

    private static XElement Link(string relation, string type, string address) =>
        new(Atom + "link", new XAttribute("rel", relation), new XAttribute("type", type), new XAttribute("href", address));

    private static string Instant(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "T00:00:00Z";

    private static string Write(XElement feed)
    {
        using var text = new Utf8Writer();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Encoding = Encoding.UTF8 }))
        {
            feed.Save(xml);
        }

        return text.ToString();
    }

    /// <summary>A writer that says the encoding in which the text will be sent.</summary>
    private sealed class Utf8Writer() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}

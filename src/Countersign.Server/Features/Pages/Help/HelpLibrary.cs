using System.Globalization;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>All articles in all languages, made once at the start: a mistake in one of them stops it.</summary>
internal sealed class HelpLibrary
{
    private readonly Dictionary<string, HelpShelf> _shelves;

    public HelpLibrary(HelpFacts facts)
    {
        var index = ArticleIndex.Read();
        _shelves = Languages.All.ToDictionary(l => l.Name, l => Fill(index, l, facts.In(l)), StringComparer.Ordinal);
    }

    /// <summary>The articles in a language of the product.</summary>
    public HelpShelf In(CultureInfo language) => _shelves[language.Name];

    private static HelpShelf Fill(IReadOnlyList<ArticleEntry> index, CultureInfo language, IReadOnlyDictionary<string, string> facts)
    {
        var sources = index.Select(e => ArticleFiles.Read(e, language)).ToDictionary(s => s.Entry.Slug, StringComparer.Ordinal);
        var markdown = new ArticleMarkdown(sources.GetValueOrDefault, facts);
        return new HelpShelf([.. sources.Values.Select(markdown.Render)]);
    }
}

/// <summary>The articles in one language, in the order of the index.</summary>
internal sealed class HelpShelf(IReadOnlyList<HelpArticle> articles)
{
    private readonly HelpSearch _search = new(articles);

    public IReadOnlyList<HelpArticle> Articles => articles;

    public HelpArticle? Find(string slug) => articles.FirstOrDefault(a => a.Entry.Slug == slug);

    public HelpArticle? Before(HelpArticle article) => articles.TakeWhile(a => a != article).LastOrDefault();

    public HelpArticle? After(HelpArticle article) => articles.SkipWhile(a => a != article).Skip(1).FirstOrDefault();

    /// <summary>The articles that say what was asked for, the best first.</summary>
    public IReadOnlyList<HelpArticle> Search(string asked) => _search.Find(asked);
}

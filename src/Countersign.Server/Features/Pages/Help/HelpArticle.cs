using Microsoft.AspNetCore.Html;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>A heading of an article, for its table of contents.</summary>
internal sealed record HelpHeading(int Level, string Anchor, string Text);

/// <summary>An article in one language, ready to be shown.</summary>
/// <param name="Summary">Its first paragraph, as plain text.</param>
/// <param name="Words">All it says, as plain text.</param>
internal sealed record HelpArticle(
    ArticleEntry Entry, string Title, string Summary, IReadOnlyList<HelpHeading> Headings, IHtmlContent Body, string Words)
{
    public string Path => "/help/" + Entry.Slug;

    /// <summary>Number and title, as everything that leads to it reads.</summary>
    public string Numbered => $"{Entry.Number}. {Title}";
}

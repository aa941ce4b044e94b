using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>All articles by group, and a search through them.</summary>
[AllowAnonymous]
internal sealed class IndexModel(HelpLibrary library) : PageModel
{
    [BindProperty(Name = "q", SupportsGet = true)]
    public string? Question { get; set; }

    public IReadOnlyList<HelpArticle> Articles { get; private set; } = [];

    /// <summary>What was found; null when nothing was asked.</summary>
    public IReadOnlyList<HelpArticle>? Found { get; private set; }

    public void OnGet()
    {
        var shelf = library.In(CultureInfo.CurrentUICulture);
        Articles = shelf.Articles;
        Question = Question?.Trim();
        if (Question is { Length: > 0 })
        {
            Question = Question[..Math.Min(Question.Length, HelpSearch.LongestQuestion)];
            Found = shelf.Search(Question);
        }
    }
}

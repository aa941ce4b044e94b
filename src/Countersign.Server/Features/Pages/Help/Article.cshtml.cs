using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>One article; where there is none, a page that helps to find another.</summary>
[AllowAnonymous]
internal sealed class ArticleModel(HelpLibrary library) : PageModel
{
    private const int FewestHeadingsForContents = 3;

    public HelpArticle? Article { get; private set; }

    public HelpArticle? Before { get; private set; }

    public HelpArticle? After { get; private set; }

    public IReadOnlyList<HelpHeading> Contents { get; private set; } = [];

    public IActionResult OnGet([FromRoute] string slug)
    {
        var shelf = library.In(CultureInfo.CurrentUICulture);
        Article = shelf.Find(slug);
        if (Article is null)
        {
            Response.StatusCode = StatusCodes.Status404NotFound;
            return Page();
        }

        (Before, After) = (shelf.Before(Article), shelf.After(Article));
        Contents = Article.Headings.Count >= FewestHeadingsForContents ? Article.Headings : [];
        return Page();
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Errors;

/// <summary>The page for a status without a page of its own.</summary>
[AllowAnonymous]
[IgnoreAntiforgeryToken]
[ResponseCache(NoStore = true)]
internal sealed class ErrorModel : PageModel
{
    /// <summary>Read from the route itself: after a form that cannot be read nothing is bound.</summary>
    public int Code => int.TryParse(RouteData.Values["code"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : StatusCodes.Status404NotFound;

    /// <summary>The codes that have words of their own; the rest share those of 400 and 500.</summary>
    public int Worded => Code is 400 or 403 or 404 or 405 or 413 or 429 or 500 or 503 ? Code : Code >= 500 ? 500 : 400;

    public int Shown => Response.StatusCode;

    public void OnGet() => Response.StatusCode = Code is >= 400 and < 600 ? Code : 404;

    public void OnPost() => OnGet();
}

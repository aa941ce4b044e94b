using System.Globalization;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Pages.Errors;

/// <summary>The page for a status without a page of its own.</summary>
[AllowAnonymous]
[IgnoreAntiforgeryToken]
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
internal sealed class ErrorModel(TimeProvider time) : PageModel
{
    /// <summary>Longer waits are said in words: a clock that runs for hours helps nobody.</summary>
    private static readonly TimeSpan LongestCountdown = TimeSpan.FromMinutes(10);

    /// <summary>Read from the route itself: after a form that cannot be read nothing is bound.</summary>
    public int Code => int.TryParse(RouteData.Values["code"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
        ? code
        : StatusCodes.Status404NotFound;

    /// <summary>The codes that have words of their own; the rest share those of 400 and 500.</summary>
    public int Worded => Code is 400 or 403 or 404 or 405 or 409 or 413 or 429 or 500 or 503 ? Code : Code >= 500 ? 500 : 400;

    public int Shown => Response.StatusCode;

    /// <summary>The page that was asked for, where asking again can help; null where it cannot or where there is no such page.</summary>
    public string? AgainPath => Worded is 400 or 429 or 500 or 503 ? Original : null;

    /// <summary>Where a change of language leads back to.</summary>
    public string Here => Original ?? "/";

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>How long to wait before asking again, if the answer says so.</summary>
    public TimeSpan? Wait =>
        int.TryParse(Response.Headers.RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && TimeSpan.FromSeconds(seconds) is var wait
            && wait <= LongestCountdown ? wait : null;

    /// <summary>The address that failed, if it can be asked for: a page also answers where its form failed, an endpoint may not.</summary>
    private string? Original =>
        HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is { } failed
            && (HttpMethods.IsGet(Request.Method) || failed.Endpoint?.Metadata.GetMetadata<PageActionDescriptor>() is not null)
            ? LocalPath.Or(new PathString(failed.OriginalPath).ToUriComponent() + failed.OriginalQueryString, "/")
            : null;

    public void OnGet() => Response.StatusCode = Code is >= 400 and < 600 ? Code : 404;

    public void OnPost() => OnGet();
}

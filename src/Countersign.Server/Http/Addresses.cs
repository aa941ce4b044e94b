using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Net.Http.Headers;

namespace Countersign.Server.Http;

/// <summary>
/// Says by the status what an address is, before anybody is asked to sign in: what is not there is 404, and what takes no such
/// method is 405, for strangers as for clients.
/// </summary>
internal static class Addresses
{
    /// <summary>HEAD is GET without the body (RFC 9110 §9.3.2), which the server itself leaves out. Stands outermost.</summary>
    public static void UseHeadAsGet(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await next(http);
            return;
        }

        http.Request.Method = HttpMethods.Get;
        http.Items[typeof(Addresses)] = HttpMethods.Head;
        try
        {
            await next(http);
        }
        finally
        {
            http.Request.Method = HttpMethods.Head;
        }
    });

    /// <summary>Whether only the head of the answer is wanted: what would follow it for minutes need not begin.</summary>
    public static bool WantsHeadOnly(this HttpContext http) => http.Items.ContainsKey(typeof(Addresses));

    /// <summary>Stands between authentication, in which OpenIddict answers its own addresses, and authorisation.</summary>
    public static void UseKnownAddresses(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        // The page that says what went wrong is shown whatever was asked for.
        if (http.Features.Get<IStatusCodeReExecuteFeature>() is not null)
        {
            return next(http);
        }

        return http.GetEndpoint() switch
        {
            null => AnswerAsync(http, StatusCodes.Status404NotFound),

            // Routing's own answer to a wrong method or type, which knows of no permission.
            { RequestDelegate: { } own } and not RouteEndpoint => own(http),
            { } found when found.Metadata.GetMetadata<CompiledPageActionDescriptor>() is { } page && Refusal(http, page) is { } status =>
                AnswerAsync(http, status, Allowed(page)),
            _ => next(http),
        };
    });

    /// <summary>A page without the handler that is asked for would be shown empty-handed.</summary>
    private static int? Refusal(HttpContext http, CompiledPageActionDescriptor page)
    {
        if (HttpMethods.IsGet(http.Request.Method))
        {
            return null;
        }

        var handlers = page.HandlerMethods.Where(h => HttpMethods.Equals(h.HttpMethod, http.Request.Method)).ToList();
        if (handlers.Count == 0)
        {
            return StatusCodes.Status405MethodNotAllowed;
        }

        var name = http.Request.Query["handler"].ToString();
        return handlers.Exists(h => string.Equals(h.Name ?? string.Empty, name, StringComparison.OrdinalIgnoreCase))
            ? null
            : StatusCodes.Status404NotFound;
    }

    private static string Allowed(CompiledPageActionDescriptor page) =>
        page.HandlerMethods.Any(h => HttpMethods.IsPost(h.HttpMethod)) ? "GET, HEAD, POST" : "GET, HEAD";

    private static Task AnswerAsync(HttpContext http, int status, string? allow = null)
    {
        http.Response.StatusCode = status;
        if (status == StatusCodes.Status405MethodNotAllowed)
        {
            http.Response.Headers[HeaderNames.Allow] = allow;
        }

        return Task.CompletedTask;
    }

    /// <summary>Addresses that browsers, password managers and robots ask every site for.</summary>
    public static void MapWellKnown(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(string.Empty).AllowAnonymous().WithTags("Well known");
        group.MapGet("/favicon.ico", () => TypedResults.LocalRedirect("/favicon.svg", permanent: true));
        group.MapGet("/robots.txt", () => TypedResults.Text("User-agent: *\nDisallow: /\n"));
        group.MapGet("/.well-known/change-password", () => TypedResults.LocalRedirect("/settings/password"));
    }
}

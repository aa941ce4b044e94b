using Microsoft.AspNetCore.Authorization;

namespace Countersign.Server.Features.Programs.Api;

/// <summary>Keeps below <c>/api</c> what pages do elsewhere from happening: no page for an error, no way to the sign-in.</summary>
internal static class ApiPipeline
{
    private const string Root = "/api";

    /// <summary>Gives every bare status a problem. Stands inside the pages for statuses and around the exception handler.</summary>
    public static void UseApiProblems(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        await next(http);
        if (IsApi(http) && http.Response is { StatusCode: >= StatusCodes.Status400BadRequest, HasStarted: false, ContentType: null })
        {
            if (http.Response.StatusCode == StatusCodes.Status403Forbidden
                && http.GetEndpoint()?.Metadata.GetMetadata<ScopeRequired>() is { } required)
            {
                // RFC 6750 §3.1.
                http.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{required.Scope}\"";
            }

            await new ApiRefusal(ApiErrors.Of(http.Response.StatusCode), status: http.Response.StatusCode).ExecuteAsync(http);
        }
    });

    /// <summary>
    /// Answers an address that does not exist, or not in this way, before anybody is asked to sign in. Stands after routing.
    /// </summary>
    public static void UseApiAddresses(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (!IsApi(http) || http.GetEndpoint() is { } found && found.Metadata.GetMetadata<IAuthorizeData>() is not null)
        {
            return next(http);
        }

        if (http.GetEndpoint()?.RequestDelegate is { } wrongWay)
        {
            // Routing's own answer: 405 with Allow, or 415.
            return wrongWay(http);
        }

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    private static bool IsApi(HttpContext http) => http.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);
}

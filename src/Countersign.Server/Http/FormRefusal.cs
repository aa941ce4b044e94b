using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;

namespace Countersign.Server.Http;

/// <summary>
/// Answers a form of an endpoint that lacks a good token, as the pages do by themselves: 400, with the page that says why.
/// </summary>
internal static class FormRefusal
{
    public static void UseFormRefusal(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false }
            || http.Features.Get<IStatusCodeReExecuteFeature>() is not null)
        {
            return next(http);
        }

        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    });
}

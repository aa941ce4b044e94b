using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Programs.Api;

/// <summary>
/// What is wrong with a field of a request; <paramref name="Field"/> is its path in the body, such as <c>equity.amount</c>.
/// </summary>
internal sealed record FieldFault(string Field, string Why);

/// <summary>A refusal as the API says it: an RFC 9457 problem with <c>code</c>, and with <c>errors</c> where fields are at fault.</summary>
internal sealed class ApiRefusal(Error error, IReadOnlyList<FieldFault>? fields = null, int? status = null) : IResult
{
    public static ApiRefusal Of(IReadOnlyList<FieldFault> fields) => new(ApiErrors.Invalid, fields);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var texts = httpContext.RequestServices.GetRequiredService<IStringLocalizer<ErrorText>>();
        var problem = new ProblemDetails { Status = status ?? error.Status(), Detail = texts.Say(error) };
        problem.Extensions["code"] = error.Code;
        if (fields is not null)
        {
            problem.Extensions["errors"] = fields.GroupBy(f => f.Field, StringComparer.Ordinal).ToDictionary(
                f => f.Key, f => f.Select(x => x.Why).ToArray(), StringComparer.Ordinal);
        }

        if (error.RetryAfter is { } wait)
        {
            httpContext.Response.Headers.RetryAfter = ErrorTextExtensions.Seconds(wait);
        }

        return TypedResults.Problem(problem).ExecuteAsync(httpContext);
    }
}

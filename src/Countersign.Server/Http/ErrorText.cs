using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Http;

/// <summary>Anchor of the texts of refusals, keyed by error code.</summary>
internal sealed class ErrorText;

internal static class ErrorTextExtensions
{
    /// <summary>The refusal in the language of the request.</summary>
    public static string Say(this IStringLocalizer<ErrorText> texts, Error error) => texts[error.Code, error.Arguments];

    /// <summary>The status of a page or answer that carries the refusal.</summary>
    public static int Status(this Error error) => error.Kind switch
    {
        ErrorKind.Invalid => StatusCodes.Status422UnprocessableEntity,
        ErrorKind.Missing => StatusCodes.Status404NotFound,
        ErrorKind.Forbidden => StatusCodes.Status403Forbidden,
        ErrorKind.Conflict => StatusCodes.Status409Conflict,
        ErrorKind.Throttled => StatusCodes.Status429TooManyRequests,
        ErrorKind.Overloaded => StatusCodes.Status503ServiceUnavailable,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The refusal as a problem document (RFC 9457), in the language of the request.</summary>
    public static ProblemHttpResult Problem(this IStringLocalizer<ErrorText> texts, Error error)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = error.Code };
        if (error.RetryAfter is { } wait)
        {
            extensions["retry_after"] = (int)Math.Ceiling(Math.Max(1, wait.TotalSeconds));
        }

        return TypedResults.Problem(texts.Say(error), statusCode: error.Status(), extensions: extensions);
    }

    /// <summary>Sets status and Retry-After of a page that carries the refusal.</summary>
    public static void Mark(this HttpResponse response, Error error)
    {
        response.StatusCode = error.Status();
        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Seconds(wait);
        }
    }

    /// <summary>A wait as <c>Retry-After</c> takes it: whole seconds, at least one.</summary>
    public static string Seconds(TimeSpan wait) =>
        ((int)Math.Ceiling(Math.Max(1, wait.TotalSeconds))).ToString(System.Globalization.CultureInfo.InvariantCulture);
}

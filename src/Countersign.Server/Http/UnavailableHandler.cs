using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Microsoft.AspNetCore.Diagnostics;

namespace Countersign.Server.Http;

/// <summary>
/// When the database or the writer is away the answer is 503 with Retry-After: fail closed, and say that trying again is right.
/// What is stored and does not open is 409: trying again does not mend it.
/// </summary>
internal sealed class UnavailableHandler(UnavailableLog log) : IExceptionHandler
{
    private const string RetryAfterSeconds = "2";

    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is BadHttpRequestException bad)
        {
            httpContext.Response.StatusCode = bad.StatusCode;
            return new(true);
        }

        if (exception is UnreadableSecretException)
        {
            httpContext.Response.StatusCode = StatusCodes.Status409Conflict;
            return new(true);
        }

        if (exception is not (WriterBusyException or UnknownOutcomeException) && !PassingFault.Is(exception))
        {
            return new(false);
        }

        log.Tell(httpContext, exception);
        httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        httpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
        return new(true);
    }
}

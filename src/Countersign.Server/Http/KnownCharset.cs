using System.Text;
using Microsoft.Net.Http.Headers;

namespace Countersign.Server.Http;

/// <summary>
/// Takes text in UTF-8 alone. The readers of forms and JSON look an encoding up by the name that the sender gives, and throw at one
/// that there is not, or that is switched off: 415 says whose fault it is.
/// </summary>
internal static class KnownCharset
{
    public static void UseKnownCharset(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            && type.Charset.HasValue
            && !type.Charset.Value.Trim('"').Equals(Encoding.UTF8.WebName, StringComparison.OrdinalIgnoreCase))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        return next(http);
    });
}

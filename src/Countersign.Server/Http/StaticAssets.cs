namespace Countersign.Server.Http;

/// <summary>
/// How styles, scripts and icons are served: cached, and asked for again when the release changes (<c>asp-append-version</c> names
/// the content).
/// </summary>
internal static class StaticAssets
{
    public static StaticFileOptions Options => new()
    {
        OnPrepareResponse = c => c.Context.Response.Headers.CacheControl = c.Context.Request.Query.ContainsKey("v")
            ? "public, max-age=31536000, immutable"
            : "no-cache",
    };
}

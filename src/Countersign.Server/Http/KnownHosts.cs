using System.Globalization;
using System.Net;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Http;

/// <summary>
/// Answers only where it was asked by its own name. A page elsewhere whose name leads to this machine for a moment (DNS rebinding) would
/// else read what this machine shows to whoever sits at it.
/// </summary>
internal sealed class KnownHosts(
    RequestDelegate next, IOptions<SiteOptions> site, ServeMode mode, IStringLocalizer<FrameText> texts)
{
    // Probes ask by address, gateways by the address that was set for them; neither is a page that shows something.
    private static readonly PathString[] UnderAnyName = ["/health", "/gateways"];

    private (string Url, string Host) _own = (string.Empty, string.Empty);

    public Task InvokeAsync(HttpContext http) =>
        IsKnown(http.Request.Host) || Array.Exists(UnderAnyName, p => http.Request.Path.StartsWithSegments(p, StringComparison.Ordinal))
            ? next(http)
            : RefuseAsync(http);

    private bool IsKnown(HostString asked)
    {
        if (!asked.HasValue)
        {
            return false;
        }

        var host = asked.Host.AsSpan().TrimEnd('.').Trim("[]").ToString();
        return host.Equals(Own(), StringComparison.OrdinalIgnoreCase)
            || ServeMode.IsLoopback(host)
            || (mode is { Demo: true, Exposed: true } && IPAddress.TryParse(host, out _));
    }

    /// <summary>A demo learns its port only when it listens.</summary>
    private string Own()
    {
        var own = _own;
        if (!ReferenceEquals(own.Url, site.Value.PublicUrl))
        {
            own = (site.Value.PublicUrl, new Uri(site.Value.PublicUrl).IdnHost);
            _own = own;
        }

        return own.Host;
    }

    private async Task RefuseAsync(HttpContext http)
    {
        CultureInfo.CurrentUICulture = Languages.Asked(http.Request) ?? Languages.All[0];
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(texts["host.unknown", site.Value.PublicUrl], http.RequestAborted);
    }
}

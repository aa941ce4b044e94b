using Countersign.Server.Features.SigningIn.SignIn;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Bench.Scenarios;

/// <summary>The browsers that users have signed in with before.</summary>
internal sealed class Browsers(IServiceProvider services)
{
    /// <summary>Of the cookie, without the product's prefix.</summary>
    public const string Cookie = "browser";

    private readonly KnownBrowsers _browsers = services.GetRequiredService<KnownBrowsers>();

    /// <summary>The cookie of a browser that the user has signed in with.</summary>
    public string Of(BenchUser user)
    {
        var http = new DefaultHttpContext { RequestServices = services };
        _browsers.Remember(http, user.Id);
        var cookie = http.Response.Headers.SetCookie.ToString();
        return cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..cookie.IndexOf(';', StringComparison.Ordinal)];
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Primitives;

namespace Countersign.Server.Http;

/// <summary>The languages of the product, and how a request finds its own: the person's choice, then the browser's.</summary>
internal static class Languages
{
    public const string CookieName = "language";

    // The shared, read-only instances: of any other the localisation middleware makes a copy for each request,
    // and each copy reads its number formats anew.
    public static readonly IReadOnlyList<CultureInfo> All =
    [
        CultureInfo.GetCultureInfo("en"), CultureInfo.GetCultureInfo("zh-Hant"), CultureInfo.GetCultureInfo("zh-Hans"),
    ];

    /// <summary>
    /// The product's language for a tag. Plain <c>zh</c> and mainland tags are Simplified, Taiwan, Hong Kong and Macao Traditional.
    /// </summary>
    public static CultureInfo? Match(string? tag)
    {
        if (string.IsNullOrEmpty(tag) || tag.Length > 35)
        {
            return null;
        }

        var parts = tag.Split('-', '_');
        if (parts[0].Equals("en", StringComparison.OrdinalIgnoreCase))
        {
            return All[0];
        }

        if (!parts[0].Equals("zh", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var traditional = parts.Contains("Hant", StringComparer.OrdinalIgnoreCase)
            || (!parts.Contains("Hans", StringComparer.OrdinalIgnoreCase) && parts.Any(p => p.ToUpperInvariant() is "TW" or "HK" or "MO"));
        return traditional ? All[1] : All[2];
    }

    /// <summary>What the browser asks for.</summary>
    public static CultureInfo? Asked(HttpRequest request) =>
        request.GetTypedHeaders().AcceptLanguage
            .Where(l => l.Value.Length <= 35).OrderByDescending(l => l.Quality ?? 1).Select(l => Match(l.Value.Value)).FirstOrDefault(
                l => l is not null);

    public static IServiceCollection AddLanguages(this IServiceCollection services)
    {
        services.AddLocalization();
        return services.Configure<RequestLocalizationOptions>(o =>
        {
            o.DefaultRequestCulture = new RequestCulture(All[0]);
            o.SupportedCultures = [.. All];
            o.SupportedUICultures = [.. All];
            o.ApplyCurrentCultureToResponseHeaders = true;
            o.RequestCultureProviders = [new CustomRequestCultureProvider(Choose)];
        });
    }

    private static Task<ProviderCultureResult?> Choose(HttpContext http)
    {
        var chosen = Match(http.RequestServices.GetRequiredService<Cookies>().Read(http, CookieName))
            ?? Match(http.SignedInPerson()?.Language)
            ?? Asked(http.Request);
        return Task.FromResult(chosen is null ? null : new ProviderCultureResult(new StringSegment(chosen.Name)));
    }
}
